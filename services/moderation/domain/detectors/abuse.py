"""Abuse: slurs in any disguise, and threats, hatred and insults without one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from services.moderation.domain.detectors.contract import Settings
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding, Intent, Span
from services.moderation.domain.lexicon import sections, words
from services.moderation.domain.lexicon.matching import Hit, Lexicon, Severity, shipped
from services.moderation.domain.lexicon.phrases import Phrase, Phrases
from services.moderation.domain.text import EntityKind, Normal, normalise

_SCORES = {Severity.GRAVE: 0.97, Severity.INSULT: 0.85, Severity.MILD: 0.6}
_GUESSED = 0.1
"""How much less sure a word is that was masked or taken apart."""
_KINDS = {"threat": 0.85, "hatred": 0.8, "sexism": 0.75, "insult": 0.7}
_FEW_WORDS = 3
_NEAR = 3
"""How many words away a "you" is still the one that a mild word is meant for."""
_QUOTES = re.compile("\"[^\"\n]{1,400}\"|“[^”\n]{1,400}”|‘[^’\n]{1,400}’|(?<!\\w)'[^'\n]{2,400}'(?!\\w)")
_RELATED = 0.3
"""The score of abuse that is told of rather than done."""


class AbuseSettings(Settings):
    """What a policy can set for the check on abuse."""

    intent: Intent = Field(Intent.REMOVE, description="What happens to slurs and threats.")
    insults: Intent = Field(Intent.HOLD, description="What happens to insults without a slur.")
    allowed: tuple[str, ...] = Field(
        (), max_length=200, description="Words that are fine in this group whatever they resemble."
    )


class Abuse:
    """Finds abuse by the shipped lists: words first, then patterns of what is said without them."""

    name: ClassVar[str] = "abuse"
    category: ClassVar[Category] = Category.ABUSE
    settings: ClassVar[type[Settings]] = AbuseSettings

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon or shipped()
        self._phrases = Phrases("harassment")
        self._aimed = words("second_person")
        self._of_oneself = words("first_person")
        self._telling = {
            kind: frozenset(
                word for section, line in sections("complaints") if section == kind for word in line.split()
            )
            for kind in ("about", "said")
        }

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return the gravest word and one finding for each kind of harassment."""
        del context
        assert isinstance(settings, AbuseSettings)  # noqa: S101 - the judge has made them by our type
        normal = message.normal
        if not normal.tokens:
            return ()
        findings = [*self._of_words(normal, settings), *self._of_phrases(normal, settings)]
        return sorted(findings, key=lambda each: -each.score)

    def _of_words(self, normal: Normal, settings: AbuseSettings) -> list[Finding]:
        allowed = {normalise(word).text for word in settings.allowed}
        hits = [
            hit
            for hit in (*self._lexicon.hits(normal), *self._in_mentions(normal))
            if normal.text[hit.start : hit.end] not in allowed
        ]
        hits = [hit for hit in hits if not _is_mild(normal, hit) or self._is_aimed(normal, hit)]
        if not hits:
            return []
        worst = max(hits, key=lambda hit: _SCORES[hit.severity] - _GUESSED * (not hit.sure))
        spans = tuple(normal.span(hit.start, hit.end) for hit in hits)
        score = _SCORES[worst.severity] - _GUESSED * (not worst.sure)
        intent = settings.intent if worst.severity is Severity.GRAVE else settings.insults
        return [self._finding(normal, f"word_{worst.severity}", score, intent, spans)]

    def _of_phrases(self, normal: Normal, settings: AbuseSettings) -> list[Finding]:
        return [
            self._finding(
                normal,
                phrase.kind,
                _KINDS[phrase.kind],
                settings.intent if phrase.kind == "threat" else settings.insults,
                (_span_of(normal, phrase),),
            )
            for phrase in self._phrases.find(normal)
        ]

    def _finding(
        self, normal: Normal, code: str, score: float, intent: Intent, spans: tuple[Span, ...]
    ) -> Finding:
        if self._is_told(normal, spans):
            most = Intent.REVIEW if code == f"word_{Severity.GRAVE}" else Intent.ALLOW
            score, intent = _RELATED, min(intent, most, key=lambda each: each.rank)
        return Finding(self.name, code, Category.ABUSE, round(score, 3), intent, spans)

    def _in_mentions(self, normal: Normal) -> list[Hit]:
        """Return what looked like an @mention and is a slur that begins with an @ for an a."""
        hits = []
        for entity, mask in zip(
            (entity for entity in normal.entities if entity.kind is EntityKind.MENTION),
            (token for token in normal.tokens if token.text == "<mention>"),
            strict=False,
        ):
            disguised = normalise(f"a{entity.value}")
            hits += [
                Hit(Severity.GRAVE, mask.start, mask.end, sure=False)
                for hit in self._lexicon.hits(disguised)
                if hit.severity is Severity.GRAVE and hit.sure and hit.start == 0
            ]
        return hits

    def _is_aimed(self, normal: Normal, hit: Hit) -> bool:
        """Whether a mild word is meant for somebody: a "you" is near, or hardly anything else is said."""
        tokens = [token.text for token in normal.tokens]
        if len(tokens) <= _FEW_WORDS and self._of_oneself.isdisjoint(tokens):
            return True
        first = next(place for place, token in enumerate(normal.tokens) if token.end > hit.start)
        last = next(place for place, token in enumerate(normal.tokens) if token.end >= hit.end)
        return not self._aimed.isdisjoint(tokens[max(0, first - _NEAR) : last + 1 + _NEAR])

    def _is_told(self, normal: Normal, spans: tuple[Span, ...]) -> bool:
        """Whether the message tells of abuse: it speaks of names that were called, or quotes them."""
        if any(
            all(quote.start() <= span.start and span.end <= quote.end() for span in spans)
            for quote in _QUOTES.finditer(normal.original)
        ):
            return True
        tokens = {token.text for token in normal.tokens}
        return not any(each.isdisjoint(tokens) for each in self._telling.values())


def _span_of(normal: Normal, phrase: Phrase) -> Span:
    return normal.span(normal.tokens[phrase.first].start, normal.tokens[phrase.last].end)


def _is_mild(normal: Normal, hit: Hit) -> bool:
    """Whether a word is abuse only where it is aimed: a hashtag names a subject, whatever is in it."""
    return hit.severity is Severity.MILD or normal.text[hit.start - 1 : hit.start] == "#"
