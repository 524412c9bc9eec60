"""Days on which India does something else than usual, 2025 to 2030.

The dates are those of the package `holidays` 0.109 (MIT) for India, which has them from the holiday lists
of the central government and, for years to come, from almanacs such as drikpanchang.com; of Chhath it is
the day of the evening offering. The package itself does not serve: it knows which offices are closed, so
that festivals on a Sunday and the days around Diwali are missing, and it asks for a python-dateutil older
than ours.

Islamic festivals begin when the moon is seen, and may be a day earlier or later than computed: each has
that day on both sides.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.feedback.domain.effects.windows import Window

FIRST_YEAR: Final = 2025
LAST_YEAR: Final = 2030


@dataclass(frozen=True, slots=True)
class Festival:
    """One festival of one year."""

    name: str
    """Its code, such as `diwali`."""
    first: dt.date
    last: dt.date
    """The last day on which it still keeps people busy."""


# The main day of each year from 2025 on, and how many days before and after it people are busy or on the way.
_TABLE: Final = (
    ("makar_sankranti", 1, 0, "01-14 01-14 01-15 01-15 01-14 01-14"),
    ("republic_day", 0, 0, "01-26 01-26 01-26 01-26 01-26 01-26"),
    ("maha_shivaratri", 0, 0, "02-26 02-15 03-06 02-23 02-11 03-02"),
    ("holi", 1, 0, "03-14 03-04 03-22 03-11 03-01 03-20"),
    ("eid_al_fitr", 1, 1, "03-31 03-21 03-10 02-27 02-15 02-05"),
    ("ram_navami", 0, 0, "04-06 03-26 04-15 04-03 04-22 04-12"),
    ("eid_al_adha", 1, 1, "06-07 05-27 05-17 05-06 04-25 04-14"),
    ("raksha_bandhan", 0, 0, "08-09 08-28 08-17 08-05 08-23 08-13"),
    ("independence_day", 0, 0, "08-15 08-15 08-15 08-15 08-15 08-15"),
    ("janmashtami", 0, 0, "08-16 09-04 08-25 08-13 09-01 08-21"),
    ("ganesh_chaturthi", 0, 0, "08-27 09-14 09-04 08-23 09-11 09-01"),
    ("onam", 1, 0, "09-05 08-26 09-12 09-01 08-22 09-09"),
    ("dussehra", 3, 0, "10-02 10-20 10-09 09-27 10-16 10-06"),
    ("karwa_chauth", 0, 0, "10-10 10-29 10-18 10-07 10-26 10-15"),
    ("diwali", 2, 3, "10-20 11-08 10-29 10-17 11-05 10-26"),
    ("chhath", 2, 1, "10-27 11-15 11-04 10-23 11-11 11-01"),
    ("guru_nanak_jayanti", 0, 0, "11-05 11-24 11-14 11-02 11-21 11-10"),
    ("christmas_new_year", 1, 7, "12-25 12-25 12-25 12-25 12-25 12-25"),
)


def _festivals() -> tuple[Festival, ...]:
    found = []
    for name, before, after, days in _TABLE:
        for year, day in enumerate(days.split(), start=FIRST_YEAR):
            main = dt.date.fromisoformat(f"{year}-{day}")
            found.append(Festival(name, main - dt.timedelta(days=before), main + dt.timedelta(days=after)))
    return tuple(sorted(found, key=lambda each: each.first))


FESTIVALS: Final = _festivals()
"""All of them, by their first day."""


@dataclass(frozen=True, slots=True)
class Season:
    """The festivals that make two windows unlike each other."""

    baseline: tuple[Festival, ...] = ()
    """What was in the baseline."""
    window: tuple[Festival, ...] = ()
    """What was in the window."""
    known: bool = True
    """Whether the calendar covers all days: none found in a year it does not know means nothing."""


QUIET: Final = Season()
"""Two windows without a festival."""


def season_of(baseline: Window, window: Window, calendar: Iterable[Festival] = FESTIVALS) -> Season:
    """Return which festivals touch a day that counts, in either window.

    A festival in both is named in both: Holi of 2026 does not make up for Diwali of 2025.
    """
    festivals = tuple(calendar)
    years = {day.year for days in (baseline, window) for day in (days.first, days.last)}
    return Season(
        _touching(festivals, baseline),
        _touching(festivals, window),
        known=all(FIRST_YEAR <= year <= LAST_YEAR for year in years),
    )


def _touching(festivals: Iterable[Festival], window: Window) -> tuple[Festival, ...]:
    days = frozenset(window.days())
    return tuple(
        each
        for each in festivals
        if any(
            each.first + dt.timedelta(days=number) in days
            for number in range((each.last - each.first).days + 1)
        )
    )
