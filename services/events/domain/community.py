"""The community to which chats belong, as events know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

MOST_AHEAD = 100
"""Webinars of a community that may be ahead at once."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a community runs its sessions."""

    reminders: tuple[int, ...] = (24 * 60, 60, 10)
    """Minutes before the start, the earliest first."""
    minutes: int = 60
    """How long a session lasts where nobody says."""
    hold_minutes: int = 120
    """For how long a seat is held for whom it is offered."""
    cutoff_minutes: int = 15
    """No seat is offered later than this before the start."""
    present_minutes: int = 15
    """For how long after the end the spoken code is taken."""
    hosts: frozenset[str] = frozenset()
    """Members who run sessions beside the admins."""


@dataclass(frozen=True, slots=True)
class Called:
    """A session that a REST client has called."""

    webinar_id: str
    digest: str
    """Of what was asked for."""


@dataclass(frozen=True, slots=True)
class Community:
    """What all chats of a scope share."""

    scope: str
    next_number: int = 1
    """Of the next session; sessions and series are numbered together."""
    terms: Terms = Terms()
    chats: frozenset[str] = frozenset()
    """The groups that belong to it."""
    called: Mapping[str, Called] = field(default_factory=dict)
    """What REST clients have called last, by the id of the request."""
    ahead: frozenset[str] = frozenset()
    """Webinars that have not ended, `MOST_AHEAD` at most."""

    lately: frozenset[str] = frozenset()
    """Webinars that have ended, until they leave the lists."""

    def with_ahead(self, webinar_id: str) -> Community:
        """Return the community with one more webinar ahead."""
        return replace(self, ahead=self.ahead | {webinar_id})

    def without(self, webinar_id: str) -> Community:
        """Return the community where that webinar is no longer ahead."""
        return replace(self, ahead=self.ahead - {webinar_id})

    def with_ended(self, webinar_id: str) -> Community:
        """Return the community where that webinar has ended."""
        return replace(self, ahead=self.ahead - {webinar_id}, lately=self.lately | {webinar_id})

    def with_archived(self, webinar_id: str) -> Community:
        """Return the community whose lists that webinar has left."""
        return replace(self, lately=self.lately - {webinar_id})
