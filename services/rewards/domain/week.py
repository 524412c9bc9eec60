"""What a member may be rewarded for in one week: the facts alone, from which the points follow.

Every limit lies within a week or a day of it. So the points of a week can be worked out from its facts
whenever one comes, is taken back or turns out to be otherwise, and in whatever order that happens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a member is to be rewarded for."""

    claim_id: str
    action: str
    member_id: str
    """For whom, by the id that was told."""
    at: dt.datetime
    day: str
    """Of `at`, in the zone of the group."""
    source: str
    """The id of the event that told of it."""
    chat_id: str | None = None
    giver: str | None = None
    """Who recognised it, where it was a member: the id under which they stand today."""
    told_by: str | None = None
    """The id under which they stood then."""
    about: str | None = None
    """The message it is for, where it is one."""
    topic: str | None = None
    stands: bool = True
    """Whether whoever made it has not taken it back."""
    as_of: dt.datetime | None = None
    """Since when that is so; the latest word counts, whatever comes last."""
    void: frozenset[str] = frozenset()
    """Why it earns nothing: cases and reversals."""
    lifted: frozenset[str] = frozenset()
    """Which of these were mistakes."""

    @property
    def valid(self) -> bool:
        """Whether nothing holds against it."""
        return self.void <= self.lifted

    def heard(self, again: Claim) -> Claim:
        """Return the claim after what was told of it again, whichever was told first."""
        mine, theirs = self.as_of or self.at, again.as_of or again.at
        newer = again if (theirs, again.stands) > (mine, self.stands) else self
        first = min(self, again, key=lambda each: (each.at, each.source))
        return replace(
            first,
            stands=newer.stands,
            as_of=newer.as_of,
            void=self.void | again.void,
            lifted=self.lifted | again.lifted,
        )


@dataclass(frozen=True, slots=True)
class Restriction:
    """A span in which a member earns nothing."""

    case_id: str
    begin: dt.datetime
    end: dt.datetime
    lifted: bool = False
    """Whether it was a mistake."""

    def covers(self, at: dt.datetime) -> bool:
        """Whether it holds at that time."""
        return not self.lifted and self.begin <= at < self.end


@dataclass(frozen=True, slots=True)
class Booked:
    """What the ledger says of a claim so far."""

    points: int
    """The sum of its entries."""
    entries: int
    reason: str


@dataclass(frozen=True, slots=True)
class Week:
    """A member's week."""

    key: str
    """See `week_key`."""
    claims: Mapping[str, Claim] = field(default_factory=dict)
    booked: Mapping[str, Booked] = field(default_factory=dict)
    """By claim."""
    newcomers: Mapping[str, dt.datetime] = field(default_factory=dict)
    """When those had come who recognised something, as long as that may matter."""
    restrictions: tuple[Restriction, ...] = ()
    aliases: frozenset[str] = frozenset()
    """Other ids of the member: what they recognise is their own."""
    points: int = 0
    reached: dt.datetime | None = None
    """When the points came to be what they are."""

    @property
    def scope(self) -> str:
        """Within what its points count."""
        return self.key.rsplit("|", 2)[0]

    @property
    def week(self) -> str:
        """Which week it is."""
        return self.key.rsplit("|", 2)[1]

    @property
    def member_id(self) -> str:
        """Whose week it is."""
        return self.key.rsplit("|", 2)[2]

    def with_claim(self, claim: Claim) -> Week:
        """Return the week in which that claim was heard of, once more or for the first time."""
        known = self.claims.get(claim.claim_id)
        heard = claim if known is None else known.heard(claim)
        return self if heard == known else replace(self, claims={**self.claims, claim.claim_id: heard})

    def with_restriction(self, restriction: Restriction) -> Week:
        """Return the week with what is known of a restriction now."""
        others = tuple(each for each in self.restrictions if each.case_id != restriction.case_id)
        return replace(
            self, restrictions=tuple(sorted((*others, restriction), key=lambda each: each.case_id))
        )


def week_key(scope: str, week: str, member_id: str) -> str:
    """Return under what a member's week is kept."""
    return f"{scope}|{week}|{member_id}"
