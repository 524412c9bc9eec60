"""The spans of time for which points are added up, in the zone of a group."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

ALL: Final = "all"
ANNOUNCED: Final = dt.time(9)
"""When the contributors of a week are named, on the Monday after it."""


def day_of(at: dt.datetime, zone: str) -> str:
    """Return the day of an instant, as ISO 8601 writes it."""
    return at.astimezone(ZoneInfo(zone)).date().isoformat()


@lru_cache(maxsize=512)  # every fact is of one of a few days
def week_of(day: str) -> str:
    """Return the week of a day, as ISO 8601 names it: it begins on Monday, such as `2026-W47`."""
    year, week, _ = dt.date.fromisoformat(day).isocalendar()
    return f"{year:04}-W{week:02}"


def month_of(day: str) -> str:
    """Return the month of a day, such as `2026-11`."""
    return day[:7]


def season_of(day: str) -> str:
    """Return the quarter of a day, such as `2026-Q4`."""
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


@lru_cache(maxsize=512)
def longer_periods(week: str) -> tuple[str, ...]:
    """Return the months and seasons that a day of a week may count for."""
    ends = (monday(week).isoformat(), (monday(week) + dt.timedelta(days=6)).isoformat())
    return tuple(sorted({*map(month_of, ends), *map(season_of, ends)}))


def periods_of(day: str) -> tuple[str, ...]:
    """Return the month and the season for which a day counts."""
    return month_of(day), season_of(day)


def monday(week: str) -> dt.date:
    """Return the first day of a week."""
    return dt.date.fromisocalendar(int(week[:4]), int(week[6:]), 1)


def week_after(week: str, weeks: int = 1) -> str:
    """Return the week that many weeks later."""
    return week_of((monday(week) + dt.timedelta(weeks=weeks)).isoformat())


def announced_at(week: str, zone: str) -> dt.datetime:
    """Return when the contributors of a week are named."""
    return dt.datetime.combine(monday(week_after(week)), ANNOUNCED, ZoneInfo(zone))


def weeks_between(begin: dt.datetime, end: dt.datetime, zone: str) -> tuple[str, ...]:
    """Return the weeks that a span touches, in order."""
    weeks, last = [week_of(day_of(begin, zone))], week_of(day_of(max(begin, end), zone))
    while weeks[-1] != last:
        weeks.append(week_after(weeks[-1]))
    return tuple(weeks)
