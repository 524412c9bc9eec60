"""A member over all communities, as events know them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from services.events.domain.draft import Draft


@dataclass(frozen=True, slots=True)
class Asked:
    """What a member was asked and has not answered."""

    chat_id: str
    at: dt.datetime
    draft: Draft
    since: dt.datetime | None = None
    """When the time was first spoken of; "tomorrow" means the day after that."""
    said: tuple[str, ...] = ()
    """What was said of the time, and answered since, where that is still open; else it is a yes or a no."""


@dataclass(frozen=True, slots=True)
class Tries:
    """Codes that were wrong."""

    wrong: int = 0
    """In a row, none of them long before the next."""
    last_at: dt.datetime | None = None
    blocked_until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member."""

    member_id: str
    scopes: frozenset[str] = frozenset()
    """Where they have been seen; by these a number means something in a direct chat."""
    webinars: frozenset[str] = frozenset()
    """On whose rolls they are: those ahead, and those of the last months."""
    reminded: bool = True
    """Whether they want to be reminded."""
    asked: Asked | None = None
    tries: Tries = Tries()
    """Of codes, wherever they were tried: somebody in two communities has no more tries than others."""
    rating: str | None = None
    """The webinar they were last asked to rate; None once they have, or have not been asked."""
    merged_into: str | None = None
    absorbed: frozenset[str] = frozenset()

    @property
    def now(self) -> str:
        """The id under which they stand today."""
        return self.merged_into or self.member_id

    @property
    def ids(self) -> frozenset[str]:
        """All ids under which something of theirs may be kept."""
        return self.absorbed | {self.member_id, self.now}

    def on(self, webinar_id: str) -> Member:
        """Return the member as one who is on the roll of that webinar."""
        return self if webinar_id in self.webinars else replace(self, webinars=self.webinars | {webinar_id})
