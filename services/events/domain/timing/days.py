"""The day: कल, next Tue, 25/11, 25 नवंबर, Nov 25, 25 तारीख."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from services.events.domain.timing.reading import Question
from services.events.domain.timing.tokens import Token, Tokens
from services.events.domain.timing.words import Part, Role, Unit

MAX_AHEAD: Final = dt.timedelta(days=5 * 366)
"""How far ahead a session can be; a date beyond it is a slip."""
_JUST_GONE: Final = dt.timedelta(days=60)
"""A date without a year that was so recently is over; an earlier one means next year."""
_WEEK: Final = 7
_MONTHS: Final = 12
_LONGEST_MONTH: Final = 31
_LEAP_YEARS_APART: Final = 8
_CENTURY: Final = 100
_YEAR_DIGITS: Final = 4
_SHORT: Final = 2
"""Digits of a day, of a month and of a year in short."""
_SEPARATORS: Final = ("/", "-", ".")
_WISH: Final = frozenset({"be", "the", "i", "we", "you", "not", "have", "help"})
"""What follows the `may` that is no month."""


class Which(Enum):
    """Which of the days of that name."""

    ANY = auto()
    THIS = auto()
    NEXT = auto()
    NEXT_WEEK = auto()


@dataclass(frozen=True, slots=True)
class Offset:
    """So many days from today; `tonight` names the part of the day too."""

    days: int
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, 0 is Monday; a weak one is a name or a plain word as often."""

    weekday: int
    which: Which = Which.ANY
    is_strong: bool = True


@dataclass(frozen=True, slots=True)
class OnDate:
    """A day and a month, perhaps with a year; `is_swapped` when only month before day makes a date.

    A weak one, 25-11, may as well be a range or a result.
    """

    day: int
    month: int
    year: int | None = None
    is_swapped: bool = False
    is_strong: bool = True


@dataclass(frozen=True, slots=True)
class OfMonth:
    """A day of this month, or of the next if it is over."""

    day: int
    months: int = 0
    is_strong: bool = True


@dataclass(frozen=True, slots=True)
class NthWeekday:
    """A weekday of a month by its place, -1 is the last: the next time there is one."""

    weekday: int
    nth: int


@dataclass(frozen=True, slots=True)
class OneOf:
    """The first of some weekdays that is not over."""

    weekdays: tuple[int, ...]


Day: TypeAlias = Offset | Weekday | OnDate | OfMonth | NthWeekday | OneOf


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates a day can be; without a question the first that is not over is meant, else it is asked."""

    candidates: tuple[dt.date, ...]
    question: Question | None = None


def is_strong(day: Day) -> bool:
    """Whether its words can be nothing but a day."""
    return day.is_strong if isinstance(day, Weekday | OfMonth | OnDate) else True


def dates_of(day: Day, today: dt.date) -> Dates:
    """Return the dates a day can be, seen from `today`; none when there is no such date."""
    match day:
        case Offset(days):
            return Dates((today + dt.timedelta(days=days),))
        case Weekday():
            return _of_week(day, today)
        case OnDate():
            return _of_year(day, today)
        case OfMonth(number, months):
            found = (date for date in _months_on(today, number, months) if months or date >= today)
            return Dates(tuple(date for date, _ in zip(found, range(2), strict=False)))
        case OneOf(weekdays):
            coming = (today + dt.timedelta(days=ahead) for ahead in range(_WEEK + 1))
            return Dates(tuple(date for date in coming if date.weekday() in weekdays))
        case NthWeekday(weekday, nth):
            firsts = (_month_later(today, months) for months in range(_MONTHS))
            every = (nth_weekday(first.year, first.month, weekday, nth) for first in firsts)
            return Dates(tuple(date for date in every if date and date >= today)[:2])


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> dt.date | None:
    """Return the nth of a weekday in a month, -1 for the last; None if the month has no fifth."""
    first = dt.date(year, month, 1)
    if nth < 0:
        last = _month_later(first, 1) - dt.timedelta(days=1)
        return last - dt.timedelta(days=(last.weekday() - weekday) % _WEEK)
    date = first + dt.timedelta(days=(weekday - first.weekday()) % _WEEK + _WEEK * (nth - 1))
    return date if date.month == month else None


def read_day(tokens: Tokens, at: int) -> tuple[Day, int] | None:
    """Read a day that begins at a token; return it with the place after it."""
    token = tokens[at]
    sense = token.sense
    if token.number is not None:
        return _numeric(tokens, at) or _day_month(tokens, at) or _day_of_month(tokens, at)
    if sense.days is not None:
        return _relative(tokens, at, sense.days)
    if sense.month is not None:
        return _month_day(tokens, at)
    return _phrase(tokens, at) or _weekday(tokens, at) or _day_of_month(tokens, at)


def _relative(tokens: Tokens, at: int, days: int) -> tuple[Day, int] | None:
    # आज कल, written apart, is "nowadays".
    neighbours = {(0, tokens[at + 1].sense.days), (tokens[at - 1].sense.days, days)}
    if (0, 1) in neighbours and days <= 1:
        return None
    return Offset(days), at + 1


def _phrase(tokens: Tokens, at: int) -> tuple[Day, int] | None:
    """Read `tonight`, `day after tomorrow`, `this evening`."""
    following = tokens[at + 1]
    if tokens[at].text == "tonight":
        return Offset(0, Part.NIGHT), at + 1
    if tokens[at].text == "day" and Role.AFTER in following.sense.roles and tokens[at + 2].sense.days == 1:
        return Offset(2), at + 3
    if Role.THIS in tokens[at].sense.roles and following.sense.part:
        return Offset(0, following.sense.part), at + 2
    return None


def _weekday(tokens: Tokens, at: int) -> tuple[Day, int] | None:
    roles = tokens[at].sense.roles
    which = _which(roles)
    begin = at if which is Which.ANY else at + 1
    if which is Which.NEXT and tokens[begin].sense.unit is Unit.WEEK:
        which, begin = Which.NEXT_WEEK, begin + 1
        if Role.OF in tokens[begin].sense.roles:
            begin += 1
    if which is Which.NEXT and Role.MONTH in tokens[begin].sense.roles:
        found = _day_of_month(tokens, begin + 2 if Role.OF in tokens[begin + 1].sense.roles else begin + 1)
        return (OfMonth(found[0].day, 1), found[1]) if found else None
    sense = tokens[begin].sense
    if sense.weekday is None:
        return None
    after = begin + 1
    if Role.NEXT in tokens[after].sense.roles and tokens[after + 1].sense.unit is Unit.WEEK:
        which, after = Which.NEXT_WEEK, after + 2
    is_marked = which is not Which.ANY or tokens[after].text in {"को", "ko"}
    return Weekday(sense.weekday, which, is_marked or not sense.is_weak), after


def _which(roles: frozenset[Role]) -> Which:
    if Role.NEXT in roles:
        return Which.NEXT
    return Which.THIS if roles & {Role.THIS, Role.COMING} else Which.ANY


def _numeric(tokens: Tokens, at: int) -> tuple[Day, int] | None:  # noqa: PLR0911 - a table of cases
    """Read 25/11, 25-11, 25-11-2026, 25.11.26 and 2026-11-25."""
    sign, second, third = tokens[at + 1], tokens[at + 2], tokens[at + 4]
    separator = sign.text
    if separator not in _SEPARATORS or not sign.is_glued or not second.is_glued:
        return None
    first_number, second_number = tokens[at].number, second.number
    if first_number is None or second_number is None:
        return None
    if tokens.follows(at + 3, separator) and third.is_glued and third.number is not None:
        if len(tokens[at].text) == _YEAR_DIGITS:
            return OnDate(third.number, second_number, first_number), at + 5
        if len(third.text) not in {_SHORT, _YEAR_DIGITS}:
            return None
        year = third.number + (2000 if len(third.text) == _SHORT else 0)
        return _indian(first_number, second_number, year), at + 5
    is_slogan = (first_number, second_number) == (24, 7)
    is_short = max(len(tokens[at].text), len(second.text)) <= _SHORT
    if is_slogan or not is_short or tokens.follows(at + 3, separator):
        return None
    if separator == "/":
        return _indian(first_number, second_number, None), at + 3
    # 7-8 and 7.30 are hours.
    is_date = _MONTHS < first_number <= _LONGEST_MONTH and 1 <= second_number <= _MONTHS
    return (OnDate(first_number, second_number, is_strong=False), at + 3) if is_date else None


def _indian(first: int, second: int, year: int | None) -> OnDate:
    if first <= _MONTHS < second <= _LONGEST_MONTH:
        return OnDate(second, first, year, is_swapped=True)
    return OnDate(first, second, year)


def _day_number(token: Token) -> int | None:
    number = token.number if token.number is not None else token.sense.number
    return number if number is not None and number < _CENTURY else None


def _day_month(tokens: Tokens, at: int) -> tuple[Day, int] | None:
    """Read 25 नवंबर, 25th of November 2026."""
    day = _day_number(tokens[at])
    after = at + 1
    if Role.ORDINAL in tokens[after].sense.roles and tokens[after].is_glued:
        after += 1
    if tokens[after].text in {"of", "-"}:
        after += 1
    month = tokens[after].sense.month
    if day is None or month is None or tokens[after + 1].text in _WISH:
        return None
    year, after = _year(tokens, after + 1)
    return OnDate(day, month, year), after


def _month_day(tokens: Tokens, at: int) -> tuple[Day, int] | None:
    """Read Nov 25, दिसंबर 3 2026."""
    month, number = tokens[at].sense.month, tokens[at + 1]
    if tokens[at + 1].text in {"-", "."}:
        number = tokens[at + 2]
        at += 1
    after = at + 2
    roles = tokens[after].sense.roles
    is_hour = roles & {Role.AM, Role.PM, Role.OCLOCK} or tokens.follows(after, ":")
    if month is None or number.number is None or number.number >= _CENTURY or is_hour:
        return None
    if roles & {Role.ORDINAL, Role.DATE}:
        after += 1
    year, after = _year(tokens, after)
    return OnDate(number.number, month, year), after


def _year(tokens: Tokens, at: int) -> tuple[int | None, int]:
    begin = at + 1 if tokens[at].text in {",", "-"} else at
    token = tokens[begin]
    is_year = token.number is not None and len(token.text) == _YEAR_DIGITS
    if is_year and Role.OCLOCK not in tokens[begin + 1].sense.roles:
        return token.number, begin + 1
    return None, at


def _day_of_month(tokens: Tokens, at: int) -> tuple[OfMonth, int] | None:
    """Read 25 तारीख, the 25th and 25 को."""
    day = _day_number(tokens[at])
    if day is None or not 1 <= day <= _LONGEST_MONTH:
        return None
    following = tokens[at + 1]
    if Role.DATE in following.sense.roles:
        return OfMonth(day), at + 2
    if Role.ORDINAL in following.sense.roles and following.is_glued:
        return OfMonth(day, is_strong=False), at + 2
    if following.text in {"को", "ko"} and tokens[at].number is not None:
        return OfMonth(day, is_strong=False), at + 1
    return None


def _of_week(day: Weekday, today: dt.date) -> Dates:
    ahead = (day.weekday - today.weekday()) % _WEEK
    coming, later = today + dt.timedelta(days=ahead), today + dt.timedelta(days=ahead + _WEEK)
    is_this_week = today.weekday() + ahead < _WEEK
    match day.which:
        case Which.THIS:
            return Dates((coming, later))
        case Which.ANY:
            return Dates((coming, later), Question.WEEK) if ahead == 0 else Dates((coming,))
        case Which.NEXT if ahead and is_this_week:
            return Dates((coming, later), Question.WEEK)
        case _:
            return Dates((later if is_this_week else coming,))


def _of_year(day: OnDate, today: dt.date) -> Dates:
    question = Question.DATE_ORDER if day.is_swapped else None
    if day.year is not None:
        date = _date(day.year, day.month, day.day)
        return Dates((date,) if date else (), question)
    for year in range(today.year, today.year + _LEAP_YEARS_APART + 1):
        date = _date(year, day.month, day.day)
        if date and date > today - _JUST_GONE:
            return Dates((date,), question)
    return Dates(())


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _months_on(today: dt.date, day: int, months: int) -> Iterator[dt.date]:
    for later in range(months, months + (1 if months else _MONTHS)):
        first = _month_later(today, later)
        date = _date(first.year, first.month, day)
        if date:
            yield date


def _month_later(date: dt.date, months: int) -> dt.date:
    index = date.year * _MONTHS + date.month - 1 + months
    return dt.date(index // _MONTHS, index % _MONTHS + 1, 1)
