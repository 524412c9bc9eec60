"""Ways in which WhatsApp can fail its users, on request."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


class Fault(enum.StrEnum):
    """What goes wrong with a call of the Graph API."""

    FAIL = "fail"
    """An error answer with the rule's status and code; the message is not accepted."""
    RATE_LIMIT = "rate_limit"
    """429 with Retry-After and code 130429; not accepted."""
    PAIR_LIMIT = "pair_limit"
    """400 with code 131056; not accepted. Meant for a rule that names a chat in `to`."""
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - the name of a fault
    """401 with code 190; not accepted."""
    HANG = "hang"
    """No answer until the faults are changed; not accepted."""
    RESET = "reset"
    """The connection breaks; not accepted."""
    SLOW = "slow"
    """Everything goes well, after the rule's delay."""
    DROP = "drop"
    """Accepted, then the connection breaks: the caller cannot know."""
    HANG_ACCEPTED = "hang_accepted"
    """Accepted, but the answer does not come until the faults are changed."""
    HALF_OPEN = "half_open"
    """Accepted; the answer begins, and nothing more comes until the faults are changed."""
    SLOW_DRIP = "slow_drip"
    """Accepted; the answer comes byte by byte, with the rule's delay before each."""
    GARBAGE = "garbage"
    """Accepted and answered with 200, but the body is not JSON."""
    UNDELIVERED = "undelivered"
    """Accepted; later a `failed` status with the rule's code."""
    STATUS_FIRST = "status_first"
    """Accepted, but answered only after the gateway has taken a status of the message."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault and the calls it hits; without `to`, `every`, `first` and `rate` it hits all."""

    fault: Fault
    status: int = 500
    code: int = 131000
    retry_after: int = 1
    delay: float = 1.0
    """Seconds, for faults that are slow."""
    to: str | None = None
    """Hits only messages to this chat: a group's id or a phone."""
    every: int | None = None
    first: int | None = None
    rate: float | None = None

    def concerns(self, chat: str | None) -> bool:
        """Tell whether a call about `chat` counts for this rule."""
        return self.to is None or self.to == chat

    def hits(self, call: int, roll: float) -> bool:
        """Tell whether call number `call` (from 1) is hit; `roll` is a random number under 1."""
        if self.every is not None and call % self.every:
            return False
        if self.first is not None and call > self.first:
            return False
        return self.rate is None or roll < self.rate


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is to go wrong."""

    latency: float = 0.0
    """Seconds before each Graph API answer."""
    rules: Sequence[Rule] = ()
    """The first that hits decides."""
    duplicate: int = 1
    """How often each webhook is posted, at the same time."""
    reorder: bool = False
    """Report statuses last to first."""
    hold: bool = False
    """Keep webhooks back."""


@dataclass(slots=True)
class Mischief:
    """A plan at work: counts the calls it has seen."""

    plan: Plan = field(default_factory=Plan)
    calls: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    _seen: Counter[int] = field(default_factory=Counter)

    def begin(self, plan: Plan) -> None:
        """Follow `plan` from now on."""
        self.plan, self.calls = plan, 0
        self.hits.clear()
        self._seen.clear()

    def next(self, roll: float, chat: str | None = None) -> Rule | None:
        """Return what goes wrong with the next call, which is about `chat`."""
        self.calls += 1
        decided: Rule | None = None
        for place, rule in enumerate(self.plan.rules):
            if not rule.concerns(chat):
                continue
            self._seen[place] += 1
            if decided is None and rule.hits(self._seen[place], roll):
                decided = rule
        if decided is not None:
            self.hits[decided.fault] += 1
        return decided
