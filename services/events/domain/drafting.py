"""From what an admin writes to a session as it would be, or to what has to be asked first."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from services.events.domain.draft import Draft, Kind
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
    choices: tuple[str, ...] = ()
    """The wall times among which to choose."""
    said: str = ""
    """The words of the time, for an answer to complete."""


@dataclass(frozen=True, slots=True)
class Told:
    """Nothing can come of it; `phrase` says why."""

    phrase: Phrase


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


def drafted(draft: Draft, reading: Reading) -> Draft | Ask | Told:
    """Return a draft with the time that was read, what to ask about it, or why nothing comes of it."""
    match reading:
        case (
            Resolved(starts=starts, zone=zone, length=length)
            | NoDate(starts=starts, zone=zone, length=length)
        ):
            return _whole(draft, starts, zone, length)
        case Ambiguous(question=question, candidates=candidates, zone=zone, length=length):
            draft = replace(draft, zone=zone, minutes=_minutes(length) or draft.minutes)
            walls = tuple(each.isoformat() for each in candidates)
            options = tuple(
                Phrase("ask.option", {"n": n, "when": Moment(instant(each, zone), zone)})
                for n, each in enumerate(candidates, 1)
            )
            phrase = Phrase("ask.which", {"options": options})
            if question is Question.PART_OF_DAY and len(candidates) == TWO:
                first, second = (Moment(instant(each, zone), zone, brief=True) for each in candidates)
                phrase = Phrase("ask.part", {"first": first, "second": second})
            return Ask(draft, phrase, walls)
        case NoClock(said=said, length=length):
            draft = replace(draft, minutes=_minutes(length) or draft.minutes)
            return Ask(draft, Phrase("ask.clock"), said=said)
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


def chosen(choices: tuple[str, ...], reading: Reading, text: str) -> str | None:
    """Return the wall time that an answer chooses, None for an answer that chooses none or several.

    An answer is the number of a choice, or words of a time that fit one of them alone.
    """
    word = text.strip().strip(_EDGES)
    if word.isdecimal() and len(word) == 1 and 1 <= int(word) <= len(choices):
        return choices[int(word) - 1]
    match reading:
        case Resolved(starts=starts) | NoDate(starts=starts):
            fits = {each for each in choices if dt.datetime.fromisoformat(each).time() == starts.time()}
        case Ambiguous(candidates=candidates):
            fits = {each.isoformat() for each in candidates} & set(choices)
        case _:
            return None
    return fits.pop() if len(fits) == 1 else None


def shown(draft: Draft) -> dict[str, Parameter]:
    """Return what the question whether a draft is meant is filled with."""
    starts = instant(dt.datetime.fromisoformat(draft.wall or ""), draft.zone)
    return {"title": draft.title, "when": Moment(starts, draft.zone)}


def zone_of_chat(zone: str | None) -> ZoneInfo:
    """Return the zone of a chat."""
    return ZoneInfo(zone or "Asia/Kolkata")


def _whole(draft: Draft, starts: dt.datetime, zone: str, length: dt.timedelta | None) -> Draft:
    return replace(draft, wall=starts.isoformat(), zone=zone, minutes=_minutes(length) or draft.minutes)


def _minutes(length: dt.timedelta | None) -> int | None:
    return round(length.total_seconds() / 60) or None if length is not None else None
