"""Every failure the platform knows, as data a caller can act on.

ChaupalError                  code, sentence
├── DependencyAway            something we depend on is away: pause in place, never dead-letter
│   ├── StoreUnavailable
│   ├── LogUnavailable
│   └── ProviderUnavailable   the channel refuses our credentials or account
├── TransientError            this one thing failed and may work when tried again
│   └── NotYet                it is to be tried again after so many seconds
│       └── InTurn            it has not failed: others are before it
├── PermanentError            this one thing can never work: dead-letter it
│   ├── Undecodable
│   ├── UnknownType
│   ├── UnknownVersion
│   └── RetriesExhausted
├── Rejected                  the caller asked for something that cannot be done
│   ├── Invalid  NotFound  Conflict  PreconditionFailed  Unauthenticated  Forbidden  TooLarge
└── SettingsError             the process must not start
"""

from __future__ import annotations

from typing import ClassVar


class ChaupalError(Exception):
    """Base of all typed errors; `code` is stable and safe to show, `sentence` is for a person."""

    code: ClassVar[str] = "internal"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class DependencyAway(ChaupalError):
    """Something the process depends on is away; work pauses in place and nothing is dead-lettered."""

    code = "dependency_away"


class StoreUnavailable(DependencyAway):
    """The database cannot be reached or refuses writes."""

    code = "store_unavailable"


class LogUnavailable(DependencyAway):
    """The event log cannot be reached or did not acknowledge in time."""

    code = "log_unavailable"


class ProviderUnavailable(DependencyAway):
    """The channel refuses our credentials or account: no message can go out until somebody acts.

    `reason` is a stable word for why.
    """

    code = "provider_unavailable"

    def __init__(self, sentence: str, reason: str = "unreachable") -> None:
        super().__init__(sentence)
        self.reason = reason


class TransientError(ChaupalError):
    """One thing failed and may work when tried again."""

    code = "transient"


class NotYet(TransientError):
    """One thing cannot be done now and should be tried again after `seconds`."""

    code = "not_yet"

    def __init__(self, sentence: str, seconds: float) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class InTurn(NotYet):
    """It is not this thing's turn yet: however often it has to wait, nothing is wrong with it.

    Whoever raises this must end the waiting: it is tried again until it is done or raises something else.
    """

    code = "in_turn"


class PermanentError(ChaupalError):
    """One thing can never work however often it is tried."""

    code = "permanent"


class Undecodable(PermanentError):
    """A record is not an event: headers or JSON are missing or broken."""

    code = "undecodable"


class UnknownType(PermanentError):
    """A record names a type that this version of the contracts does not know."""

    code = "unknown_type"


class UnknownVersion(PermanentError):
    """A record names a version of its type that this version of the contracts does not know."""

    code = "unknown_version"


class RetriesExhausted(PermanentError):
    """One thing failed for now, again and again, until its last retry was over."""

    code = "retries_exhausted"


class Rejected(ChaupalError):
    """The caller asked for something that cannot be done; `status` is the HTTP status that says so."""

    code = "rejected"
    status: ClassVar[int] = 400


class Invalid(Rejected):
    """The request is malformed."""

    code = "invalid"
    status = 422


class NotFound(Rejected):
    """There is no such thing."""

    code = "not_found"
    status = 404


class Conflict(Rejected):
    """It does not go together with what there is already."""

    code = "conflict"
    status = 409


class PreconditionFailed(Rejected):
    """The thing has changed since the version that the caller has seen."""

    code = "precondition_failed"
    status = 412


class Unauthenticated(Rejected):
    """The caller did not prove who they are."""

    code = "unauthenticated"
    status = 401


class Forbidden(Rejected):
    """The caller may not do this."""

    code = "forbidden"
    status = 403


class TooLarge(Rejected):
    """The request body is over the limit."""

    code = "too_large"
    status = 413


class SettingsError(ChaupalError):
    """The settings are wrong; the process must not start."""

    code = "settings"
