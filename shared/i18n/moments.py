"""When something is to happen, in full: weekday, date, part of the day, clock and zone.

Early hours are said as those after midnight: रात 12:30 of a Tuesday is a Wednesday for whoever hears it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from shared.i18n.dates import format_date
from shared.i18n.language import Language

_BEGINS: Final = (20, 16, 12, 5, 3, 0)
"""The hours at which the parts of a day begin, as speakers of Hindi divide it: the last is after midnight."""
_PARTS: Final = {
    Language.HI: ("रात", "शाम", "दोपहर", "सुबह", "तड़के", "आधी रात के बाद"),
    Language.HI_LATN: ("raat", "shaam", "dopahar", "subah", "tadke", "aadhi raat ke baad"),
}
_OCLOCK: Final = {Language.HI: " बजे", Language.HI_LATN: " baje", Language.EN: ""}
_NAMED: Final = frozenset({"Asia/Kolkata", "Europe/London", "UTC"})
"""Zones with an abbreviation that members know; elsewhere IST is Ireland and Israel too."""
_NOON: Final = 12


def format_moment(at: dt.datetime, zone: ZoneInfo, language: Language) -> str:
    """Write an instant in full, on the clocks of `zone`: `मंगलवार, 24 नवंबर 2026, शाम 7:30 बजे (IST)`."""
    local = at.astimezone(zone)
    clock = f"{_clock(local, language, _PARTS)}{_OCLOCK[language]}"
    return f"{format_date(at, zone, language)}, {clock} ({zone_label(at, zone)})"


def format_clock(at: dt.datetime, zone: ZoneInfo, language: Language) -> str:
    """Write a time of day as one of two to choose from, where the night is called by its name: `रात 1:30`."""
    called = {name: (*parts[:-1], parts[0]) for name, parts in _PARTS.items()}
    return _clock(at.astimezone(zone), language, called)


def zone_label(at: dt.datetime, zone: ZoneInfo) -> str:
    """Return what a zone is called at a time: IST, GMT or BST, UTC, else its offset such as `UTC+5:45`."""
    local = at.astimezone(zone)
    if zone.key in _NAMED:
        return local.tzname() or "UTC"
    minutes = int((local.utcoffset() or dt.timedelta(0)).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _clock(local: dt.datetime, language: Language, called: Mapping[Language, tuple[str, ...]]) -> str:
    face = f"{local.hour % _NOON or _NOON}:{local.minute:02}"
    if language is Language.EN:
        return f"{face} {'AM' if local.hour < _NOON else 'PM'}"
    part = next(name for begins, name in zip(_BEGINS, called[language], strict=True) if local.hour >= begins)
    return f"{part} {face}"
