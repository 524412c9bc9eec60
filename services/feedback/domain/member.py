"""A member over all communities, as feedback knows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

MOST_SUGGESTIONS: Final = 1000
"""Suggestions of which it is remembered that a member said something of them: the latest."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A suggestion that waits for its author to say whether it is another one than that."""

    chat_id: str
    at: dt.datetime
    """When they were asked."""
    text: str
    message_id: str
    """By which it was made."""
    suggestion_id: str
    """Which one it is like."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member."""

    member_id: str
    scopes: frozenset[str] = frozenset()
    """Where they have been seen; by these a number means something in a direct chat."""
    suggestions: tuple[str, ...] = ()
    """Suggestions of which this member has said something, by their ids, the latest last."""
    asked: Asked | None = None
    asked_at: dt.datetime | None = None
    """When a survey of any kind was sent to them last, or answered by them."""
    survey: str | None = None
    """Which survey was sent to them last."""
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

    def seen_in(self, scope: str) -> Member:
        """Return the member as one who has been seen there."""
        return self if scope in self.scopes else replace(self, scopes=self.scopes | {scope})

    def gone_from(self, scope: str) -> Member:
        """Return the member as one who is not there any more: nothing there is asked of or shown to them."""
        return replace(self, scopes=self.scopes - {scope}) if scope in self.scopes else self

    def spoke_of(self, suggestion_id: str) -> Member:
        """Return the member as one who has said something of that suggestion."""
        if suggestion_id in self.suggestions:
            return self
        return replace(self, suggestions=(*self.suggestions, suggestion_id)[-MOST_SUGGESTIONS:])
