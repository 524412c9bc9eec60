from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from services.events.domain.timing.words import Part


class Question(StrEnum):
    """What has to be asked before a time is known."""

    PART_OF_DAY = "part_of_day"
    """दोपहर 1:30 या रात 1:30?"""
    WEEK = "week"
    """Today or in a week; this week's or next week's."""
    DAY = "day"
    """Two days are named, or the weekday is not that of the date."""
    DATE_ORDER = "date_order"
    """Only month before day makes a date, and people in India write the day first."""


class Reason(StrEnum):
    """Why what was written can be no time of a session."""

    NO_SUCH_DATE = "no_such_date"
    NO_SUCH_CLOCK = "no_such_clock"
    TOO_FAR = "too_far"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A time that is known and still ahead.

    Attributes:
        starts: on the clocks of `zone`, without tzinfo; it exists there.
        zone: IANA name, canonical.
        rest: the text without the words of the time.
        length: if it was said.
    """

    starts: dt.datetime
    zone: str
    rest: str
    length: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """More than one time is meant by the words, or one that nobody can be sure of.

    Attributes:
        question: what to ask.
        candidates: times still ahead, in their order; at least one, at most `MAX_CANDIDATES`.
        zone: IANA name, canonical.
        rest: the text without the words of the time.
        length: if it was said.
    """

    question: Question
    candidates: tuple[dt.datetime, ...]
    zone: str
    rest: str
    length: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A time that was named and is over; `starts` is how it was read, midnight for a day without a clock."""

    starts: dt.datetime
    zone: str
    rest: str


@dataclass(frozen=True, slots=True)
class Impossible:
    """A date or clock that does not exist or that nobody plans for; `said` are its words."""

    reason: Reason
    said: str
    rest: str


@dataclass(frozen=True, slots=True)
class NoClock:
    """A day without a time of day.

    Attributes:
        date: the day; None when that is open too, as in `next Tue`.
        part: of the day, if it was said.
        said: the words of the time, so that an answer can complete them.
        rest: the text without them.
        length: if it was said.
    """

    date: dt.date | None
    part: Part | None
    said: str
    rest: str
    length: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class NoDate:
    """A time of day without a day.

    Attributes:
        starts: the next time the clocks of `zone` show it.
        zone: IANA name, canonical.
        said: the words of the time, so that an answer can complete them.
        rest: the text without them.
        length: if it was said.
    """

    starts: dt.datetime
    zone: str
    said: str
    rest: str
    length: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class NoTime:
    """No time in it; `rest` is the whole text, trimmed."""

    rest: str


Reading: TypeAlias = Resolved | Ambiguous | Past | Impossible | NoClock | NoDate | NoTime
"""What the words of a time come to."""
