"""How fast an account may send: arithmetic of buckets, without a clock."""

from __future__ import annotations

import math
from dataclasses import dataclass

HOUR = 3600.0
DAY = 24 * HOUR
RECOVERY_SECONDS = 30.0
"""After so long without a complaint of the provider, an account is twice as fast again."""

SLOWEST = 1 / 16
ENOUGH = 10.0
"""Doublings after which any brake is off."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one account may send."""

    per_second: float
    burst: float = 1.0
    """How many may go out at once after a rest."""
    pair_seconds: float = 0.0
    """One message to a person per so many seconds; 0 for no such limit."""
    pair_burst: float = 1.0
    jitter_seconds: float = 0.0
    """Every message waits a part of this, so that a person's phone seems to be used by a person."""
    per_hour: int | None = None
    first_per_hour: int | None = None
    """With how many an hour a number begins that is new, None for as many as later."""
    warmup_days: int = 0
    """How many days after its first message it may send as many as `per_hour`."""

    def hourly(self, age: float) -> int | None:
        """Return how many messages an hour may go out `age` seconds after the first; None for no limit.

        It grows by the same share every day.
        """
        full, days = self.per_hour, math.floor(max(0.0, age) / DAY)
        if full is None or self.first_per_hour is None or days >= self.warmup_days:
            return full
        first = min(self.first_per_hour, full)
        growth: float = (full / first) ** (days / self.warmup_days)
        return math.floor(first * growth)


@dataclass(frozen=True, slots=True)
class Bucket:
    """When the next message would be due if all came at an even pace (the generic cell rate algorithm)."""

    due: float = 0.0

    def book(self, now: float, interval: float, burst: float) -> tuple[float, Bucket]:
        """Return the instant at which one more message may go out, and the bucket after it."""
        due = max(self.due, now)
        return max(now, due - (burst - 1.0) * interval), Bucket(due + interval)


@dataclass(frozen=True, slots=True)
class Brake:
    """How much slower than its pace an account is for now."""

    share: float = 1.0
    since: float = 0.0

    def at(self, now: float) -> float:
        """Return the share of the pace that holds at `now`."""
        doublings = min(ENOUGH, max(0.0, now - self.since) / RECOVERY_SECONDS)
        return min(1.0, self.share * math.exp2(doublings))

    def harder(self, now: float) -> Brake:
        """Return this brake after one more complaint of the provider."""
        return Brake(max(SLOWEST, self.at(now) / 2.0), now)


def jitter(send_id: str, seconds: float) -> float:
    """Return a part of `seconds` that looks random and is the same whenever the message is tried."""
    return seconds * (int(send_id[:8], 16) / 0xFFFFFFFF)
