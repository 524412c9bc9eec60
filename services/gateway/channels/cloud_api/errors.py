"""What each error of the Cloud API means for the message it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from services.gateway.domain.outgoing import PAIR_LIMITED, RATE_LIMITED, SPAM_LIMITED, WINDOW_CLOSED


class Treatment(Enum):
    """What to do about a message that was not taken."""

    RETRY = auto()
    """Later, with growing gaps."""
    PAUSE = auto()
    """Nothing can go out until somebody acts: the credentials or the account are refused."""
    REFUSE = auto()
    """Never: say so in an event."""


class ErrorClass(StrEnum):
    """Why the Cloud API did not take it."""

    RATE = "rate"
    PAIR = "pair"
    SPAM = "spam"
    TRANSIENT = "transient"
    TOKEN = "token"  # noqa: S105 - the name of a class of errors
    ACCOUNT = "account"
    FORM = "form"
    """Another form of message would be taken, such as a template."""
    RECIPIENT = "recipient"
    HELD_BACK = "held_back"
    """Meta keeps it from this person for a day or more."""
    OPTED_OUT = "opted_out"
    IDENTITY = "identity"
    GROUP = "group"
    REQUEST = "request"
    """What was asked of a group is settled already, or settled in part."""
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one class of errors leads to."""

    kind: ErrorClass
    treatment: Treatment
    code: str
    """Our stable word for it."""
    codes: tuple[int, ...]
    """Meta's."""
    seconds: float = 0.5
    """The shortest wait before a retry."""


CATALOGUE: tuple[Meaning, ...] = (
    Meaning(ErrorClass.RATE, Treatment.RETRY, RATE_LIMITED, (4, 80007, 130429, 131208), 2),
    Meaning(ErrorClass.PAIR, Treatment.RETRY, PAIR_LIMITED, (131056,), 6),
    Meaning(ErrorClass.SPAM, Treatment.RETRY, SPAM_LIMITED, (131048, 133016), 60),
    Meaning(
        ErrorClass.TRANSIENT,
        Treatment.RETRY,
        "provider_failed",
        (1, 2, 131000, 131016, 131053, 131057, 133004),
    ),
    Meaning(
        ErrorClass.TOKEN,
        Treatment.PAUSE,
        "credentials_refused",
        (0, 3, 10, 190, *range(200, 300), 131005, 131045),
    ),
    Meaning(ErrorClass.ACCOUNT, Treatment.PAUSE, "account_blocked", (368, 131031, 131037, 131042)),
    Meaning(ErrorClass.FORM, Treatment.REFUSE, WINDOW_CLOSED, (131047, 131051)),
    Meaning(
        ErrorClass.RECIPIENT,
        Treatment.REFUSE,
        "undeliverable",
        (130472, 130497, 131021, 131026, 131030, 131062),
    ),
    Meaning(ErrorClass.HELD_BACK, Treatment.REFUSE, "undeliverable", (131049,)),
    Meaning(ErrorClass.OPTED_OUT, Treatment.REFUSE, "opted_out", (131050,)),
    Meaning(ErrorClass.IDENTITY, Treatment.REFUSE, "identity_changed", (137000,)),
    Meaning(
        ErrorClass.GROUP,
        Treatment.REFUSE,
        "group_unavailable",
        (131020, 131041, 131207, 131214, 131215),
    ),
    Meaning(ErrorClass.GROUP, Treatment.REFUSE, "not_in_group", (131212,)),
    Meaning(ErrorClass.REQUEST, Treatment.REFUSE, "unknown_request", (131213,)),
    Meaning(ErrorClass.REQUEST, Treatment.REFUSE, "terms_not_accepted", (131203,)),
    Meaning(ErrorClass.REQUEST, Treatment.REFUSE, "partly_done", (131201,)),
    Meaning(
        ErrorClass.OURS,
        Treatment.REFUSE,
        "rejected",
        (
            *(33, 100, 131008, 131009, 131059, *range(132000, 132017), 132068, 132069, 135000),
            *(131202, 131204, 131209, 131210, 131211),
        ),
    ),
)
"""Every error we know, by its code; one that is not here is judged by the HTTP status."""

_BY_CODE = {code: meaning for meaning in CATALOGUE for code in meaning.codes}
_BY_CLASS = {meaning.kind: meaning for meaning in CATALOGUE}


def meaning_of(status: int, code: int | None) -> Meaning:
    """Return what an answer means, by its error code and, where that is unknown, its HTTP status."""
    if code is not None and code in _BY_CODE:
        return _BY_CODE[code]
    match status:
        case 429:
            return _BY_CLASS[ErrorClass.RATE]
        case 401 | 403:
            return _BY_CLASS[ErrorClass.TOKEN]
        case _ if status >= 500:  # noqa: PLR2004
            return _BY_CLASS[ErrorClass.TRANSIENT]
        case _:
            return _BY_CLASS[ErrorClass.OURS]
