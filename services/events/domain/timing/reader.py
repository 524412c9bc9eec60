"""A time as people write it, read.

The words of a time are found anywhere in a text; those that stand beside a clock count before those that do
not, so that कल in a title stays there when the date is beside the hour.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from services.events.domain.timing.amounts import Length, Wait
from services.events.domain.timing.clocks import BadClock, Clock, length_of, showings
from services.events.domain.timing.days import (
    MAX_AHEAD,
    Dates,
    Day,
    NthWeekday,
    Offset,
    OfMonth,
    OnDate,
    Weekday,
    dates_of,
    is_strong,
)
from services.events.domain.timing.phrases import Chunk, Place, cut, find_chunks, trim
from services.events.domain.timing.reading import (
    Ambiguous,
    Impossible,
    NoClock,
    NoDate,
    NoTime,
    Past,
    Question,
    Reading,
    Reason,
    Resolved,
)
from services.events.domain.timing.tokens import tokenise
from services.events.domain.timing.words import Part
from services.events.domain.timing.zones import canonical, existing, instant, wall_at

MAX_CANDIDATES: Final = 4
_DAYS: Final = (Offset, Weekday, OnDate, OfMonth, NthWeekday)
_T = TypeVar("_T")


def read_time(text: str, now: dt.datetime, zone: ZoneInfo, day: Day | None = None) -> Reading:
    """Read the time of a session out of a text.

    Args:
        text: what somebody wrote; its first `MAX_READ` characters are searched.
        now: zone-aware; no time at or before it is returned as `Resolved`, `Ambiguous` or `NoDate`.
        zone: of the writer, who says `today` in it and means its clocks where the text names no zone.
        day: the day that is meant, where it is known from elsewhere; days in the text then stay in it.
    """
    tokens = tokenise(text)
    name = canonical(zone.key)
    today = wall_at(now, name).date()
    chosen = _choose(find_chunks(tokens, text), day, today)
    if not chosen.used and day is None:
        return NoTime(trim(text))
    rest, said = cut(text, tokens, chosen.used)
    words = _Words(rest, said, chosen.length)
    name = chosen.place or name
    if chosen.wait is not None:
        starts = wall_at((now + chosen.wait).replace(second=0, microsecond=0), name)
        return _settled((starts,), None, name, now, words)
    if chosen.is_bad_clock:
        return Impossible(Reason.NO_SUCH_CLOCK, said, rest)
    if chosen.clock is None:
        return _without_clock(chosen, today, name, words)
    times = showings(chosen.clock, chosen.part)
    ends = length_of(chosen.clock, times[0][0])
    if ends:
        words = _Words(rest, said, dt.timedelta(minutes=ends))
    if not chosen.days:
        return _without_day(times, name, now, words)
    return _with_both(chosen, times, _Frame(today, name, now), words)


@dataclass(frozen=True, slots=True)
class _Words:
    rest: str
    said: str
    length: dt.timedelta | None


@dataclass(frozen=True, slots=True)
class _Frame:
    today: dt.date
    zone: str
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The words that count, and what they mean."""

    used: tuple[Chunk, ...]
    clock: Clock | None = None
    days: tuple[Day, ...] = ()
    part: Part | None = None
    length: dt.timedelta | None = None
    wait: dt.timedelta | None = None
    place: str | None = None
    is_bad_clock: bool = False


def _choose(chunks: tuple[Chunk, ...], forced: Day | None, today: dt.date) -> _Chosen:
    day_chunks = () if forced else tuple(chunk for chunk in chunks if isinstance(chunk.what, _DAYS))
    firm_runs = {chunk.run for chunk in day_chunks if is_strong(_as_day(chunk))}
    clock = max(
        (chunk for chunk in chunks if isinstance(chunk.what, Clock)),
        # The later of equals: a title comes first more often than last.
        key=lambda chunk: (_is_firm(chunk), chunk.run in firm_runs, chunk.start),
        default=None,
    )
    wait = next((chunk for chunk in chunks if isinstance(chunk.what, Wait)), None)
    if clock is None and wait and isinstance(wait.what, Wait):
        return _Chosen((wait,), wait=dt.timedelta(minutes=wait.what.minutes))
    days = _choose_days(day_chunks, clock, today)
    runs = {chunk.run for chunk in (clock, *days) if chunk}
    part = _nearest(chunks, Part, clock, runs)
    place = _nearest(chunks, Place, clock, runs)
    length = _choose_length(chunks, runs) if runs else None
    bad = next((chunk for chunk in chunks if isinstance(chunk.what, BadClock) and clock is None), None)
    used = {chunk for chunk in (clock, *days, part, place, length, bad) if chunk}
    return _Chosen(
        tuple(sorted(used, key=lambda chunk: chunk.start)),
        clock.what if clock and isinstance(clock.what, Clock) else None,
        (forced,) if forced else tuple(dict.fromkeys(_as_day(chunk) for chunk in days)),
        _part_of(part, days),
        dt.timedelta(minutes=length.what.minutes) if length and isinstance(length.what, Length) else None,
        None,
        place.what.zone if place and isinstance(place.what, Place) else None,
        bad is not None,
    )


def _as_day(chunk: Chunk) -> Day:
    assert isinstance(chunk.what, _DAYS)  # noqa: S101 - filtered by the caller
    return chunk.what


def _is_firm(chunk: Chunk) -> bool:
    return isinstance(chunk.what, Clock) and chunk.what.is_strong


def _choose_days(chunks: tuple[Chunk, ...], clock: Chunk | None, today: dt.date) -> tuple[Chunk, ...]:
    """Choose the days beside the clock, else those elsewhere; a weak one counts only beside the clock."""
    beside = tuple(chunk for chunk in chunks if clock and chunk.run == clock.run)
    firm_beside = tuple(chunk for chunk in beside if is_strong(_as_day(chunk)))
    firm = tuple(chunk for chunk in chunks if is_strong(_as_day(chunk)))
    chosen = firm_beside or beside[-1:] or firm
    named = {date.weekday() for chunk in chosen for date in _written_dates(chunk, today)}
    runs = {chunk.run for chunk in chosen}
    # "Sat 28 Nov": beside its own date, a weak weekday is one.
    echoes = tuple(
        chunk
        for chunk in chunks
        if chunk not in chosen
        and chunk.run in runs
        and isinstance(chunk.what, Weekday)
        and chunk.what.weekday in named
    )
    return chosen + echoes


def _written_dates(chunk: Chunk, today: dt.date) -> tuple[dt.date, ...]:
    day = _as_day(chunk)
    return dates_of(day, today).candidates[:1] if isinstance(day, OnDate | OfMonth) else ()


def _nearest(chunks: tuple[Chunk, ...], kind: type[_T], clock: Chunk | None, runs: set[int]) -> Chunk | None:
    of_kind = [chunk for chunk in chunks if isinstance(chunk.what, kind) and chunk.run in runs]
    if clock is None:
        return of_kind[0] if of_kind else None
    beside = [chunk for chunk in of_kind if chunk.run == clock.run]
    return min(beside or of_kind, key=lambda chunk: abs(chunk.start - clock.start), default=None)


def _choose_length(chunks: tuple[Chunk, ...], runs: set[int]) -> Chunk | None:
    lengths = [chunk for chunk in chunks if isinstance(chunk.what, Length)]
    beside = [chunk for chunk in lengths if chunk.run in runs]
    marked = [chunk for chunk in lengths if isinstance(chunk.what, Length) and chunk.what.is_strong]
    return next(iter(beside or marked), None)


def _part_of(part: Chunk | None, days: tuple[Chunk, ...]) -> Part | None:
    if part and isinstance(part.what, Part):
        return part.what
    return next((day.what.part for day in days if isinstance(day.what, Offset)), None)


def _without_clock(chosen: _Chosen, today: dt.date, zone: str, words: _Words) -> Reading:
    found = [dates_of(day, today) for day in chosen.days]
    if not all(each.candidates for each in found):
        return Impossible(Reason.NO_SUCH_DATE, words.said, words.rest)
    first = found[0]
    is_sure = len(found) == 1 and first.question is None
    date = first.candidates[0] if is_sure else None
    if date and date > today + MAX_AHEAD:
        return Impossible(Reason.TOO_FAR, words.said, words.rest)
    if date and date < today:
        return Past(dt.datetime.combine(date, dt.time(0)), zone, words.rest)
    return NoClock(date, chosen.part, words.said, words.rest, words.length)


def _without_day(
    times: tuple[tuple[int, int, int], ...], zone: str, now: dt.datetime, words: _Words
) -> Reading:
    """The next time each face of the clock is shown."""
    today = wall_at(now, zone).date()
    coming = sorted(
        next(wall for wall in _walls(today, hour, minute, zone) if instant(wall, zone) > now)
        for hour, minute, _ in times
    )
    if len(coming) > 1:
        return Ambiguous(Question.PART_OF_DAY, tuple(coming), zone, words.rest, words.length)
    return NoDate(coming[0], zone, words.said, words.rest, words.length)


def _walls(today: dt.date, hour: int, minute: int, zone: str) -> tuple[dt.datetime, ...]:
    return tuple(_wall(today, (hour, minute, days), zone) for days in range(3))


def _wall(date: dt.date, time: tuple[int, int, int], zone: str) -> dt.datetime:
    hour, minute, days = time
    return existing(dt.datetime.combine(date, dt.time(hour, minute)) + dt.timedelta(days=days), zone)


def _with_both(
    chosen: _Chosen, times: tuple[tuple[int, int, int], ...], frame: _Frame, words: _Words
) -> Reading:
    dates = _agree(chosen.days, frame.today)
    if not dates.candidates:
        return Impossible(Reason.NO_SUCH_DATE, words.said, words.rest)
    if max(dates.candidates) > frame.today + MAX_AHEAD:
        return Impossible(Reason.TOO_FAR, words.said, words.rest)
    if min(dates.candidates) < frame.today - MAX_AHEAD:
        # So far back that clocks were set by other rules: that it is over is all there is to say.
        wall = dt.datetime.combine(dates.candidates[0], dt.time(*times[0][:2]))
        return Past(wall, frame.zone, words.rest)
    by_date = [[_wall(date, time, frame.zone) for time in times] for date in dates.candidates]
    if chosen.days == (Offset(0),) and times[-1][2]:
        # After midnight, tonight is the night that is there already, or the next one.
        hour, minute, days = times[-1]
        early = _wall(frame.today, (hour, minute, days - 1), frame.zone)
        if instant(early, frame.zone) > frame.now and len(times) == 1:
            return _settled((early, by_date[0][0]), Question.DAY, frame.zone, frame.now, words)
    ahead = [[wall for wall in walls if instant(wall, frame.zone) > frame.now] for walls in by_date]
    if dates.question is None:
        # The first day that is not over, or for a time that is: how it was read.
        kept = next((walls for walls in ahead if walls), by_date[0][-1:])
        return _settled(tuple(kept), None, frame.zone, frame.now, words)
    kept = [wall for walls in ahead for wall in walls] or by_date[0][-1:]
    days_left = sum(1 for walls in ahead if walls)
    question = dates.question if days_left > 1 or dates.question is Question.DATE_ORDER else None
    return _settled(tuple(kept), question, frame.zone, frame.now, words)


def _agree(days: tuple[Day, ...], today: dt.date) -> Dates:
    """Return what several words for the day come to: a weekday beside its date is no second day."""
    each = [dates_of(day, today) for day in days]
    if len(each) == 1 or not all(dates.candidates for dates in each):
        return next((dates for dates in each if not dates.candidates), each[0])
    common = [
        date
        for date in _without_weekdays(days, each)
        if all(_fits(day, date, dates) for day, dates in zip(days, each, strict=True))
    ]
    if len(common) == 1:
        return Dates((common[0],))
    every = sorted({date for dates in each for date in dates.candidates[:1]})
    return Dates(tuple(every), Question.DAY if len(every) > 1 else None)


def _without_weekdays(days: tuple[Day, ...], each: list[Dates]) -> set[dt.date]:
    exact = [dates for day, dates in zip(days, each, strict=True) if not isinstance(day, Weekday)]
    return {date for dates in exact or each for date in dates.candidates}


def _fits(day: Day, date: dt.date, dates: Dates) -> bool:
    return date.weekday() == day.weekday if isinstance(day, Weekday) else date in dates.candidates


def _settled(
    walls: tuple[dt.datetime, ...], question: Question | None, zone: str, now: dt.datetime, words: _Words
) -> Reading:
    walls = tuple(sorted(set(walls)))
    ahead = tuple(wall for wall in walls if instant(wall, zone) > now)
    if not ahead:
        return Past(walls[-1], zone, words.rest)
    if question or len(ahead) > 1:
        asked = question or Question.PART_OF_DAY
        return Ambiguous(asked, ahead[:MAX_CANDIDATES], zone, words.rest, words.length)
    return Resolved(ahead[0], zone, words.rest, words.length)
