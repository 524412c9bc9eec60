"""The one place that reads the wall clock, so that tests can own time."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

DEFAULT_ZONE = ZoneInfo("Asia/Kolkata")


def as_stored(at: dt.datetime) -> dt.datetime:
    """Return `at` as precise as the store keeps it, in milliseconds, so that it equals what is read again."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> dt.datetime:
        """Return the current instant, zone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """Return the current instant in UTC."""
        return dt.datetime.now(dt.UTC)


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: dt.datetime) -> None:
        self._at = at.astimezone(dt.UTC)

    def now(self) -> dt.datetime:
        """Return the instant the clock was last set to."""
        return self._at

    def advance(self, by: dt.timedelta) -> None:
        """Move the clock forward."""
        self._at += by
