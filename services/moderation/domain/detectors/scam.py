"""The income scam: earnings promised, money asked first, and a way to get in touch elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from services.moderation.domain.detectors.contract import Settings
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding, Intent
from services.moderation.domain.signals import Reading, Sighting

_PROMISE = (
    *("sum_per_period", "earn_sum", "get_sum", "earn_home", "home_sum", "double_money", "double_period"),
    *("guaranteed_gain", "guaranteed_sum", "guaranteed_rate", "rate_per_period", "task_pay", "task_earn"),
    *("crypto_gain", "crypto_earn", "crypto_double", "trading_gain", "trading_guarantee", "refer_sum"),
    *("refer_earn", "gamble_gain", "gamble_sum", "lottery_sum", "loan_sum", "loan_easy", "rent_sum"),
)
_FEE = ("fee_sum", "pay_sum", "loan_fee", "price_rises")
_REACH = ("off_command", "invite", "contact_phone", "phone", "off", "upi", "mention", "contact", "link")
_ADDRESSED = ("command", "you")
_RELATED = ("warning", "quoted", "question_mark", "denied", "denied_pay", "notice")
"""Signs that the message is about such offers rather than one."""
_HONEST = ("job", "meeting_link", "meeting")

_FULL, _PAIRED, _KIND = 0.95, 0.6, 0.7
_DOUBT = 0.35
"""The score of what only speaks of an offer: below every strictness, so that at most a person looks at it."""

_KINDS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("phishing", (("kyc_link", "kyc_phone"), ("kyc_now", "kyc_you", "command"))),
    ("lottery", (("lottery_sum",), ("phone", "link", "fee_sum"))),
    ("healer", (("astro_phone",), ("guarantee", "contact", "fee", "urgent"))),
    ("account_for_rent", (("account_rent",), ("sum", "percent", "contact"))),
    ("loan_fee", (("loan_fee", "loan_easy"), ("phone", "link", "contact"))),
    ("task_job", (("task_pay",), ("period", "pay", "contact", "link", "earn"))),
)
"""Scams of one kind: a code, and groups of signals of each of which one must be there."""

_BEGINNINGS = frozenset(_PROMISE).union(*(groups[0] for _, groups in _KINDS))
"""Signals without any of which there is no scam: most messages have none."""


class ScamSettings(Settings):
    """What a policy can set for the check on scams."""

    intent: Intent = Field(Intent.REMOVE, description="What happens to a promise with a fee and a contact.")
    suspected: Intent = Field(Intent.REVIEW, description="What happens where one of the three is missing.")


@dataclass(frozen=True, slots=True)
class _Found:
    code: str
    score: float
    kinds: tuple[str, ...]
    places: tuple[Sighting, ...]


class Scam:
    """Finds offers that promise earnings, ask for money and lead elsewhere, and some kinds known by less."""

    name: ClassVar[str] = "scam"
    category: ClassVar[Category] = Category.SCAM
    settings: ClassVar[type[Settings]] = ScamSettings

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return one finding for an offer of this kind, explained by the kinds of signals it has."""
        del context
        assert isinstance(settings, ScamSettings)  # noqa: S101 - the judge has made them by our type
        reading = message.reading
        if _BEGINNINGS.isdisjoint(reading.seen):
            return ()
        found = _compound(reading) or _known_kind(reading)
        if found is None:
            return ()
        score, intent = found.score, settings.intent if found.score >= _FULL else settings.suspected
        if _is_related(reading):
            score, intent = _DOUBT, min(intent, Intent.REVIEW, key=lambda each: each.rank)
        spans = tuple(message.normal.span(place.start, place.end) for place in found.places)
        details = {"signals": ", ".join(found.kinds)}
        return (Finding(self.name, found.code, self.category, score, intent, spans, details),)


def _compound(reading: Reading) -> _Found | None:
    promise, fee, reach = (reading.any(*names) for names in (_PROMISE, _FEE, _REACH))
    if promise is None or not _has(reading, _ADDRESSED):
        return None
    if fee is not None and reach is not None:
        # Who tells of their own earnings says where to ask, but not what to pay and where to come.
        if "story" in reading and not _has(reading, ("off", "invite", "phone", "upi", "mention")):
            return None
        return _Found("fee_and_promise", _FULL, ("promise", "fee", "contact"), (promise, fee, reach))
    return None if _is_harmless(reading) else _half(reading, promise, fee)


def _half(reading: Reading, promise: Sighting, fee: Sighting | None) -> _Found | None:
    """Return what a promise is with one of the other two alone."""
    strong = reading.any("off_command", "invite", "contact_phone", "phone")
    if fee is not None and _has(reading, ("guarantee", "double", "earn", "home")):
        return _Found("promise_for_fee", _PAIRED, ("promise", "fee"), (promise, fee))
    if strong is not None and _has(reading, ("period", "guarantee", "double", "home", "refer")):
        return _Found("promise_elsewhere", _PAIRED, ("promise", "contact"), (promise, strong))
    return None


def _known_kind(reading: Reading) -> _Found | None:
    if _is_harmless(reading):
        return None
    for code, groups in _KINDS:
        places = [
            next((name for name in names if name in reading and reading.seen[name] is not None), None)
            for names in groups
        ]
        if all(places):
            names = tuple(name for name in places if name is not None)
            spans = tuple(place for name in names if (place := reading.seen[name]) is not None)
            return _Found(code, _KIND, names, spans)
    return None


def _is_harmless(reading: Reading) -> bool:
    return "story" in reading or _has(reading, _HONEST) or _is_related(reading)


def _is_related(reading: Reading) -> bool:
    return _has(reading, _RELATED)


def _has(reading: Reading, names: Sequence[str]) -> bool:
    return any(name in reading for name in names)
