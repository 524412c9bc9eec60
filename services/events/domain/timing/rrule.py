"""Recurrence as text: `FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=8` (RFC 5545, section 3.3.10)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from services.events.domain.timing.recurrence import Frequency, Recurrence, UnsupportedRule
from services.events.domain.timing.zones import instant, wall_at

MAX_TEXT: Final = 200
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS: Final = frozenset({"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT", "WKST"})
_BYDAY: Final = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL: Final = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")
_NUMBER: Final = re.compile(r"[0-9]{1,4}")


def to_rrule(recurrence: Recurrence, zone: str) -> str:
    """Write a rule without its exceptions; UNTIL is in UTC, as a start with a zone demands.

    Raises:
        UnknownZone: there is no such zone.
    """
    parts = [f"FREQ={recurrence.frequency}"]
    if recurrence.interval > 1:
        parts.append(f"INTERVAL={recurrence.interval}")
    nth = "" if recurrence.nth is None else str(recurrence.nth)
    parts.append("BYDAY=" + ",".join(f"{nth}{_DAYS[day]}" for day in recurrence.weekdays))
    if recurrence.until is not None:
        parts.append(f"UNTIL={instant(recurrence.until, zone):%Y%m%dT%H%M%SZ}")
    if recurrence.count is not None:
        parts.append(f"COUNT={recurrence.count}")
    return ";".join(parts)


def from_rrule(text: str, starts: dt.datetime, zone: str) -> Recurrence:
    """Read the subset that `to_rrule` writes; a weekly rule without BYDAY is on the weekday of `starts`.

    Raises:
        UnsupportedRule: it is malformed or says what no session does; the sentence names the part.
        UnknownZone: there is no such zone.
    """
    parts = _split(text)
    nths, weekdays = _byday(parts.get("BYDAY"), starts)
    if len(nths) > 1:
        raise UnsupportedRule("BYDAY may name one weekday of a month only.")
    if parts.get("WKST", "MO") != "MO":
        raise UnsupportedRule("WKST may be MO only.")
    frequency = parts.get("FREQ", "")
    if frequency not in set(Frequency):
        raise UnsupportedRule(f"FREQ may be WEEKLY or MONTHLY, not {frequency[:20]!r}.")
    return Recurrence(
        Frequency(frequency),
        weekdays,
        interval=_number(parts, "INTERVAL") or 1,
        nth=next(iter(nths)),
        until=_until(parts.get("UNTIL"), zone),
        count=_number(parts, "COUNT"),
    )


def _split(text: str) -> dict[str, str]:
    if len(text) > MAX_TEXT:
        raise UnsupportedRule(f"A rule has at most {MAX_TEXT} characters.")
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS:
            raise UnsupportedRule(f"A rule has no part {name[:20]!r} here.")
        if name in parts:
            raise UnsupportedRule(f"{name} is there twice.")
        parts[name] = value
    return parts


def _number(parts: dict[str, str], name: str) -> int | None:
    value = parts.get(name)
    if value is None:
        return None
    if not _NUMBER.fullmatch(value) or int(value) == 0:
        raise UnsupportedRule(f"{name} is a number from 1 on.")
    return int(value)


def _byday(value: str | None, starts: dt.datetime) -> tuple[set[int | None], tuple[int, ...]]:
    if value is None:
        return {None}, (starts.weekday(),)
    matches = [_BYDAY.fullmatch(day) for day in value.split(",")]
    found = [match for match in matches if match]
    if len(found) < len(matches):
        raise UnsupportedRule("BYDAY is a list of weekdays such as TU or -1SU.")
    nths = {int(match[1]) if match[1] else None for match in found}
    return nths, tuple(sorted({_DAYS.index(match[2]) for match in found}))


def _until(value: str | None, zone: str) -> dt.datetime | None:
    if value is None:
        return None
    try:
        if _UNTIL.fullmatch(value):
            if value.endswith("Z"):
                at = dt.datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
                return wall_at(at, zone)
            if "T" in value:
                return dt.datetime.strptime(value, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a wall time
            day = dt.datetime.strptime(value, "%Y%m%d")  # noqa: DTZ007 - a wall date
            return day.replace(hour=23, minute=59, second=59)
    except (ValueError, OverflowError):
        pass
    raise UnsupportedRule("UNTIL is a date or a time such as 20270330T123000Z.")
