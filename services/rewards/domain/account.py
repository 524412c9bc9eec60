"""A member's account within a scope: what their weeks come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.rewards.domain.week import Restriction


@dataclass(frozen=True, slots=True)
class Account:
    """An account."""

    key: str
    """See `account_key`."""
    joined_at: dt.datetime | None = None
    """When they first came, as far as that is known."""
    here: bool = True
    """Whether they are in a group of the scope; who is not is on no board."""
    moved_at: dt.datetime | None = None
    """Of the latest word on that."""
    weeks: Mapping[str, int] = field(default_factory=dict)
    """Points by week."""
    reached: dt.datetime | None = None
    """When their sum came to be what it is."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Claims that have earned something, by their action, and by action and topic."""
    badges: Mapping[str, int] = field(default_factory=dict)
    """Levels by what for."""
    restrictions: tuple[Restriction, ...] = ()

    @property
    def scope(self) -> str:
        """Within what it counts."""
        return self.key.rsplit("|", 1)[0]

    @property
    def member_id(self) -> str:
        """Whose it is."""
        return self.key.rsplit("|", 1)[1]

    @property
    def total(self) -> int:
        """All points there ever were, less those that were taken back."""
        return sum(self.weeks.values())

    def with_restriction(self, restriction: Restriction) -> Account:
        """Return the account with what is known of a restriction now."""
        others = tuple(each for each in self.restrictions if each.case_id != restriction.case_id)
        return replace(self, restrictions=(*others, restriction))


def account_key(scope: str, member_id: str) -> str:
    """Return under what a member's account is kept."""
    return f"{scope}|{member_id}"
