"""What a member has earned in a month or in a season: one line of a board."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of a board."""

    key: str
    """See `standing_key`."""
    points: int = 0
    reached: dt.datetime | None = None
    """When the points came to be what they are: of two who have as many, who had them first is first."""

    @property
    def member_id(self) -> str:
        """Whose it is."""
        return self.key.rsplit("|", 1)[1]

    def plus(self, points: int, at: dt.datetime) -> Standing:
        """Return the line with so many points more."""
        return replace(self, points=self.points + points, reached=at) if points else self


def standing_key(scope: str, period: str, member_id: str) -> str:
    """Return under what a member's line of a board is kept."""
    return f"{scope}|{period}|{member_id}"
