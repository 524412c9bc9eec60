"""The roll of a webinar: who has a seat, who waits for one and in which order, and who was there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Seat(StrEnum):
    """What a member has."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    """A seat is held for them until their offer ends."""
    DECLINED = "declined"
    NONE = "none"
    """They came without having registered."""


class Proof(StrEnum):
    """How it is known that somebody was there."""

    CODE = "code"
    LINK = "link"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Correction:
    """Somebody said of a member whether they were there."""

    at: dt.datetime
    by: str
    present: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A member on the roll."""

    seat: Seat
    at: dt.datetime
    """Since when they have what they have."""
    chat_id: str | None = None
    """Where they asked for it."""
    wished_at: dt.datetime | None = None
    """When the latest message was written by which they asked for a seat or gave it up."""
    offered_until: dt.datetime | None = None
    attended_at: dt.datetime | None = None
    proof: Proof | None = None
    corrections: tuple[Correction, ...] = ()
    """The latest ones, the newest last."""


@dataclass(frozen=True, slots=True)
class Absorbed:
    """What two members had before they turned out to be one."""

    theirs: Entry
    """Of who went."""
    mine: Entry | None
    """Of who stayed; None where they were not on the roll."""
    made: Entry
    """What came of both; as long as it is unchanged, it can be parted again."""


@dataclass(frozen=True, slots=True)
class Roll:
    """The roll of one webinar."""

    webinar_id: str
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By member."""
    taken: int = 0
    """Seats that are confirmed or held."""
    queue: tuple[str, ...] = ()
    """Who waits, the first first."""
    absorbed: Mapping[str, Absorbed] = field(default_factory=dict)
    """By the member who went."""

    def of(self, member_id: str) -> Entry | None:
        """Return the entry of a member, None for somebody who is not on the roll."""
        return self.entries.get(member_id)

    def heard(self, member_id: str, wished_at: dt.datetime) -> Roll:
        """Return the roll on which a member has asked for a seat, or given it up, at that time."""
        entry = self.entries.get(member_id) or Entry(Seat.DECLINED, wished_at)
        return replace(self, entries={**self.entries, member_id: replace(entry, wished_at=wished_at)})

    def keeps(self, member_id: str) -> bool:
        """Whether a member has a seat."""
        entry = self.of(member_id)
        return entry is not None and entry.seat is Seat.CONFIRMED

    def position(self, member_id: str) -> int | None:
        """Return at which place somebody waits, counted from 1; None for somebody who does not."""
        return self.queue.index(member_id) + 1 if member_id in self.queue else None

    def having(self, seat: Seat) -> tuple[str, ...]:
        """Return who has what, in the order in which they got it."""
        found = [(each.at, member) for member, each in self.entries.items() if each.seat is seat]
        return tuple(member for _, member in sorted(found))

    @property
    def attended(self) -> tuple[str, ...]:
        """Who was there."""
        return tuple(sorted(member for member, each in self.entries.items() if each.attended_at is not None))
