"""A webinar: one session at one time, alone or as an occurrence of a series."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from services.events.domain.origin import Origin


class Stage(StrEnum):
    """Where in its life a webinar is."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


AHEAD = frozenset({Stage.SCHEDULED, Stage.LIVE})


@dataclass(frozen=True, slots=True)
class Webinar:
    """A webinar.

    The wall time and the zone are what people agreed on; `starts_at` follows from them and is what clocks and
    queries go by.
    """

    webinar_id: str
    """`<scope>#<number>`."""
    scope: str
    number: int
    """By which members name it: `!शामिल 12`."""
    chat_id: str
    """Where it was called, and where it is spoken of."""
    title: str
    wall: str
    """The local time of the start, by ISO 8601 without a zone."""
    zone: str
    """As the IANA names it."""
    starts_at: dt.datetime
    minutes: int
    host: str | None
    """The member who runs it; None where a REST client has called it."""
    created_at: dt.datetime
    changed_at: dt.datetime
    stage: Stage = Stage.SCHEDULED
    version: int = 0
    """Rises with every change: SEQUENCE of RFC 5545, section 3.8.7.4."""
    capacity: int | None = None
    language: str | None = None
    description: str = ""
    link: str | None = None
    """Where it takes place."""
    speakers: tuple[str, ...] = ()
    """Who speaks, by the ids of their records."""
    invited: tuple[str, ...] = ()
    """Speakers who were asked and have not answered."""
    chats: frozenset[str] = frozenset()
    """Groups beside `chat_id` that are told of it."""
    series: str | None = None
    recurrence: str | None = None
    """The wall time the series gave it, whatever it has been moved to since: its RECURRENCE-ID."""
    origin: Origin | None = None
    """From what it has come, where that is known."""
    opened: bool = False
    """Whether the code for attendance has been given to the host."""
    recording: str | None = None
    slides: str | None = None
    announced: bool = False
    """Whether who had a seat and was not there has been told where to see it."""
    reason: str | None = None
    """Why it was cancelled."""
    ended_at: dt.datetime | None = None
    registered: int = 0
    """Who had a seat when it ended."""
    attended: int = 0
    """Who was there."""

    @property
    def ends_at(self) -> dt.datetime:
        """When it is to be over."""
        return self.starts_at + dt.timedelta(minutes=self.minutes)

    @property
    def ahead(self) -> bool:
        """Whether it has not ended."""
        return self.stage in AHEAD


def scope_in(webinar_id_: str) -> str:
    """Return the scope of the webinar with this id."""
    return webinar_id_.rpartition("#")[0]


def webinar_id(scope: str, number: int) -> str:
    """Return the id of the webinar that members of a scope call by `number`."""
    return f"{scope}#{number}"
