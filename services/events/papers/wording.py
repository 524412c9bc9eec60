"""The words on papers, and what no paper may say of a person."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from shared.drawing.harmless import harmless
from shared.i18n.catalogue import Catalogue
from shared.i18n.dates import format_date, format_time
from shared.i18n.language import Language

TEXTS: Final = Catalogue.load(Path(__file__).parent / "locale")

_NUMBER: Final = re.compile(r"\(?\+?\(?\d(?:[\s().-]{0,3}\d){6,}")
"""Seven digits or more, of any script, however they are grouped: as long as phone numbers are."""


def person(name: str) -> str:
    """Return somebody's name as a paper shows it: harmless, and without a phone number in it."""
    return _NUMBER.sub("•••", harmless(name, 120))


def zone_name(at: dt.datetime, zone: ZoneInfo) -> str:
    """Return what people call a zone at that instant, such as `IST`, or its distance from UTC."""
    local = at.astimezone(zone)
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{local:%z}"[:6] + ":" + f"{local:%z}"[-2:]


def moment(at: dt.datetime, zone: ZoneInfo, language: Language) -> str:
    """Write a time of day with its zone."""
    return f"{format_time(at, zone, language)} {zone_name(at, zone)}"


def day(at: dt.datetime, zone: ZoneInfo, language: Language) -> str:
    """Write a date in words."""
    return format_date(at, zone, language)
