"""Ways in which WhatsApp can fail its users, on request."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


class Fault(enum.StrEnum):
    """What goes wrong with a call of the Graph API."""

    FAIL = "fail"
    """An error answer; the message is not accepted."""
    RATE_LIMIT = "rate_limit"
    """429 with Retry-After and code 130429; not accepted."""
    HANG = "hang"
    """No answer until the faults are changed; not accepted."""
    DROP = "drop"
    """Accepted, then the connection breaks: the caller cannot know."""
    HANG_ACCEPTED = "hang_accepted"
    """Accepted, but the answer does not come until the faults are changed."""
    GARBAGE = "garbage"
    """Accepted and answered with 200, but the body is not JSON."""
    UNDELIVERED = "undelivered"
    """Accepted; later a `failed` status with the rule's code."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault and the calls it hits; without `every`, `first` and `rate` it hits all."""

    fault: Fault
    status: int = 500
    code: int = 131000
    retry_after: int = 1
    every: int | None = None
    first: int | None = None
    rate: float | None = None

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

    def next(self, roll: float) -> Rule | None:
        """Return what goes wrong with the next call."""
        self.calls += 1
        for rule in self.plan.rules:
            if rule.hits(self.calls, roll):
                self.hits[rule.fault] += 1
                return rule
        return None
