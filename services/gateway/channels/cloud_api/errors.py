"""What each error of the Cloud API means for the message it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Treatment(Enum):
    """What to do about a message that was not taken."""

    RETRY = auto()
    """Later, with growing gaps."""
    PAUSE = auto()
    """Nothing can go out until somebody acts: the credentials or the account are refused."""
    REFUSE = auto()
    """Never: say so in an event."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One class of errors."""

    code: str
    """Our stable word for it."""
    treatment: Treatment
    seconds: float = 0.5
    """The shortest wait before a retry."""


RATE = Meaning("rate_limited", Treatment.RETRY, 2)
PAIR_RATE = Meaning("pair_rate_limited", Treatment.RETRY, 6)
SPAM_RATE = Meaning("spam_rate_limited", Treatment.RETRY, 60)
TRANSIENT = Meaning("provider_failed", Treatment.RETRY)
TOKEN = Meaning("credentials_refused", Treatment.PAUSE)
ACCOUNT = Meaning("account_blocked", Treatment.PAUSE)
WINDOW = Meaning("window_closed", Treatment.REFUSE)
RECIPIENT = Meaning("undeliverable", Treatment.REFUSE)
OPTED_OUT = Meaning("opted_out", Treatment.REFUSE)
GROUP = Meaning("group_unavailable", Treatment.REFUSE)
OURS = Meaning("rejected", Treatment.REFUSE)

_BY_CODE: dict[int, Meaning] = {
    **dict.fromkeys((4, 80007, 130429, 131208), RATE),
    131056: PAIR_RATE,
    **dict.fromkeys((131048, 133016), SPAM_RATE),
    **dict.fromkeys((1, 2, 131000, 131016, 131057, 133004), TRANSIENT),
    **dict.fromkeys((0, 190, 3, 10, 131005, 131045, *range(200, 300)), TOKEN),
    **dict.fromkeys((131031, 368, 131042, 131037), ACCOUNT),
    **dict.fromkeys((131047, 131051), WINDOW),
    **dict.fromkeys((131026, 131021, 131030, 130472, 130497, 131062, 131049), RECIPIENT),
    131050: OPTED_OUT,
    **dict.fromkeys((131020, 131041, 131207, 131212, 131215), GROUP),
}


def meaning_of(status: int, code: int | None) -> Meaning:
    """Return what an answer means, by its error code and, where that is unknown, its HTTP status."""
    if code is not None and code in _BY_CODE:
        return _BY_CODE[code]
    match status:
        case 429:
            return RATE
        case 401 | 403:
            return TOKEN
        case _ if status >= 500:  # noqa: PLR2004
            return TRANSIENT
        case _:
            return OURS
