"""Zones as calendar software reads them: VTIMEZONE of RFC 5545, section 3.6.5."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_YEARS_AHEAD: Final = 4
"""How far beyond its last session a calendar knows the changes of a zone that follow no rule."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a change of the clocks is, whenever it takes place."""

    before: dt.timedelta
    after: dt.timedelta
    name: str
    daylight: bool


@lru_cache(maxsize=256)
def zone_component(key: str, first: int, last: int) -> Timezone:
    """Return a zone with its changes, from the year before `first` on.

    Changes that come every year by a rule are a rule: a series without an end needs no later version, and
    some software reads no lists of dates here.

    Args:
        key: of the zone, as the IANA names it.
        first: the year of the first session.
        last: the year of the last.
    """
    zone = ZoneInfo(key)
    start = dt.datetime(first - 1, 1, 1, tzinfo=dt.UTC)
    end = dt.datetime(last + _YEARS_AHEAD, 1, 1, tzinfo=dt.UTC)
    component = Timezone()
    component.add("tzid", key)
    now = _kind(start, start, zone)
    component.add_component(_observance(_Kind(now.after, now.after, now.name, now.daylight), [_bare(start)]))
    onsets: dict[_Kind, list[dt.datetime]] = defaultdict(list)
    for before, after in _changes(zone, start, end):
        kind = _kind(before, after, zone)
        # An onset is told by the clock that is about to change.
        onsets[kind].append(_bare(after + kind.before))
    for kind, times in onsets.items():
        component.add_component(_observance(kind, times, _rule(times, end.year)))
    return component


def _observance(
    kind: _Kind, onsets: list[dt.datetime], rule: vRecur | None = None
) -> TimezoneDaylight | TimezoneStandard:
    part = TimezoneDaylight() if kind.daylight else TimezoneStandard()
    part.add("dtstart", onsets[0])
    part.add("tzoffsetfrom", kind.before)
    part.add("tzoffsetto", kind.after)
    part.add("tzname", kind.name)
    if rule is not None:
        part.add("rrule", rule)
    elif onsets[1:]:
        part.add("rdate", onsets[1:])
    return part


def _rule(onsets: list[dt.datetime], end: int) -> vRecur | None:
    """Return the rule these changes follow year by year to the end, if they do."""
    years = [onset.year for onset in onsets]
    alike = {(onset.month, onset.weekday(), onset.time()) for onset in onsets}
    if years != list(range(years[0], end)) or len(years) < _YEARS_AHEAD or len(alike) > 1:
        return None
    places = set.intersection(*(_places(onset) for onset in onsets))
    if not places:
        return None
    which = -1 if -1 in places else max(places)
    day = f"{which}{_WEEKDAYS[onsets[0].weekday()]}"
    return vRecur(freq="YEARLY", bymonth=onsets[0].month, byday=day)


def _places(onset: dt.datetime) -> set[int]:
    """Return as which of its weekday a date stands in its month, from the start and from the end."""
    length = calendar.monthrange(onset.year, onset.month)[1]
    return {(onset.day - 1) // 7 + 1, -((length - onset.day) // 7 + 1)}


def _changes(
    zone: ZoneInfo, start: dt.datetime, end: dt.datetime
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Find the last second before each change of the clocks and the first after it, in UTC."""
    day = dt.timedelta(days=1)
    while start < end:
        before, after = start, start + day
        if _offset(before, zone) != _offset(after, zone):
            while after - before > dt.timedelta(seconds=1):
                middle = before + ((after - before) / 2 // dt.timedelta(seconds=1)) * dt.timedelta(seconds=1)
                if _offset(middle, zone) == _offset(start, zone):
                    before = middle
                else:
                    after = middle
            yield before, after
        start += day


def _kind(before: dt.datetime, after: dt.datetime, zone: ZoneInfo) -> _Kind:
    local = after.astimezone(zone)
    return _Kind(_offset(before, zone), _offset(after, zone), local.tzname() or zone.key, bool(local.dst()))


def _offset(at: dt.datetime, zone: ZoneInfo) -> dt.timedelta:
    return at.astimezone(zone).utcoffset() or dt.timedelta()


def _bare(at: dt.datetime) -> dt.datetime:
    return at.replace(tzinfo=None)
