"""The time of day: 7:30 pm, 19:30, शाम साढ़े सात बजे, 7-8 pm, आधी रात.

**Which day a night belongs to**: the one on which it begins. रात 12 बजे and रात 1 बजे of Tuesday, and its
midnight, are on Wednesday's calendar page. 12 am, 00:30 and "आधी रात के बाद 1 बजे" are clock and calendar
notation and stay on the page that is named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, TypeAlias

from services.events.domain.timing.tokens import Tokens
from services.events.domain.timing.words import Part, Role

_NOON: Final = 12
_HOURS: Final = 24
_MINUTES: Final = 60
_MINUTE_DIGITS: Final = 2
_DASHES: Final = frozenset("-–—")
# "shaam do …" begins a request and "morning one …" a sentence as often as they name an hour.
_PLAIN_WORDS: Final = frozenset({"do", "one"})


class Led(Enum):
    """What stands before a number and makes an hour of it."""

    NOT = auto()
    BY_DAY = auto()
    BY_PART = auto()
    BY_AT = auto()


class Meridiem(Enum):
    """Which half of the day, by the clock."""

    AM = 0
    PM = 12


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as it was written.

    Attributes:
        hour: 0 to 23; 1 to 12 unless `is_exact`.
        minute: 0 to 59.
        meridiem: am or pm, if written.
        is_exact: whether the notation leaves no question: 19:30, 07:30, noon.
        is_midnight: the end of the named day.
        ends: hour and minute of the end of a range such as 7-8 pm.
        end_meridiem: am or pm of that end.
        is_strong: whether it can be nothing but a time of day.
    """

    hour: int
    minute: int = 0
    meridiem: Meridiem | None = None
    is_exact: bool = False
    is_midnight: bool = False
    ends: tuple[int, int] | None = None
    end_meridiem: Meridiem | None = None
    is_strong: bool = True


@dataclass(frozen=True, slots=True)
class BadClock:
    """Written like a clock, but no clock shows it: 25:99."""


Showing: TypeAlias = tuple[int, int, int]
"""Hour, minute, and by how many days the date is after the named day."""


class _Style(Enum):
    NUMBER = auto()
    WORD = auto()
    HALVES = auto()
    DOT = auto()
    SURE = auto()


@dataclass(frozen=True, slots=True)
class _Face:
    hour: int
    minute: int
    style: _Style
    is_padded: bool = False


def read_clock(tokens: Tokens, at: int, led: Led) -> tuple[Clock | BadClock, int] | None:
    """Read a time of day that begins at a token; return it with the place after it."""
    named = _named(tokens, at)
    if named:
        return named
    found = _face(tokens, at)
    if found is None:
        return None
    face, after = found
    clock, then, is_said = _suffix(tokens, after, face)
    ranged = _range(tokens, then, clock, is_open=not is_said and face.style is not _Style.SURE)
    if ranged:
        clock, then, is_said = *ranged, True
    if not is_said and not _stands_alone(face, led, tokens[at].text):
        return None
    if clock.hour > _HOURS or clock.minute >= _MINUTES:
        return BadClock(), then
    if clock.hour == _HOURS:
        return (Clock(0, is_midnight=True), then) if clock.minute == 0 else (BadClock(), then)
    return replace(clock, is_strong=is_said or face.style is _Style.SURE), then


def showings(clock: Clock, part: Part | None) -> tuple[Showing, ...]:  # noqa: PLR0911 - a table of cases
    """Return the times of day a clock can mean: one, or two when the part of the day is open."""
    hour, minute = clock.hour % _NOON, clock.minute
    early, late, next_early = (hour, minute, 0), (hour + _NOON, minute, 0), (hour, minute, 1)
    if clock.is_midnight:
        return ((0, 0, 1),)
    if clock.is_exact:
        return ((clock.hour, minute, 0),)
    if clock.meridiem:
        return (early if clock.meridiem is Meridiem.AM else late,)
    match part:
        case Part.BEFORE_DAWN | Part.AFTER_MIDNIGHT:
            return (early,)
        case Part.MORNING:
            return (early,) if hour else (late,)
        case Part.AFTERNOON:
            return (early,) if hour >= _FORENOON else (late,)
        case Part.EVENING if hour:
            return (late,)
        case Part.NIGHT:
            return (late,) if hour >= _DUSK else (next_early,)
        case _:
            return (late, next_early) if hour < _DAWN else (early, late)


_FORENOON: Final = 9
"""दोपहर begins before noon for some; from this hour on it is the forenoon that is meant."""
_DUSK: Final = 6
_DAWN: Final = 4


def length_of(clock: Clock, hour: int) -> int | None:
    """Return the minutes to the end of a range that begins at `hour`; None where no end was written."""
    if clock.ends is None:
        return None
    begins = hour * _MINUTES + clock.minute
    end_hour, end_minute = clock.ends
    half, day = _NOON * _MINUTES, _HOURS * _MINUTES
    if clock.end_meridiem or end_hour > _NOON:
        hours = end_hour % _NOON + clock.end_meridiem.value if clock.end_meridiem else end_hour
        return (hours * _MINUTES + end_minute - begins) % day or day
    return (end_hour * _MINUTES + end_minute - begins) % half or half


def _named(tokens: Tokens, at: int) -> tuple[Clock, int] | None:
    first, second = tokens[at].sense.roles, tokens[at + 1]
    if Role.MIDNIGHT in first:
        return Clock(0, is_midnight=True), at + 1
    if Role.MIDDAY in first:
        return Clock(_NOON, is_exact=True), at + 1
    if Role.MIDNIGHT_FIRST in first and second.sense.part is Part.NIGHT:
        is_after = Role.AFTER in tokens[at + 3].sense.roles and Role.OF in tokens[at + 2].sense.roles
        return None if is_after else (Clock(0, is_midnight=True), at + 2)
    return _past_the_hour(tokens, at)


def _past_the_hour(tokens: Tokens, at: int) -> tuple[Clock, int] | None:
    """Read `half past seven` and `quarter to eight`."""
    first, second, hour = tokens[at].sense.roles, tokens[at + 1], _hour(tokens, at + 2)
    if hour is None or not {Role.HALF, Role.QUARTER} & first:
        return None
    if Role.PAST_THE_HOUR in second.sense.roles:
        return _suffix(tokens, at + 3, _Face(hour, 30 if Role.HALF in first else 15, _Style.SURE))[:2]
    if second.text == "to" and Role.QUARTER in first:
        return _suffix(tokens, at + 3, _quartered(hour, -15))[:2]
    return None


def _hour(tokens: Tokens, at: int) -> int | None:
    token = tokens[at]
    hour = token.number if token.number is not None else token.sense.number
    return hour if hour is not None and 1 <= hour <= _NOON else None


def _quartered(hour: int, minutes: int) -> _Face:
    total = (hour * _MINUTES + minutes) % (_NOON * _MINUTES)
    return _Face(total // _MINUTES or _NOON, total % _MINUTES, _Style.SURE)


def _face(tokens: Tokens, at: int) -> tuple[_Face, int] | None:
    """Read the figures of a clock, whatever stands after them."""
    sense = tokens[at].sense
    if sense.quarter is not None:
        hour = _hour(tokens, at + 1)
        if hour is not None:
            return _quartered(hour, sense.quarter), at + 2
        # सवा बजे and पौने बजे, without an hour, are about one o'clock.
        return (_quartered(1, sense.quarter), at + 1) if _is_oclock(tokens, at + 1) else None
    if sense.halves is not None:
        return _Face(sense.halves // 2, 30, _Style.HALVES), at + 1
    if sense.number is not None:
        # छ: with a colon for the visarga.
        after = at + 2 if tokens[at].text == "छ" and tokens.follows(at + 1, ":") else at + 1
        return _Face(sense.number, 0, _Style.WORD), after
    return _digits(tokens, at)


def _digits(tokens: Tokens, at: int) -> tuple[_Face, int] | None:
    token = tokens[at]
    if token.number is not None and len(token.text) == _MINUTE_DIGITS * 2 and tokens[at + 1].text == "hrs":
        return _Face(token.number // 100, token.number % 100, _Style.SURE, is_padded=True), at + 1
    if token.number is None or len(token.text) > _MINUTE_DIGITS:
        return None
    is_padded = len(token.text) == _MINUTE_DIGITS and token.number < _NOON - 2
    minute = tokens[at + 2]
    if minute.is_glued and minute.number is not None and len(minute.text) == _MINUTE_DIGITS:
        if tokens.follows(at + 1, ":"):
            after = at + 5 if tokens.follows(at + 3, ":") and tokens[at + 4].number is not None else at + 3
            return _Face(token.number, minute.number, _Style.SURE, is_padded), after
        if tokens.follows(at + 1, "."):
            return _Face(token.number, minute.number, _Style.DOT), at + 3
    return _Face(token.number, 0, _Style.NUMBER), at + 1


def _is_oclock(tokens: Tokens, at: int) -> bool:
    return Role.OCLOCK in tokens[at].sense.roles


def _suffix(tokens: Tokens, at: int, face: _Face) -> tuple[Clock, int, bool]:
    """Read what after the figures says that they are a time of day."""
    clock = Clock(
        face.hour,
        face.minute,
        is_exact=face.is_padded or face.hour == 0 or _NOON < face.hour < _HOURS,
    )
    roles = tokens[at].sense.roles
    if Role.OCLOCK in roles:
        # "8 baje pm" is written too.
        return _suffix(tokens, at + 1, face) if _is_meridiem(tokens, at + 1) else (clock, at + 1, True)
    if _is_meridiem(tokens, at):
        return _with_meridiem(tokens, at, clock)
    minutes = tokens[at + 1].number
    if Role.PAST_THE_HOUR in roles and face.minute == 0 and minutes is not None and tokens[at + 2].sense.unit:
        return replace(clock, minute=minutes), at + 3, True
    if face.hour == _NOON and face.minute == 0 and Role.MIDDAY in roles:
        return replace(clock, is_exact=True), at + 1, True
    if face.hour == _NOON and face.minute == 0 and Role.MIDNIGHT in roles:
        return replace(clock, is_midnight=True), at + 1, True
    is_military = face.style is _Style.SURE and tokens[at].text == "hrs"
    return clock, at + 1 if is_military else at, _is_before_part(tokens, at)


def _is_before_part(tokens: Tokens, at: int) -> bool:
    """Whether `in the morning` or `at night` follows; the part of the day is read by itself."""
    if (tokens[at].text, tokens[at + 1].text) == ("in", "the"):
        return tokens[at + 2].sense.part is not None
    return tokens[at].text == "at" and tokens[at + 1].sense.part is Part.NIGHT


def _with_meridiem(tokens: Tokens, at: int, clock: Clock) -> tuple[Clock, int, bool]:
    after = at + 2 if tokens.follows(at + 1, ".") and "." in tokens[at].text else at + 1
    if _is_oclock(tokens, after):
        after += 1
    if clock.hour > _NOON:
        return clock, after, True
    meridiem = Meridiem.AM if Role.AM in tokens[at].sense.roles else Meridiem.PM
    return replace(clock, meridiem=meridiem, is_exact=False), after, True


def _is_meridiem(tokens: Tokens, at: int) -> bool:
    return not {Role.AM, Role.PM}.isdisjoint(tokens[at].sense.roles)


def _range(tokens: Tokens, at: int, clock: Clock, *, is_open: bool) -> tuple[Clock, int] | None:
    """Read the other end of a range; where nothing yet says that it is one of hours, that end must."""
    is_range = tokens[at].text in _DASHES or Role.TO in tokens[at].sense.roles
    begin = at + 2 if tokens[at + 1].sense.part else at + 1
    found = _face(tokens, begin) if is_range else None
    if found is None:
        return None
    face, after = found
    end, after, is_said = _suffix(tokens, after, face)
    is_bare = not is_said and (is_open or face.style is not _Style.SURE)
    if is_bare or end.hour >= _HOURS or end.minute >= _MINUTES:
        return None
    ranged = replace(clock, ends=(end.hour, end.minute), end_meridiem=end.meridiem)
    if end.meridiem and not clock.meridiem and not clock.is_exact:
        # 11-1 pm begins in the morning: the shorter of the two lengths is meant.
        halves = (Meridiem.AM, Meridiem.PM)
        ranged = min(
            (replace(ranged, meridiem=half) for half in halves),
            key=lambda each: length_of(each, each.hour % _NOON + (each.meridiem or Meridiem.AM).value) or 0,
        )
    return ranged, after


def _stands_alone(face: _Face, led: Led, word: str) -> bool:
    """Whether figures with nothing after them are a time of day here."""
    match face.style:
        case _Style.SURE:
            return True
        case _Style.DOT:
            return led is not Led.NOT
        case _Style.NUMBER:
            return led in {Led.BY_PART, Led.BY_AT} and face.hour <= _HOURS
        case _:
            return led is Led.BY_PART and word not in _PLAIN_WORDS
