"""Personal data that does not belong into a group: numbers of people, identity papers, cards and UPI ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field
from stdnum import luhn
from stdnum.in_ import aadhaar, pan

from services.moderation.domain.detectors.contract import Settings
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding, Intent, Span
from services.moderation.domain.text import EntityKind, Normal

_GROUP = re.compile(r"\d\d\d\d(?:[ -]?\d\d\d\d|[a-z])")
"""What all of them have in them; begun without a repetition, because `re` does not skip ahead to one."""
_AADHAAR = re.compile(r"(?<![\d.])[2-9]\d{3}([ -]?)\d{4}\1\d{4}(?![\d.]*\d)")
_PAN = re.compile(r"(?<![a-z0-9])[a-z]{3}[abcfghljpt][a-z]\d{4}[a-z](?![a-z0-9])")
_CARD = re.compile(
    r"(?<![\d.])(?:[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}|3[47]\d{2}[ -]?\d{6}[ -]?\d{5})(?![\d.]*\d)"
)
_SEPARATORS = re.compile("[ -]")


class PersonalSettings(Settings):
    """What a policy can set for the check on personal data."""

    phones: Intent = Field(
        Intent.ALLOW, description="What happens to phone numbers; many groups exchange them."
    )
    upi: Intent = Field(Intent.REVIEW, description="What happens to UPI ids.")
    mail: Intent = Field(Intent.ALLOW, description="What happens to mail addresses.")
    papers: Intent = Field(Intent.REMOVE, description="What happens to Aadhaar, PAN and card numbers.")


class Personal:
    """Finds numbers by their form and, where they have one, their check digit."""

    name: ClassVar[str] = "personal"
    category: ClassVar[Category] = Category.PRIVACY
    settings: ClassVar[type[Settings]] = PersonalSettings

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return one finding for each kind of data; findings hold no digits."""
        del context
        assert isinstance(settings, PersonalSettings)  # noqa: S101 - the judge has made them by our type
        found: dict[str, list[Span]] = {}
        for code, span in (*_papers(message.normal), *_entities(message.normal)):
            found.setdefault(code, []).append(span)
        wanted = {"phone": settings.phones, "upi": settings.upi, "mail": settings.mail}
        findings = [
            Finding(
                self.name,
                code,
                Category.PRIVACY,
                0.7 if code in wanted else 0.95,
                wanted.get(code, settings.papers),
                tuple(spans),
            )
            for code, spans in found.items()
            if wanted.get(code, settings.papers) is not Intent.ALLOW
        ]
        return sorted(findings, key=lambda each: -each.score)


def _papers(normal: Normal) -> Iterator[tuple[str, Span]]:
    if not _GROUP.search(normal.text):
        return
    for code, pattern, valid in (
        ("aadhaar", _AADHAAR, aadhaar.is_valid),
        ("card", _CARD, luhn.is_valid),
        ("pan", _PAN, pan.is_valid),
    ):
        for hit in pattern.finditer(normal.text):
            if valid(_SEPARATORS.sub("", hit[0]).upper()):
                yield code, normal.span(hit.start(), hit.end())


def _entities(normal: Normal) -> Iterator[tuple[str, Span]]:
    for entity in normal.entities:
        if entity.kind in {EntityKind.PHONE, EntityKind.UPI, EntityKind.MAIL}:
            yield str(entity.kind), entity.span
