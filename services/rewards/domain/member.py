"""A member over all communities, as rewards knows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

MOST_GIVEN: Final = 200
"""Weeks of others that are remembered as having had thanks from a member: the latest."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member."""

    member_id: str
    scopes: frozenset[str] = frozenset()
    """Where they have been seen."""
    private: bool = False
    """Whether they are on no board and in no announcement."""
    private_at: dt.datetime | None = None
    """Since when that is so."""
    given: tuple[str, ...] = ()
    """Weeks of others in which this member has recognised something, the latest last."""
    merged_into: str | None = None
    absorbed: frozenset[str] = frozenset()

    @property
    def now(self) -> str:
        """The id under which they stand today."""
        return self.merged_into or self.member_id

    @property
    def ids(self) -> frozenset[str]:
        """All ids under which something of theirs may have been told."""
        return self.absorbed | {self.member_id, self.now}

    def seen_in(self, scope: str) -> Member:
        """Return the member as one who has been seen there."""
        return self if scope in self.scopes else replace(self, scopes=self.scopes | {scope})

    def gave_in(self, week: str) -> Member:
        """Return the member as one who has recognised something in that week of another."""
        if week in self.given:
            return self
        return replace(self, given=(*self.given, week)[-MOST_GIVEN:])
