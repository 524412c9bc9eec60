"""A contest of ideas: what is handed in, then what is chosen without knowing whose it is, then the result.

Votes are kept apart, under the same id: whoever reads a contest before its close has no votes to read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from shared.contracts.rewards import ContestStage

MOST_OPEN: Final = 10
"""Contests of a community that are not over."""
MOST_ENTRIES: Final = 50
"""Of one contest: nobody reads more before choosing."""
MOST_VOTES: Final = 5000
"""Of one contest: as many members as the largest communities of WhatsApp have."""
LONGEST_ENTRY: Final = 500
"""Characters."""
LONGEST_TITLE: Final = 120
"""Characters."""
MOST_DAYS: Final = 30
"""Of either part of a contest. What is known of messages is kept for longer than both together."""

OPEN: Final = frozenset({ContestStage.SUBMISSIONS, ContestStage.VOTING})


@dataclass(frozen=True, slots=True)
class Submission:
    """What a member has handed in."""

    member_id: str
    """By the id that was told."""
    text: str
    at: dt.datetime
    message_id: str
    order: int
    """Which one it is, in the order in which members came."""
    number: int | None = None
    """By which it is chosen; None until the voting begins."""
    void: frozenset[str] = frozenset()
    """Why it is not in the contest: cases against its message, and that it was deleted."""
    lifted: frozenset[str] = frozenset()
    """Which of these were mistakes."""
    votes: int | None = None
    """None until the votes are counted."""

    @property
    def valid(self) -> bool:
        """Whether nothing holds against it."""
        return self.void <= self.lifted


@dataclass(frozen=True, slots=True)
class Contest:
    """A contest."""

    contest_id: str
    scope: str
    number: int
    """By which members name it: `!चुनें 3 2`."""
    chat_id: str
    """Where it was opened, and where it is spoken of."""
    title: str
    submissions_until: dt.datetime
    votes_until: dt.datetime
    zone: str
    opened_at: dt.datetime
    language: str | None = None
    opened_by: str | None = None
    """The member; None where a REST client has opened it."""
    stage: ContestStage = ContestStage.SUBMISSIONS
    submissions: tuple[Submission, ...] = ()
    voters: int | None = None
    """Of how many people a vote counted; None until the votes are counted."""
    winners: tuple[str, ...] = ()
    """As they stood when the votes were counted."""
    closed_at: dt.datetime | None = None
    reason: str | None = None
    """Why it was cancelled."""

    @property
    def entries(self) -> tuple[Submission, ...]:
        """What takes part, by number once there are numbers."""
        valid = (each for each in self.submissions if each.valid)
        return tuple(sorted(valid, key=lambda each: (each.number or 0, each.order)))

    def entry(self, number: int) -> Submission | None:
        """Return what takes part under that number, None where nothing does."""
        return next((each for each in self.entries if each.number == number), None)

    def judged(self, message_id: str, void: frozenset[str], lifted: frozenset[str]) -> Contest:
        """Return the contest with what is said of the message by which something was handed in."""
        submissions = tuple(
            replace(each, void=each.void | void, lifted=each.lifted | lifted)
            if each.message_id == message_id
            else each
            for each in self.submissions
        )
        return self if submissions == self.submissions else replace(self, submissions=submissions)


@dataclass(frozen=True, slots=True)
class Vote:
    """A member's choice."""

    number: int
    at: dt.datetime
    message_id: str


@dataclass(frozen=True, slots=True)
class Ballots:
    """The votes of one contest."""

    contest_id: str
    votes: Mapping[str, Vote] = field(default_factory=dict)
    """The latest of each member, by the id that was told."""

    def cast(self, member_id: str, vote: Vote) -> Ballots:
        """Return the votes with that one, unless a later one of the same member is there already."""
        known = self.votes.get(member_id)
        if known is not None and order_of(known) >= order_of(vote):
            return self
        return replace(self, votes={**self.votes, member_id: vote})


def order_of(vote: Vote) -> tuple[dt.datetime, str]:
    """Return by what the later of two votes is known, in whatever order they are heard of."""
    return vote.at, vote.message_id
