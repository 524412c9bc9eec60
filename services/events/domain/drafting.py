"""From what an admin writes to a session as it would be, or to what has to be asked first."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from functools import reduce
from zoneinfo import ZoneInfo

from services.events.domain.draft import Draft, Kind
from services.events.domain.timing.answers import settle
from services.events.domain.timing.reader import read_time
from services.events.domain.timing.reading import (
    Ambiguous,
    Impossible,
    NoClock,
    NoDate,
    NoTime,
    Past,
    Question,
    Reading,
    Resolved,
)
from services.events.domain.timing.recurrence import UnsupportedRule
from services.events.domain.timing.recurring import Pattern, Repeats, Unsupported, read_recurrence
from services.events.domain.timing.rrule import to_rrule
from services.events.domain.timing.zones import instant
from shared.contracts.webinars import MAX_TITLE
from shared.decision import Moment, Parameter, Phrase

MOST_SEATS = 100_000
TWO = 2

_SEATS = re.compile(
    r"\b(\d{1,6})\s*(?:सीटें|सीट|seats?|log|लोग|jagah|जगह)(?!\w)"
    r"|(?<!\w)(?:सीटें|सीट|seats?|capacity|क्षमता|jagah|जगह)\s*[:=]?\s*(\d{1,6})\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"https://[^\s<>\"']{3,1500}")
_EDGES = " \t\n–—-:,;|।.!"


@dataclass(frozen=True, slots=True)
class Ask:
    """Something has to be answered before a draft is whole."""

    draft: Draft
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Told:
    """Nothing can come of it; `phrase` says why."""

    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Time:
    """What was said of a time: how it reads, and how it comes again where it does."""

    reading: Reading
    pattern: Pattern | None = None


def extras(text: str) -> tuple[str, Draft]:
    """Return the text without what it says of seats and of the place, and a draft with these."""
    capacity, link = None, None
    if found := _SEATS.search(text):
        number = int(found[1] or found[2])
        if 1 <= number <= MOST_SEATS:
            capacity, text = number, text[: found.start()] + " " + text[found.end() :]
    if found := _LINK.search(text):
        link, text = found[0], text[: found.start()] + " " + text[found.end() :]
    return text, Draft(Kind.CALL, capacity=capacity, link=link)


def timed(said: tuple[str, ...], since: dt.datetime, zone: ZoneInfo) -> Time | Told:
    """Return how what was said first, and answered since, reads; as at the time it was said first."""
    again = read_recurrence(said[0], since, zone)
    if isinstance(again, Unsupported):
        return Told(Phrase("ask.unsupported", {"said": again.said}))
    pattern = again.pattern if isinstance(again, Repeats) else None
    first = again.first if isinstance(again, Repeats) else read_time(said[0], since, zone)
    day = pattern.day if pattern is not None else None
    reading = reduce(lambda asked, answer: settle(asked, answer, since, zone, day), said[1:], first)
    return Time(reading, pattern)


def drafted(draft: Draft, time: Time | Told) -> Draft | Ask | Told:
    """Return a draft with the time that was read, what to ask about it, or why nothing comes of it."""
    if isinstance(time, Told):
        return time
    match time.reading:
        case (
            Resolved(starts=starts, zone=zone, length=length)
            | NoDate(starts=starts, zone=zone, length=length)
        ):
            return _whole(
                replace(draft, minutes=_minutes(length) or draft.minutes), starts, zone, time.pattern
            )
        case Ambiguous(question=question, candidates=candidates, zone=zone):
            return Ask(draft, _which(question, candidates, zone))
        case NoClock():
            return Ask(draft, Phrase("ask.clock"))
        case NoTime():
            return Ask(draft, Phrase("ask.time"))
        case Past(starts=starts, zone=zone):
            phrase = Phrase("ask.past", {"when": Moment(instant(starts, zone), zone)})
        case Impossible(said=said):
            phrase = Phrase("ask.impossible", {"said": said})
    return Told(phrase)


def titled(draft: Draft, rest: str) -> Draft:
    """Return a draft with the title that is left of a text once all else is out of it."""
    return replace(draft, title=" ".join(rest.split()).strip(_EDGES)[:MAX_TITLE])


def shown(draft: Draft) -> dict[str, Parameter]:
    """Return what the question whether a draft is meant is filled with."""
    starts = instant(dt.datetime.fromisoformat(draft.wall or ""), draft.zone)
    return {"title": draft.title, "when": Moment(starts, draft.zone)}


def _which(question: Question, candidates: tuple[dt.datetime, ...], zone: str) -> Phrase:
    if question is Question.PART_OF_DAY and len(candidates) == TWO:
        first, second = (Moment(instant(each, zone), zone, brief=True) for each in candidates)
        return Phrase("ask.part", {"first": first, "second": second})
    options = tuple(
        Phrase("ask.option", {"n": n, "when": Moment(instant(each, zone), zone)})
        for n, each in enumerate(candidates, 1)
    )
    return Phrase("ask.which", {"options": options})


def _whole(draft: Draft, starts: dt.datetime, zone: str, pattern: Pattern | None) -> Draft | Told:
    draft = replace(draft, wall=starts.isoformat(), zone=zone)
    if pattern is None:
        return draft
    try:
        return replace(draft, recurrence=to_rrule(pattern.starting_at(starts), zone))
    except UnsupportedRule:
        return Told(Phrase("ask.unsupported", {"said": draft.title}))


def _minutes(length: dt.timedelta | None) -> int | None:
    return round(length.total_seconds() / 60) or None if length is not None else None
