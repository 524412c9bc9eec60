"""The clock that the behaviour statements have, and readings of times that are known to succeed."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from services.events.domain.timing import Repeats, Resolved, instant, read_recurrence, read_time, zone_of
from shared.i18n.language import Language
from shared.i18n.moments import format_clock, format_moment, zone_label

INDIA: Final = ZoneInfo("Asia/Kolkata")
NOW: Final = dt.datetime(2026, 11, 23, 10, 0, tzinfo=INDIA)
"""A Monday."""


def wall(*parts: int) -> dt.datetime:
    """Return a time without a zone, as clocks on a wall show it."""
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    return dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - a wall time


def resolved(text: str, now: dt.datetime = NOW, zone: ZoneInfo = INDIA) -> Resolved:
    """Return the time in a text; a text without one fails the test."""
    reading = read_time(text, now, zone)
    assert isinstance(reading, Resolved), (text, reading)
    return reading


def repeated(text: str, now: dt.datetime = NOW, zone: ZoneInfo = INDIA) -> Repeats:
    """Return the series in a text; a text without one fails the test."""
    reading = read_recurrence(text, now, zone)
    assert isinstance(reading, Repeats), (text, reading)
    return reading


def said_in_full(wall_: dt.datetime, zone: str, language: Language) -> str:
    """Return a wall time as members read it."""
    return format_moment(instant(wall_, zone), zone_of(zone), language)


def said_for(wall_: dt.datetime, zone: str, guest_zone: str, language: Language) -> str:
    """Return a wall time as somebody reads it who lives by other clocks."""
    return format_moment(instant(wall_, zone), zone_of(guest_zone), language)


def said_choice(wall_: dt.datetime, language: Language) -> str:
    """Return a time of day as one of two to choose from."""
    return format_clock(instant(wall_, "Asia/Kolkata"), zone_of("Asia/Kolkata"), language)


def said_zone(wall_: dt.datetime, zone: str) -> str:
    """Return what a zone is called at a wall time."""
    return zone_label(instant(wall_, zone), zone_of(zone))
