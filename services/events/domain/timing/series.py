"""A session that comes again, and what an admin may do to it: to one, to all from one on, to all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from services.events.domain.timing.days import nth_weekday
from services.events.domain.timing.recurrence import LAST, Frequency, Recurrence
from services.events.domain.timing.zones import canonical, instant
from shared.errors import Conflict, Invalid, NotFound

MAX_OCCURRENCES: Final = 1_000
"""What one question about a series may return."""
_WEEK: Final = 7
_YEARS: Final = range(1970, 2200)
"""Of a start; beyond them dates cannot be counted with."""


class NoSuchOccurrence(NotFound):
    """The series has no session then, or it does not take place."""

    code = "no_such_occurrence"


class NotAStart(Invalid):
    """The rule of the series makes no session at its start."""

    code = "not_a_start"


class AlreadyThere(Conflict):
    """The series has another session at that time."""

    code = "already_there"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One session of a series.

    Attributes:
        original: the start that the rule makes: its name for good, also after it has been moved.
        starts: when it takes place, on the clocks of `zone`.
        zone: IANA name, canonical.
    """

    original: dt.datetime
    starts: dt.datetime
    zone: str

    @property
    def at(self) -> dt.datetime:
        """The instant it starts, in UTC."""
        return instant(self.starts, self.zone)


@dataclass(frozen=True, slots=True)
class Series:
    """A session that comes again.

    Attributes:
        series_id: its id.
        starts: of the first, on the clocks of `zone`, whole seconds.
        zone: IANA name, canonical.
        recurrence: when it comes again.
        follows: the series it was split from, if any.

    Raises:
        NotAStart: `starts` is not a start the rule makes.
        UnknownZone: there is no such zone.
    """

    series_id: str
    starts: dt.datetime
    zone: str
    recurrence: Recurrence
    follows: str | None = None

    def __post_init__(self) -> None:
        is_plain = not self.starts.tzinfo and not self.starts.microsecond and self.starts.year in _YEARS
        if not is_plain or not self.recurrence.fits(self.starts):
            raise NotAStart("A series begins with a session that its rule makes.")
        object.__setattr__(self, "zone", canonical(self.zone))


@dataclass(frozen=True, slots=True)
class Split:
    """A series in two: what stays, if anything, and what follows under another id."""

    before: Series | None
    after: Series


def occurrences(series: Series, after: dt.datetime, before: dt.datetime) -> tuple[Occurrence, ...]:
    """Return the sessions that start from `after` on and before `before`, wall times, in their order.

    At most `MAX_OCCURRENCES`; a series without an end is unrolled up to `HORIZON` after its start.
    """
    recurrence = series.recurrence
    away = recurrence.excluded | {original for original, _ in recurrence.moved}
    found = [(start, start) for start in _made(series, after, before) if start not in away]
    found += [pair for pair in recurrence.moved if after <= pair[1] < before]
    found.sort(key=lambda pair: (pair[1], pair[0]))
    return tuple(Occurrence(original, starts, series.zone) for original, starts in found[:MAX_OCCURRENCES])


def occurrence(series: Series, original: dt.datetime) -> Occurrence:
    """Return the session whose start by the rule is `original`.

    Raises:
        NoSuchOccurrence: there is none, or it does not take place.
    """
    is_made = original in series.recurrence.starts_from(series.starts)
    if not is_made or original in series.recurrence.excluded:
        raise NoSuchOccurrence("The series has no session at that time.")
    return Occurrence(original, dict(series.recurrence.moved).get(original, original), series.zone)


def cancel_one(series: Series, original: dt.datetime) -> Series:
    """Take one session out of a series.

    Raises:
        NoSuchOccurrence: there is none, or it does not take place.
    """
    occurrence(series, original)
    recurrence = series.recurrence
    moved = tuple(pair for pair in recurrence.moved if pair[0] != original)
    return replace(
        series, recurrence=replace(recurrence, excluded=recurrence.excluded | {original}, moved=moved)
    )


def move_one(series: Series, original: dt.datetime, to: dt.datetime) -> Series:
    """Give one session another start, and the one its rule makes back when `to` is that.

    Raises:
        NoSuchOccurrence: there is none, or it does not take place.
        AlreadyThere: another session of the series starts then.
    """
    occurrence(series, original)
    there = occurrences(series, to, to + dt.timedelta(seconds=1))
    if any(each.original != original for each in there):
        raise AlreadyThere("The series has another session at that time.")
    others = tuple(pair for pair in series.recurrence.moved if pair[0] != original)
    moved = others if to == original else tuple(sorted((*others, (original, to))))
    return replace(series, recurrence=replace(series.recurrence, moved=moved))


def change_all(
    series: Series,
    *,
    starts: dt.datetime | None = None,
    zone: str | None = None,
    recurrence: Recurrence | None = None,
) -> Series:
    """Change every session of a series.

    A new start on the same date is another time of day: exceptions keep their dates, and moved sessions stay
    where they were moved to. A start on another date moves the weekday; exceptions then mean nothing and go.
    A new rule comes with its own exceptions.

    Raises:
        NotAStart: the new rule makes no session at the start.
        UnknownZone: there is no such zone.
    """
    starts = starts or series.starts
    rule = recurrence or _following(series.recurrence, series.starts, starts)
    return replace(series, starts=starts, zone=zone or series.zone, recurrence=rule)


def change_following(
    series: Series,
    original: dt.datetime,
    new_id: str,
    *,
    starts: dt.datetime | None = None,
    zone: str | None = None,
    recurrence: Recurrence | None = None,
) -> Split:
    """Change one session and all after it: the series ends before it, and another one follows it.

    Args:
        series: to split.
        original: start by the rule of the first session that changes.
        new_id: of the series that follows; it is linked to the old one.
        starts: of the first session that follows; `original` if only the rule or the zone changes.
        zone: of the series that follows.
        recurrence: of the series that follows; without one the rule goes on, with what is left of its count.

    Raises:
        NoSuchOccurrence: there is no session then, or it does not take place.
        NotAStart: the new rule makes no session at `starts`.
        UnknownZone: there is no such zone.
    """
    occurrence(series, original)
    rule = series.recurrence
    earlier = [start for start in rule.starts_from(series.starts) if start < original]
    rest = replace(
        rule,
        count=rule.count - len(earlier) if rule.count else None,
        excluded=frozenset(start for start in rule.excluded if start >= original),
        moved=tuple(pair for pair in rule.moved if pair[0] >= original),
    )
    begun = replace(series, series_id=new_id, starts=original, recurrence=rest, follows=series.series_id)
    return Split(
        _ended(series, earlier[-1], original) if earlier else None,
        change_all(begun, starts=starts, zone=zone, recurrence=recurrence),
    )


def _made(series: Series, after: dt.datetime, before: dt.datetime) -> list[dt.datetime]:
    made: list[dt.datetime] = []
    for start in series.recurrence.starts_from(series.starts):
        if start >= before or len(made) == MAX_OCCURRENCES:
            break
        if start >= after:
            made.append(start)
    return made


def _ended(series: Series, last: dt.datetime, end: dt.datetime) -> Series:
    rule = series.recurrence
    ended = replace(
        rule,
        count=None,
        until=last,
        excluded=frozenset(start for start in rule.excluded if start < end),
        moved=tuple(pair for pair in rule.moved if pair[0] < end),
    )
    return replace(series, recurrence=ended)


def _following(rule: Recurrence, old: dt.datetime, new: dt.datetime) -> Recurrence:
    """Return the rule for a series whose start goes from `old` to `new`."""
    if old == new:
        return rule

    def later(wall: dt.datetime) -> dt.datetime:
        return dt.datetime.combine(wall.date(), new.time())

    until = later(rule.until) if rule.until and rule.until.time() == old.time() else rule.until
    if old.date() == new.date():
        excluded = frozenset(later(start) for start in rule.excluded)
        moved = tuple((later(start), to) for start, to in rule.moved)
        return replace(rule, until=until, excluded=excluded, moved=moved)
    plain = replace(rule, until=until, excluded=frozenset(), moved=())
    if rule.fits(new):
        return plain
    if rule.frequency is Frequency.MONTHLY:
        return replace(plain, weekdays=(new.weekday(),), nth=_nth(new.date(), rule.nth))
    by = (new.date() - old.date()).days
    return replace(plain, weekdays=tuple(sorted((day + by) % _WEEK for day in rule.weekdays)))


def _nth(date: dt.date, like: int | None) -> int:
    """Return which of its weekdays in the month a date is; the last stays the last."""
    if like == LAST and nth_weekday(date.year, date.month, date.weekday(), LAST) == date:
        return LAST
    return (date.day - 1) // _WEEK + 1
