"""What all chats of a scope share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.rewards.domain.rules import BUILT_IN, Rules, rules_at


@dataclass(frozen=True, slots=True)
class Nomination:
    """Somebody's word for somebody else."""

    member_id: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Veto:
    """An admin's word against naming somebody, with the reason that everybody reads."""

    member_id: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Made:
    """A contest or prize that a REST client has made."""

    item_id: str
    digest: str
    """Of what was asked for."""


@dataclass(frozen=True, slots=True)
class Community:
    """A community, or a chat that belongs to none."""

    scope: str
    versions: tuple[Rules, ...] = ()
    chats: frozenset[str] = frozenset()
    """Groups that belong to it."""
    zone: str | None = None
    """Of the group that was heard of last."""
    waiting: str | None = None
    """The week whose contributors are to be named next."""
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Who were contributors, by week."""
    nominations: Mapping[str, tuple[Nomination, ...]] = field(default_factory=dict)
    """By week, until its contributors are named."""
    vetoes: Mapping[str, tuple[Veto, ...]] = field(default_factory=dict)
    """By week, until its contributors are named."""
    next_number: int = 1
    """Of the next contest or prize; they are numbered together."""
    contests: frozenset[str] = frozenset()
    """Contests that are not over."""
    prizes: frozenset[str] = frozenset()
    """Prizes that are promised, and those that were handed over lately."""
    made: Mapping[str, Made] = field(default_factory=dict)
    """What REST clients have made last, by the id of the request."""

    def rules_at(self, at: dt.datetime) -> Rules:
        """Return the rules that hold then."""
        return rules_at(self.versions, at)

    @property
    def rules(self) -> Rules:
        """The newest rules, whether or not they hold already."""
        return self.versions[-1] if self.versions else BUILT_IN

    def with_chat(self, chat_id: str) -> Community:
        """Return the community to which that group belongs."""
        return self if chat_id in self.chats else replace(self, chats=self.chats | {chat_id})
