"""Days that are compared: a window, and a baseline of the same length with the same weekdays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

EVERY_DAY: Final = frozenset(range(7))
"""Monday is 0, as in `datetime`."""

LONGEST: Final = 366
"""Days: over more than a year, too much else changes to name one change as the cause."""

_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Window:
    """The days of some weekdays from `first` to `last`, both included, as the community's zone has them.

    Raises:
        ValueError: It ends before it begins, is longer than a year, or holds no day.
    """

    first: dt.date
    last: dt.date
    weekdays: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if not 1 <= self.length <= LONGEST:
            raise ValueError(f"a window has 1 to {LONGEST} days, not {self.length}")
        if not self.weekdays <= EVERY_DAY or not any(True for _ in self.days()):
            raise ValueError("no day of the window is one of its weekdays")

    @property
    def length(self) -> int:
        """Days from the first to the last, whatever their weekday."""
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[dt.date]:
        """Yield its days in order."""
        for number in range(self.length):
            day = self.first + dt.timedelta(days=number)
            if day.weekday() in self.weekdays:
                yield day

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.first <= day <= self.last and day.weekday() in self.weekdays

    def overlaps(self, first: dt.date, last: dt.date) -> bool:
        """Tell whether it and the days from `first` to `last` have some in common, whatever their weekday."""
        return self.first <= last and first <= self.last

    def until(self, day: dt.date) -> Window | None:
        """Return the part that is over when `day` begins; None while no day of it is."""
        last = min(self.last, day - dt.timedelta(days=1))
        if not any(each <= last for each in self.days()):
            return None
        return replace(self, last=last)


def baseline_of(window: Window) -> Window:
    """Return what a window is compared with: the same days as many whole weeks earlier as leave no overlap.

    Whole weeks give it the same length and the same weekdays, in the same order; a Sunday is compared with
    Sundays.
    """
    weeks = -(-window.length // _WEEK)
    back = dt.timedelta(weeks=weeks)
    return replace(window, first=window.first - back, last=window.last - back)
