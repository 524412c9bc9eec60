"""What all chats of a scope share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Made:
    """What a request has made."""

    item_id: str
    digest: str
    """Of its body: another one with the same key is another request."""


@dataclass(frozen=True, slots=True)
class Community:
    """A community, or a chat that belongs to none."""

    scope: str
    chats: frozenset[str] = frozenset()
    """Groups that belong to it."""
    zone: str | None = None
    """Of the group that was heard of last."""
    next_suggestion: int = 1
    """The number of the next suggestion."""
    suggestions: frozenset[str] = frozenset()
    """Suggestions that are neither done nor declined nor part of another one, by their ids."""
    merged: Mapping[str, int] = field(default_factory=dict)
    """By the number of a suggestion, which one it is part of now; that one is part of no other."""

    next_strategy: int = 1
    strategies: frozenset[str] = frozenset()
    """All that were registered, by their ids: each may be behind what another seems to have done."""
    measured: Mapping[str, Made] = field(default_factory=dict)
    """By the id of the request, the strategies that REST clients have registered: the latest."""

    next_survey: int = 1
    surveyed: Mapping[str, Made] = field(default_factory=dict)
    """By the id of the request, the surveys that REST clients have opened: the latest."""

    next_review: int = 1
    reviews: frozenset[str] = frozenset()
    """What is looked at again from time to time, by id."""

    def with_chat(self, chat_id: str) -> Community:
        """Return the community to which that group belongs."""
        return self if chat_id in self.chats else replace(self, chats=self.chats | {chat_id})

    def standing_for(self, number: int) -> int:
        """Return the number of the suggestion that stands for the one of that number: itself, mostly."""
        return self.merged.get(str(number), number)
