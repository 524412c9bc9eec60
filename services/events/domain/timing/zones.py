from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from shared.errors import Invalid

INDIA: Final = "Asia/Kolkata"
LONDON: Final = "Europe/London"
UTC: Final = "UTC"


class UnknownZone(Invalid):
    """There is no time zone of that name."""

    code = "unknown_zone"


# Former names that devices and calendars still send; IANA tz database, file `backward`.
_FORMER: Final = {
    "Asia/Calcutta": INDIA,
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Dacca": "Asia/Dhaka",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Asia/Thimbu": "Asia/Thimphu",
    "Europe/Kiev": "Europe/Kyiv",
    "GB": LONDON,
    "Singapore": "Asia/Singapore",
    "Japan": "Asia/Tokyo",
    "US/Eastern": "America/New_York",
    "US/Central": "America/Chicago",
    "US/Mountain": "America/Denver",
    "US/Pacific": "America/Los_Angeles",
    **dict.fromkeys(("Etc/UTC", "Etc/GMT", "GMT", "Zulu", "Etc/Zulu", "Etc/UCT", "UCT", "Universal"), UTC),
}
_NAME: Final = re.compile(r"UTC|[A-Za-z]{2,14}(?:/[A-Za-z0-9_+-]{1,32}){1,2}")
_NO_PLACES: Final = ("posix/", "right/", "SystemV/")


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """Return the zone that an IANA name stands for, former names included; its `key` is the canonical name.

    Raises:
        UnknownZone: there is none, or it names no place (`EST`, `localtime`).
    """
    name = _FORMER.get(name, name)
    if _NAME.fullmatch(name) and not name.startswith(_NO_PLACES):
        try:
            return ZoneInfo(name)
        # Not found, a folder such as America/Indiana, a file that is no zone.
        except (KeyError, OSError, ValueError):
            pass
    raise UnknownZone(f"There is no time zone {name[:64]!r}.")


def canonical(name: str) -> str:
    """Return the name under which a zone is kept.

    Raises:
        UnknownZone: there is no such zone.
    """
    return zone_of(name).key


def instant(wall: dt.datetime, zone: str) -> dt.datetime:
    """Return when the clocks of a zone show a time, in UTC.

    A time that the clocks skip is as much later as they skip, and one that they show twice is the first
    (RFC 5545, section 3.3.5).

    Raises:
        UnknownZone: there is no such zone.
        ValueError: the time has a zone of its own.
    """
    if wall.tzinfo is not None:
        raise ValueError("a wall time has no zone of its own")
    # PEP 495: with fold=0, a time in a gap takes the offset from before it, which moves it forward.
    return wall.replace(tzinfo=zone_of(zone), fold=0).astimezone(dt.UTC)


def wall_at(at: dt.datetime, zone: str) -> dt.datetime:
    """Return what the clocks of a zone show at an instant.

    Raises:
        UnknownZone: there is no such zone.
        ValueError: the instant is none, as it has no zone.
    """
    if at.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return at.astimezone(zone_of(zone)).replace(tzinfo=None, fold=0)


def wall_in(wall: dt.datetime, zone: str, other: str) -> dt.datetime:
    """Return what the clocks of another zone show when those of `zone` show `wall`.

    Raises:
        UnknownZone: there is no such zone.
        ValueError: the time has a zone of its own.
    """
    return wall_at(instant(wall, zone), other)


def existing(wall: dt.datetime, zone: str) -> dt.datetime:
    """Return the time itself, or what the clocks show instead when they skip it.

    Raises:
        UnknownZone: there is no such zone.
        ValueError: the time has a zone of its own.
    """
    return wall_in(wall, zone, zone)
