"""A series of sessions: the rule by which they come again, and those of them that are made already."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from services.events.domain.origin import Origin
from services.events.domain.timing.rrule import from_rrule
from services.events.domain.timing.series import Series, occurrences
from services.events.domain.timing.zones import wall_at

HORIZON = dt.timedelta(days=35)
"""How far ahead sessions of a series are made: long enough to register, short enough to change the rule."""

MOST_MADE = 6
"""How many of them are ahead at once."""


@dataclass(frozen=True, slots=True)
class Made:
    """A session that a series has made."""

    wall: str
    """The wall time that the rule gave it, whatever it has been moved to since."""
    number: int


@dataclass(frozen=True, slots=True)
class Course:
    """A series of sessions."""

    course_id: str
    scope: str
    chat_id: str
    title: str
    wall: str
    """The local time of the first, by ISO 8601 without a zone."""
    zone: str
    rule: str
    """By RFC 5545, section 3.3.10."""
    minutes: int
    host: str | None
    capacity: int | None = None
    link: str | None = None
    language: str | None = None
    origin: Origin | None = None
    """From what its sessions have come."""
    made: tuple[Made, ...] = ()
    """Those of the last ones and those ahead."""
    made_until: str | None = None
    """The wall time of the last that was made."""
    follows: str | None = None
    """The series it goes on for."""
    over: bool = False
    """Whether no more are made."""

    @property
    def series(self) -> Series:
        """The rule with its start, as times are worked out by it."""
        starts = dt.datetime.fromisoformat(self.wall)
        return Series(
            self.course_id, starts, self.zone, from_rrule(self.rule, starts, self.zone), self.follows
        )

    def next_walls(self, now: dt.datetime, ahead: int) -> tuple[dt.datetime, ...]:
        """Return the wall times of the sessions to make now, where `ahead` of them are ahead already."""
        if self.over or ahead >= MOST_MADE:
            return ()
        here = wall_at(now, self.zone)
        begin = max(here, dt.datetime.fromisoformat(self.made_until)) if self.made_until else here
        begin += dt.timedelta(seconds=1)
        found = occurrences(self.series, begin, max(begin, here + HORIZON))
        return tuple(each.starts for each in found[: MOST_MADE - ahead])

    def with_made(self, wall: dt.datetime, number: int) -> Course:
        """Return the series that has made one more session."""
        made = (*self.made, Made(wall.isoformat(), number))[-2 * MOST_MADE :]
        return replace(self, made=made, made_until=wall.isoformat())


def course_id(scope: str, number: int) -> str:
    """Return the id of the series whose first session has this number."""
    return f"{scope}~{number}"
