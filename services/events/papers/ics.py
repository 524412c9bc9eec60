"""Webinars as calendar software reads them: RFC 5545, and RFC 5546 for what becomes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress, vDuration, vRecur, vText, vUri

from services.events.papers.links import safe
from services.events.papers.wording import TEXTS, person
from services.events.papers.zones import zone_component
from shared.drawing.harmless import harmless, harmless_lines
from shared.i18n.language import Language

_PRODUCT: Final = "-//Chaupal//Webinars//"


@dataclass(frozen=True, slots=True)
class Entry:
    """A session, or a series of them, in a calendar."""

    uid: str
    """The same for the life of the session, and for all of a series."""
    title: str
    starts: dt.datetime
    """The wall time, without a zone."""
    zone: ZoneInfo
    minutes: int
    changed_at: dt.datetime
    """When it was last changed, with a zone: nothing in a calendar depends on when it is asked for."""
    created_at: dt.datetime
    sequence: int = 0
    """How often it has been moved or called off."""
    description: str = ""
    speaker: str | None = None
    location: str = ""
    """Where it takes place; of an online session its address, for who may know it."""
    url: str | None = None
    """Its public page."""
    cancelled: bool = False
    rule: str | None = None
    """An RRULE; the time of an UNTIL without a zone is a wall time."""
    exceptions: tuple[dt.datetime, ...] = ()
    """Wall times at which the rule gives no session."""
    recurrence: dt.datetime | None = None
    """The wall time the rule gave it, where this entry is one session of a series that differs."""
    reminders: tuple[int, ...] = ()
    """Minutes before the start at which the calendar is to remind."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar that software asks for again and again."""

    name: str
    zone: ZoneInfo
    """The zone of the group, or of the member."""
    url: str | None = None
    """Where it is published."""
    description: str = ""
    refresh: dt.timedelta = field(default=dt.timedelta(hours=1))
    """How often software should ask."""


def calendar_of(entries: Iterable[Entry], feed: Feed, language: Language = Language.HI) -> bytes:
    """Return a published calendar, to follow: METHOD is PUBLISH, what was called off is in it as such.

    Raises:
        ValueError: A rule is none.
    """
    entries = _ordered(entries)
    calendar = _calendar("PUBLISH", language)
    calendar.add("name", vText(harmless(feed.name)))
    calendar.add("x-wr-calname", vText(harmless(feed.name)))
    calendar.add("x-wr-timezone", feed.zone.key)
    calendar.add("refresh-interval", feed.refresh, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(feed.refresh))
    if feed.description:
        calendar.add("description", harmless_lines(feed.description))
        calendar.add("x-wr-caldesc", vText(harmless_lines(feed.description)))
    if feed.url and (address := safe(feed.url)):
        calendar.add("url", vUri(address))
    return _written(calendar, entries, language, {feed.zone.key: feed.zone})


def file_of(entries: Iterable[Entry], organiser: str, language: Language = Language.HI) -> bytes:
    """Return a session, with all that differs in its series, as a file to open once.

    METHOD is CANCEL where all of it was called off, so that software takes it out again.

    Args:
        entries: of one session or one series.
        organiser: the name of the group.
        language: of the words that the calendar adds.

    Raises:
        ValueError: A rule is none.
    """
    entries = _ordered(entries)
    over = bool(entries) and all(entry.cancelled for entry in entries)
    calendar = _calendar("CANCEL" if over else "PUBLISH", language)
    # RFC 5546 wants an organiser; a group has no mailbox, and this address is reserved for having none.
    address = vCalAddress("invalid:nomail")
    address.params["cn"] = vText(harmless(organiser, 120).replace('"', "'"))
    return _written(calendar, entries, language, {}, address)


def _ordered(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.starts, entry.uid, entry.recurrence or entry.starts))


def _calendar(method: str, language: Language) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"{_PRODUCT}{language.value[:2].upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _written(
    calendar: Calendar,
    entries: list[Entry],
    language: Language,
    zones: dict[str, ZoneInfo],
    organiser: vCalAddress | None = None,
) -> bytes:
    zones = zones | {entry.zone.key: entry.zone for entry in entries}
    years = [entry.starts.year for entry in entries] or [2026]
    for key in sorted(zones):
        calendar.add_component(zone_component(key, min(years), max(years)))
    for entry in entries:
        event = _event(entry, language)
        if organiser is not None:
            event.add("organizer", organiser)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(entry: Entry, language: Language) -> Event:
    event = Event()
    changed = entry.changed_at.astimezone(dt.UTC).replace(microsecond=0)
    event.add("uid", harmless(entry.uid, 200))
    event.add("dtstamp", changed)
    event.add("created", entry.created_at.astimezone(dt.UTC).replace(microsecond=0))
    event.add("last-modified", changed)
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.starts.replace(tzinfo=entry.zone))
    event.add("duration", dt.timedelta(minutes=entry.minutes))
    title = harmless(entry.title, 250)
    event.add("summary", title, parameters={"LANGUAGE": language.value})
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    if description := "\n\n".join(_described(entry, language)):
        event.add("description", description)
    if entry.location:
        event.add("location", harmless(entry.location))
    if entry.url and (address := safe(entry.url)):
        event.add("url", vUri(address))
    if entry.recurrence is not None:
        event.add("recurrence-id", entry.recurrence.replace(tzinfo=entry.zone))
    elif entry.rule is not None:
        event.add("rrule", _rule(entry.rule, entry.zone))
        if entry.exceptions:
            event.add("exdate", [each.replace(tzinfo=entry.zone) for each in sorted(entry.exceptions)])
    for minutes in () if entry.cancelled else sorted(set(entry.reminders), reverse=True):
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", TEXTS.render("ics.reminder", language, title=title))
        alarm.add("trigger", dt.timedelta(minutes=-minutes))
        event.add_component(alarm)
    return event


def _described(entry: Entry, language: Language) -> Iterator[str]:
    if entry.speaker and (name := person(entry.speaker)):
        yield TEXTS.render("ics.speaker", language, name=name)
    if description := harmless_lines(entry.description):
        yield description


def _rule(text: str, zone: ZoneInfo) -> vRecur:
    rule: vRecur = vRecur.from_ical(text.removeprefix("RRULE:"))
    # RFC 5545, section 3.3.10: beside a DTSTART with a zone, UNTIL is in UTC.
    if until := rule.get("UNTIL"):
        rule["UNTIL"] = [_in_utc(each, zone) for each in until]
    return rule


def _in_utc(until: dt.date, zone: ZoneInfo) -> dt.datetime:
    if not isinstance(until, dt.datetime):
        until = dt.datetime.combine(until, dt.time.max.replace(microsecond=0))
    wall = until if until.tzinfo is not None else until.replace(tzinfo=zone)
    return wall.astimezone(dt.UTC)
