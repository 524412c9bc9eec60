"""What a message wants, as far as words tell: about sixty signals, each with its place in the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.moderation.domain.signals.matcher import Sighting, near, sight
from services.moderation.domain.signals.words import NOTIONS
from services.moderation.domain.text import Normal

_FORMS = ("sum", "percent", "link", "invite", "phone", "upi", "mail", "mention")

_PAIRS: Mapping[str, tuple[str, str, int]] = {
    # What is promised: money for a time, for being at home, for little work.
    "sum_per_period": ("sum", "period", 4),
    "earn_sum": ("earn", "sum", 6),
    "get_sum": ("get", "sum", 5),
    "earn_home": ("earn", "home", 10),
    "home_sum": ("home", "sum", 12),
    "double_money": ("double", "pay", 12),
    "double_period": ("double", "period", 6),
    "guaranteed_gain": ("guarantee", "earn", 8),
    "guaranteed_sum": ("guarantee", "sum", 8),
    "guaranteed_rate": ("guarantee", "percent", 6),
    "rate_per_period": ("percent", "period", 6),
    "task_pay": ("task", "sum", 8),
    "task_earn": ("task", "earn", 10),
    "crypto_gain": ("crypto", "percent", 12),
    "crypto_earn": ("crypto", "earn", 10),
    "crypto_double": ("crypto", "double", 12),
    "crypto_free": ("crypto", "free", 8),
    "trading_gain": ("trading", "earn", 10),
    "trading_guarantee": ("trading", "guarantee", 10),
    "refer_sum": ("refer", "sum", 8),
    "refer_earn": ("refer", "earn", 12),
    "gamble_gain": ("gamble", "get", 10),
    "gamble_sum": ("gamble", "sum", 12),
    "lottery_sum": ("lottery", "sum", 12),
    # What is asked for.
    "fee_sum": ("fee", "sum", 4),
    "pay_sum": ("pay", "sum", 4),
    "loan_fee": ("loan", "fee", 16),
    "loan_easy": ("loan", "urgent", 10),
    "loan_sum": ("loan", "sum", 6),
    "kyc_now": ("kyc", "urgent", 12),
    "kyc_link": ("kyc", "link", 14),
    "kyc_phone": ("kyc", "phone", 16),
    "kyc_you": ("kyc", "you", 8),
    "subscribe_back": ("subscribe", "command", 5),
    "subscribe_link": ("subscribe", "link", 14),
    "sell_sum": ("sell", "sum", 6),
    "price_rises": ("price_rise", "sum", 8),
    "chain_spread": ("chain", "command", 6),
    "astro_phone": ("astro", "phone", 30),
    "rent_sum": ("account_rent", "sum", 14),
    "contact_phone": ("contact", "phone", 6),
    "off_command": ("off", "command", 5),
    # Where talk about the same things is harmless.
    "story": ("self", "past", 12),
    "denied": ("dont", "fee", 6),
    "denied_pay": ("dont", "pay", 6),
    # Against persons and groups.
    "threat": ("rude_you", "violence", 6),
    "group_contempt": ("group", "contempt", 8),
    "group_expel": ("group", "expel", 10),
    "group_insult": ("group", "insult", 6),
    "women_demean": ("women", "demean", 10),
    "rude_insult": ("rude_you", "insult", 5),
    "rude_contempt": ("rude_you", "contempt", 6),
    "you_insult": ("you", "insult", 5),
    "told_insult": ("told", "insult", 8),
    "told_violence": ("told", "violence", 10),
}

MARKS = ("question_mark", "quoted", "meeting_link", "many_sums", "short")
"""Signals that are seen by form in the whole message."""

NAMES: tuple[str, ...] = (*NOTIONS, *_FORMS, *_PAIRS, *MARKS)
"""Every signal, in the order in which weights are kept."""

_QUOTES = "'\"“”‘’«»"
_MEETINGS = ("zoom.us", "meet.google", "teams.microsoft", "webex", "jitsi")
_MANY_SUMS = 3
_SHORT = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """The signals of one message: where each was first seen, and all notions behind them."""

    normal: Normal
    seen: Mapping[str, Sighting | None]
    """By name; None for a mark, which is about the whole message."""
    sightings: Mapping[str, Sequence[Sighting]]

    def __contains__(self, name: str) -> bool:
        return name in self.seen

    def any(self, *names: str) -> Sighting | None:
        """Return the first place of the first of these signals that is there."""
        return next((place for name in names if (place := self.seen.get(name)) is not None), None)


def read(normal: Normal) -> Reading:
    """Return the signals of a text."""
    sightings = sight(normal)
    seen: dict[str, Sighting | None] = {name: places[0] for name, places in sightings.items()}
    for name, (left, right, words) in _PAIRS.items():
        if left in sightings and right in sightings:
            place = near(sightings[left], sightings[right], words)
            if place is not None:
                seen[name] = place
    original = normal.original
    if "?" in original or "？" in original:
        seen["question_mark"] = None
    if sum(map(original.count, _QUOTES)) > 1:
        seen["quoted"] = None
    if "link" in seen and any(site in original.lower() for site in _MEETINGS):
        seen["meeting_link"] = None
    if len(sightings.get("sum", ())) >= _MANY_SUMS:
        seen["many_sums"] = None
    if len(normal.tokens) <= _SHORT:
        seen["short"] = None
    return Reading(normal, seen, sightings)
