"""A time as people say it, complete: weekday, date, part of the day, clock and zone.

What is written here is read back by `read_time` as the same time. Early hours are said as the hours after
midnight, because रात 12:30 of a Tuesday is a Wednesday for whoever hears it.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from babel import dates

from services.events.domain.timing.words import Part
from services.events.domain.timing.zones import (
    INDIA,
    LONDON,
    UTC,
    canonical,
    instant,
    wall_at,
    wall_in,
    zone_of,
)
from shared.i18n import Language

_NAMED: Final = frozenset({INDIA, LONDON, UTC})
"""Zones with an abbreviation that members know; elsewhere IST is Ireland and Israel too."""
_BEGINS: Final = (
    (20, Part.NIGHT),
    (16, Part.EVENING),
    (12, Part.AFTERNOON),
    (5, Part.MORNING),
    (3, Part.BEFORE_DAWN),
    (0, Part.AFTER_MIDNIGHT),
)
_PARTS: Final = {
    Language.HI: {
        Part.NIGHT: "रात",
        Part.EVENING: "शाम",
        Part.AFTERNOON: "दोपहर",
        Part.MORNING: "सुबह",
        Part.BEFORE_DAWN: "तड़के",
        Part.AFTER_MIDNIGHT: "आधी रात के बाद",
    },
    Language.HI_LATN: {
        Part.NIGHT: "raat",
        Part.EVENING: "shaam",
        Part.AFTERNOON: "dopahar",
        Part.MORNING: "subah",
        Part.BEFORE_DAWN: "tadke",
        Part.AFTER_MIDNIGHT: "aadhi raat ke baad",
    },
}
_OCLOCK: Final = {Language.HI: " बजे", Language.HI_LATN: " baje", Language.EN: ""}
_NEAR: Final = {
    Language.HI: ("आज", "कल"),
    Language.HI_LATN: ("aaj", "kal"),
    Language.EN: ("today", "tomorrow"),
}
_WEEKDAYS: Final = ("somvar", "mangalvar", "budhvar", "guruvar", "shukravar", "shanivar", "ravivar")
_NOON: Final = 12


def part_of_day(hour: int) -> Part:
    """Return the part of the day that an hour belongs to, 0 to 23."""
    return next(part for begins, part in _BEGINS if hour >= begins)


def say_time(wall: dt.datetime, zone: str, language: Language, now: dt.datetime | None = None) -> str:
    """Write a wall time in full: `मंगलवार, 24 नवंबर 2026, शाम 7:30 बजे (IST)`.

    Args:
        wall: on the clocks of `zone`, without tzinfo.
        zone: IANA name.
        language: to write in.
        now: zone-aware; given, today and tomorrow are said as such.

    Raises:
        UnknownZone: there is no such zone.
    """
    clock = f"{say_clock(wall, language)}{_OCLOCK[language]}"
    return f"{_day(wall, zone, language, now)}, {clock} ({zone_label(wall, zone)})"


def say_time_for(wall: dt.datetime, zone: str, guest_zone: str, language: Language) -> str:
    """Write the time of a session for somebody who lives by other clocks.

    Raises:
        UnknownZone: there is no such zone.
    """
    return say_time(wall_in(wall, zone, guest_zone), canonical(guest_zone), language)


def say_date(date: dt.date, language: Language) -> str:
    """Write a date with its weekday: `मंगलवार, 24 नवंबर 2026`."""
    return f"{say_weekday(date, language)}, {dates.format_date(date, 'd MMMM y', locale=language.locale)}"


def say_weekday(date: dt.date, language: Language) -> str:
    """Write the weekday of a date."""
    if language is Language.HI_LATN:
        return _WEEKDAYS[date.weekday()]
    return str(dates.format_date(date, "EEEE", locale=language.locale))


def say_clock(wall: dt.datetime, language: Language) -> str:
    """Write a time of day, without what people put after it: `शाम 7:30`, `7:30 PM`."""
    face = f"{wall.hour % _NOON or _NOON}:{wall.minute:02}"
    if language is Language.EN:
        return f"{face} {'AM' if wall.hour < _NOON else 'PM'}"
    return f"{_PARTS[language][part_of_day(wall.hour)]} {face}"


def say_choice(wall: dt.datetime, language: Language) -> str:
    """Write a time of day as one of two to choose from, where the night is called by its name: `रात 1:30`."""
    if language is Language.EN or part_of_day(wall.hour) is not Part.AFTER_MIDNIGHT:
        return say_clock(wall, language)
    return f"{_PARTS[language][Part.NIGHT]} {wall.hour % _NOON or _NOON}:{wall.minute:02}"


def zone_label(wall: dt.datetime, zone: str) -> str:
    """Return how a zone is called at a time: IST, GMT or BST, UTC, else its offset such as `UTC+5:45`.

    Raises:
        UnknownZone: there is no such zone.
    """
    at = instant(wall, zone).astimezone(zone_of(zone))
    if canonical(zone) in _NAMED:
        return at.tzname() or UTC
    minutes = int((at.utcoffset() or dt.timedelta(0)).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _day(wall: dt.datetime, zone: str, language: Language, now: dt.datetime | None) -> str:
    if now is not None:
        ahead = (wall.date() - wall_at(now, zone).date()).days
        today, tomorrow = _NEAR[language]
        if ahead == 0:
            return today
        if ahead == 1:
            return f"{tomorrow}, {say_weekday(wall, language)}"
    return say_date(wall, language)
