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


def format_date(at: dt.datetime, zone: ZoneInfo, language: Language) -> str:
    """Write the weekday and the date of an instant, as people in that zone say it."""
    return dates.format_date(_local(at, zone), _DATE, locale=language.locale)


def format_time(at: dt.datetime, zone: ZoneInfo, language: Language) -> str:
    """Write the time of day of an instant, as people in that zone say it."""
    return dates.format_time(_local(at, zone), _TIME[language], tzinfo=zone, locale=language.locale)


def _local(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return at.astimezone(zone)
