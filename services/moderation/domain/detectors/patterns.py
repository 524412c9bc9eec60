"""Words and patterns that admins add themselves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, ClassVar

import re2
from pydantic import Field, StringConstraints, field_validator

from services.moderation.domain.detectors.contract import Settings
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding, Intent, Span
from services.moderation.domain.text import Normal, normalise
from shared.errors import Invalid

_MEMORY = 1 << 20
"""Bytes that RE2 may use for one pattern; one that needs more is refused."""


class PatternRefused(Invalid):
    """A pattern of an admin cannot be run in time linear in the text, or cannot be read at all."""

    code = "pattern_refused"


class PatternsSettings(Settings):
    """What an admin has added."""

    words: tuple[Annotated[str, StringConstraints(min_length=2, max_length=60)], ...] = Field(
        (),
        max_length=500,
        description="Words and phrases, in every spelling and both scripts; `=word` only as written.",
    )
    patterns: tuple[Annotated[str, StringConstraints(min_length=1, max_length=260)], ...] = Field(
        (),
        max_length=20,
        description="Regular expressions of RE2, matched on the normalised and the original text.",
    )
    allowed: tuple[Annotated[str, StringConstraints(min_length=2, max_length=60)], ...] = Field(
        (), max_length=100, description="Words that are never a hit of `words`."
    )
    intent: Intent = Field(Intent.HOLD, description="What happens to a message with one of them.")

    @field_validator("patterns")
    @classmethod
    def _can_be_run(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                compiled(pattern)
            except PatternRefused as refused:
                raise ValueError(refused.sentence) from refused
        return patterns


class Patterns:
    """Matches the admin's words on folded words, and their patterns with RE2, in time linear in the text."""

    name: ClassVar[str] = "patterns"
    category: ClassVar[Category] = Category.SPAM
    settings: ClassVar[type[Settings]] = PatternsSettings

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return one finding for words and one for patterns."""
        del context
        assert isinstance(settings, PatternsSettings)  # noqa: S101 - the judge has made them by our type
        normal = message.normal
        findings = []
        if spans := _words(normal, settings):
            findings.append(Finding(self.name, "word", Category.SPAM, 0.9, settings.intent, spans))
        if spans := _patterns(normal, settings.patterns):
            findings.append(Finding(self.name, "pattern", Category.SPAM, 0.9, settings.intent, spans))
        return findings


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Any:
    """Return `pattern` compiled by RE2, blind to case.

    Raises:
        PatternRefused: RE2 cannot express it (back references, look-around), or it needs too much memory.
    """
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        found = re2.compile(pattern, options)
        empty = found.search("") is not None
    except re2.error as error:
        detail = error.args[0] if error.args else ""
        text = detail.decode(errors="replace") if isinstance(detail, bytes) else str(detail)
        raise PatternRefused(f"The pattern cannot be used: {text}.") from error
    if empty:
        raise PatternRefused("The pattern cannot be used: it matches the empty text, so every message.")
    return found


@lru_cache(maxsize=4096)
def _entry(word: str) -> tuple[tuple[str, ...], bool]:
    """Return the words of an entry, folded, or as spelled where it begins with `=`; and which of the two."""
    spelled = word.startswith("=")
    normal = normalise(word.lstrip("="))
    return (tuple(token.text for token in normal.tokens) if spelled else normal.folded), spelled


def _words(normal: Normal, settings: PatternsSettings) -> tuple[Span, ...]:
    tokens = normal.tokens
    plain = tuple(token.text for token in tokens)
    allowed = {word for entry in settings.allowed for word in (normalise(entry).text,)}
    spans = []
    for entry in settings.words:
        wanted, spelled = _entry(entry)
        within = plain if spelled else normal.folded
        if not wanted or wanted[0] not in within:
            continue
        for start in range(len(within) - len(wanted) + 1):
            last = start + len(wanted) - 1
            if within[start : last + 1] == wanted and " ".join(plain[start : last + 1]) not in allowed:
                spans.append(normal.span(tokens[start].start, tokens[last].end))
    return tuple(sorted(set(spans)))


def _patterns(normal: Normal, patterns: tuple[str, ...]) -> tuple[Span, ...]:
    spans = []
    for pattern in patterns:
        found = compiled(pattern)
        if (hit := found.search(normal.text)) is not None and hit.start() < hit.end():
            spans.append(normal.span(hit.start(), hit.end()))
        elif (hit := found.search(normal.original)) is not None and hit.start() < hit.end():
            spans.append(Span(hit.start(), hit.end()))
    return tuple(sorted(set(spans)))
