"""What somebody answers to a question about a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from services.events.domain.timing.clocks import Clock, Showing, showings
from services.events.domain.timing.days import Day, NthWeekday, Offset, OfMonth, OnDate, Weekday, dates_of
from services.events.domain.timing.phrases import find_chunks
from services.events.domain.timing.reader import read_time
from services.events.domain.timing.reading import Ambiguous, NoClock, NoDate, Question, Reading, Resolved
from services.events.domain.timing.tokens import Tokens, tokenise
from services.events.domain.timing.words import Part, Role
from services.events.domain.timing.zones import wall_at

_NOON: Final = 12


def settle(asked: Reading, answer: str, now: dt.datetime, zone: ZoneInfo, day: Day | None = None) -> Reading:
    """Read an answer to what `asked` left open; the title and length are those of `asked`.

    Args:
        asked: what was asked about.
        answer: `दोपहर`, `2`, `शाम 7 बजे`, `कल`, or another time altogether.
        now: zone-aware.
        zone: of the writer.
        day: as for `read_time`.

    Returns:
        The time; or what is still open, `asked` itself if the answer says nothing about it.
    """
    match asked:
        case Ambiguous():
            fresh = read_time(answer, now, zone)
            return _kept(fresh, asked) if isinstance(fresh, Resolved) else _narrowed(asked, answer, now, zone)
        case NoClock() | NoDate():
            tokens = tokenise(answer)
            is_hour = isinstance(asked, NoClock) and len(tokens) == 1 and tokens[0].number is not None
            whole = f"{asked.said} {answer}{' बजे' if is_hour else ''}"
            fresh = read_time(whole, now, zone, day)
            return asked if isinstance(fresh, type(asked)) else _kept(fresh, asked)
        case _:
            fresh = read_time(answer, now, zone, day)
            return replace(fresh, rest=asked.rest)


def _kept(fresh: Reading, asked: Ambiguous | NoClock | NoDate) -> Reading:
    match fresh:
        case Resolved() | Ambiguous() | NoClock() | NoDate():
            return replace(fresh, rest=asked.rest, length=fresh.length or asked.length)
        case _:
            return replace(fresh, rest=asked.rest)


def _narrowed(asked: Ambiguous, answer: str, now: dt.datetime, zone: ZoneInfo) -> Reading:
    tokens = tokenise(answer)
    left = _by_number(asked.candidates, tokens) or _by_words(asked.candidates, tokens, answer, now, zone)
    if len(left) == 1:
        return Resolved(left[0], asked.zone, asked.rest, asked.length)
    if not left or len(left) == len(asked.candidates):
        return asked
    is_one_day = len({wall.date() for wall in left}) == 1
    return replace(asked, question=Question.PART_OF_DAY if is_one_day else asked.question, candidates=left)


def _by_number(candidates: tuple[dt.datetime, ...], tokens: Tokens) -> tuple[dt.datetime, ...]:
    """The answer is the place in the list."""
    number = tokens[0].number if len(tokens) == 1 else None
    return (candidates[number - 1],) if number and number <= len(candidates) else ()


def _by_words(
    candidates: tuple[dt.datetime, ...], tokens: Tokens, answer: str, now: dt.datetime, zone: ZoneInfo
) -> tuple[dt.datetime, ...]:
    """The answer names what sets one apart: its part of the day, its day, its clock."""
    today = wall_at(now, zone.key).date()
    left = candidates
    part: Part | None = None
    for chunk in find_chunks(tokens, answer):
        match chunk.what:
            case Part() as said:
                part = said
                left = tuple(wall for wall in left if _is_in(wall, said))
            case Clock() as clock:
                times = showings(clock, part)
                left = tuple(wall for wall in left if _shows(wall, times))
            case Offset() | Weekday() | OnDate() | OfMonth() | NthWeekday() as day:
                dates = dates_of(day, today).candidates
                left = tuple(wall for wall in left if wall.date() in dates)
            case _:
                pass
    roles = {role for token in tokens.items for role in token.sense.roles}
    for role, begins in ((Role.AM, 0), (Role.PM, _NOON)):
        if role in roles:
            left = tuple(wall for wall in left if wall.hour // _NOON * _NOON == begins)
    return left


def _is_in(wall: dt.datetime, part: Part) -> bool:
    return _shows(wall, showings(Clock(wall.hour % _NOON or _NOON, wall.minute), part))


def _shows(wall: dt.datetime, times: tuple[Showing, ...]) -> bool:
    return any((wall.hour, wall.minute) == (hour, minute) for hour, minute, _ in times)
