"""When a session comes again: a subset of RFC 5545's recurrence rules, on wall times."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dateutil import rrule

from services.events.domain.timing.days import nth_weekday
from shared.errors import Invalid

MAX_COUNT: Final = 520
"""Ten years of weeks; no group has planned further, and nothing has to be unrolled beyond."""
MAX_INTERVAL: Final = 52
HORIZON: Final = dt.timedelta(days=3653)
"""How far after its start a series without an end is unrolled."""
LAST: Final = -1

_WEEKDAYS: Final = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)
_SUNDAY: Final = 6
_MOST_IN_A_MONTH: Final = 5


class UnsupportedRule(Invalid):
    """A recurrence that sessions do not have."""

    code = "unsupported_rule"


class Frequency(StrEnum):
    """What a series repeats by."""

    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When a session comes again; all times are on the clocks of the series' zone.

    Attributes:
        frequency: by week, or by the nth weekday of a month.
        weekdays: 0 is Monday, rising; exactly one of them by month.
        interval: every so many weeks or months, 1 to `MAX_INTERVAL`.
        nth: by month only: 1 to 5, or `LAST`.
        until: the last moment at which one may start; not together with `count`.
        count: of all that the rule makes, excluded ones included (RFC 5545), 1 to `MAX_COUNT`.
        excluded: starts that the rule makes and that do not take place (EXDATE).
        moved: starts that the rule makes, each with the start it has instead (RECURRENCE-ID).

    Raises:
        UnsupportedRule: these do not go together.
    """

    frequency: Frequency
    weekdays: tuple[int, ...]
    interval: int = 1
    nth: int | None = None
    until: dt.datetime | None = None
    count: int | None = None
    excluded: frozenset[dt.datetime] = frozenset()
    moved: tuple[tuple[dt.datetime, dt.datetime], ...] = ()

    def __post_init__(self) -> None:
        if not self.weekdays or list(self.weekdays) != sorted(set(self.weekdays) & set(range(_SUNDAY + 1))):
            raise UnsupportedRule("A series needs weekdays, each once and in their order.")
        if not 1 <= self.interval <= MAX_INTERVAL:
            raise UnsupportedRule(f"A series repeats every 1 to {MAX_INTERVAL} weeks or months.")
        if self.count is not None and not 1 <= self.count <= MAX_COUNT:
            raise UnsupportedRule(f"A series has 1 to {MAX_COUNT} sessions.")
        if self.count is not None and self.until is not None:
            raise UnsupportedRule("A series ends by a date or by a number, not by both.")
        if self.frequency is Frequency.WEEKLY and self.nth is not None:
            raise UnsupportedRule("Only a monthly series has an nth weekday.")
        is_nth = self.nth == LAST or self.nth in range(1, _MOST_IN_A_MONTH + 1)
        if self.frequency is Frequency.MONTHLY and not (is_nth and len(self.weekdays) == 1):
            raise UnsupportedRule("A monthly series is on one weekday: the first to fifth, or the last.")

    def starts_from(self, starts: dt.datetime) -> rrule.rrule:
        """Return the starts that the rule makes, excluded and moved ones included; finitely many."""
        is_monthly = self.frequency is Frequency.MONTHLY
        end = starts + HORIZON
        return rrule.rrule(
            rrule.MONTHLY if is_monthly else rrule.WEEKLY,
            dtstart=starts,
            interval=self.interval,
            wkst=rrule.MO,
            count=self.count,
            until=None if self.count else min(self.until or end, end),
            byweekday=[_WEEKDAYS[day](self.nth) if self.nth else _WEEKDAYS[day] for day in self.weekdays],
        )

    def fits(self, starts: dt.datetime) -> bool:
        """Whether a series with this rule can begin then."""
        if starts.weekday() not in self.weekdays or (self.until is not None and starts > self.until):
            return False
        if self.nth is None:
            return True
        return nth_weekday(starts.year, starts.month, starts.weekday(), self.nth) == starts.date()
