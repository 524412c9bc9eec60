from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from babel import dates

from shared.i18n.language import Language

# India puts the day before the month in English too, which CLDR's plain `en` does not.
_DATE: Final = "EEEE, d MMMM y"
_TIME: Final = {
    Language.HI: "B h:mm 'बजे'",
    Language.EN: "h:mm a",
    Language.HI_LATN: "B h:mm 'baje'",
}

_CLOCK: Final = {Language.HI: "B h:mm", Language.EN: "h:mm a", Language.HI_LATN: "B h:mm"}


def format_date(at: dt.datetime, zone: ZoneInfo, language: Language) -> str:
    """Write the weekday and the date of an instant, as people in that zone say it."""
    return dates.format_date(_local(at, zone), _DATE, locale=language.locale)


def format_time(at: dt.datetime, zone: ZoneInfo, language: Language) -> str:
    """Write the time of day of an instant, as people in that zone say it."""
    return dates.format_time(_local(at, zone), _TIME[language], tzinfo=zone, locale=language.locale)


def format_moment(at: dt.datetime, zone: ZoneInfo, language: Language) -> str:
    """Write when something is to happen: weekday, date, time of day and zone: nobody can mistake it."""
    local = _local(at, zone)
    return f"{format_date(at, zone, language)}, {format_time(at, zone, language)} ({_zone_name(local)})"


def format_clock(at: dt.datetime, zone: ZoneInfo, language: Language) -> str:
    """Write the time of day and nothing else, as in a question which of two is meant."""
    return dates.format_time(_local(at, zone), _CLOCK[language], tzinfo=zone, locale=language.locale)


def _zone_name(local: dt.datetime) -> str:
    """Return what a zone is called at that time, or how far it is from UTC where it has no letters."""
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{local.isoformat()[-6:]}"


def _local(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return at.astimezone(zone)
