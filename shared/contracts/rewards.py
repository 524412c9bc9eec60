"""What rewards says: who was given points for what, and who was named for it.

An entry of the ledger is one fact, never changed: what was too much is taken back by another. The sum of a
member's entries is their balance.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from shared.contracts.base import PART, EventModel, OpenEnum
from shared.contracts.gateway import ChatId, MemberId, MessageId

Scope = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Action = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
Week = Annotated[str, StringConstraints(pattern=r"^\d{4}-W\d{2}$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class _Entry(EventModel):
    scope: Scope = Field(description="Within what points count: a community, or a chat that has none.")
    member_id: MemberId
    claim_id: str = Field(max_length=64, description="What is rewarded; entries of one claim are one reward.")
    number: int = Field(ge=0, description="Which entry of the claim it is.")
    action: Action
    reason: str = Field(
        max_length=32,
        description="earned, or why it is less: pair_limit, action_limit, day_limit, newcomer, restricted, "
        "removed, withdrawn, self, twice, merged.",
    )
    rule_version: int = Field(ge=0)
    source: str = Field(max_length=128, description="The id of the event that told of what is rewarded.")
    cause: str = Field(max_length=128, description="The id of the event by which this entry was made.")
    chat_id: ChatId | None = None
    giver: MemberId | None = Field(None, description="Who recognised it, where it was a member.")
    about: MessageId | None = Field(None, description="The message it was for, where it was one.")
    topic: str | None = Field(None, max_length=64)
    by: str | None = Field(None, max_length=128, description="Who had it written by hand.")
    why: str | None = Field(None, max_length=500, description="What they say of it.")
    against: tuple[str, ...] = Field(
        (), max_length=64, description="What holds against the claim: cases, and what was done by hand."
    )
    day: Day = Field(description="On which it counts, in the zone of the group.")
    earned_at: AwareDatetime
    booked_at: AwareDatetime


class PointsAwarded(_Entry):
    """A member has more points than before; none more, where a limit is reached and thanks are all."""

    TYPE: ClassVar[str] = "points.awarded"

    points: int = Field(ge=0)


class PointsReversed(_Entry):
    """A member has fewer points than before."""

    TYPE: ClassVar[str] = "points.reversed"

    points: int = Field(le=-1)


class _OfBadge(EventModel):
    scope: Scope
    member_id: MemberId
    badge: str = Field(max_length=64, description="What for.")
    level: int = Field(ge=1)


class BadgeGranted(_OfBadge):
    """A member has a badge."""

    TYPE: ClassVar[str] = "badge.granted"

    granted_at: AwareDatetime


class BadgeWithdrawn(_OfBadge):
    """A member no longer has what a badge was for."""

    TYPE: ClassVar[str] = "badge.withdrawn"

    withdrawn_at: AwareDatetime


class RewardRulesChanged(EventModel):
    """A community counts otherwise from a date on; what was earned before stays as it was."""

    TYPE: ClassVar[str] = "reward_rules.changed"

    scope: Scope
    version: int = Field(ge=1)
    since: AwareDatetime
    points: dict[str, int] = Field(description="For each action.")
    action_limits: dict[str, int] = Field(description="The most points a day by one kind of action.")
    day_limit: int = Field(ge=0)
    pair_limit: int = Field(ge=0)
    newcomer_days: int = Field(ge=0)
    reactions: bool
    least_actions: int = Field(ge=0)
    least_recognisers: int = Field(ge=0)
    rest_weeks: int = Field(ge=0)
    changed_by: str = Field(max_length=128)
    changed_at: AwareDatetime


class Part(BaseModel):
    """What somebody's points of a week are made of: one kind of action."""

    model_config = PART

    action: Action
    count: int = Field(ge=0)
    points: int


class Placed(BaseModel):
    """Somebody's place in a week."""

    model_config = PART

    member_id: MemberId
    points: int
    parts: tuple[Part, ...] = ()


class ContributorNamed(EventModel):
    """The contributors of a week were named; nobody, where nobody had done enough."""

    TYPE: ClassVar[str] = "contributor.named"

    scope: Scope
    week: Week
    members: tuple[Placed, ...] = Field((), max_length=16)
    runners_up: tuple[Placed, ...] = Field((), max_length=16)
    rested: tuple[MemberId, ...] = Field(
        (), max_length=64, description="Who had more, and was named not long ago."
    )
    vetoed: tuple[MemberId, ...] = Field((), max_length=64)
    named_at: AwareDatetime


class MemberNominated(EventModel):
    """Somebody thinks that a member should be contributor of the week."""

    TYPE: ClassVar[str] = "member.nominated"

    scope: Scope
    week: Week
    member_id: MemberId
    nominated_by: MemberId
    nominated_at: AwareDatetime


class WeekDue(EventModel):
    """A timer of ours: a week is over, and its contributors are to be named."""

    TYPE: ClassVar[str] = "week.due"

    scope: Scope
    week: Week


class ContestStage(OpenEnum):
    """How far a contest has come."""

    SUBMISSIONS = "submissions"
    VOTING = "voting"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class _OfContest(EventModel):
    scope: Scope
    contest_id: str = Field(max_length=160)
    chat_id: ChatId


class ContestOpened(_OfContest):
    """A contest takes submissions."""

    TYPE: ClassVar[str] = "contest.opened"

    number: int = Field(ge=1)
    title: str = Field(max_length=200)
    submissions_until: AwareDatetime
    votes_until: AwareDatetime
    opened_at: AwareDatetime


class ContestEntered(_OfContest):
    """A member has handed something in; its words stay with the contest."""

    TYPE: ClassVar[str] = "contest.entered"

    member_id: MemberId
    number: int = Field(ge=1)
    entered_at: AwareDatetime


class ContestClosed(_OfContest):
    """The votes are counted."""

    TYPE: ClassVar[str] = "contest.closed"

    winners: tuple[MemberId, ...] = Field((), max_length=64)
    entries: int = Field(ge=0)
    voters: int = Field(ge=0)
    closed_at: AwareDatetime


class ContestCancelled(_OfContest):
    """A contest ends without a result."""

    TYPE: ClassVar[str] = "contest.cancelled"

    reason: str | None = Field(None, max_length=500)
    cancelled_at: AwareDatetime


class ContestDue(_OfContest):
    """A timer of ours: a contest comes to its next stage."""

    TYPE: ClassVar[str] = "contest.due"

    stage: ContestStage
    until: AwareDatetime = Field(description="The end it was set for; a moved contest has another.")


class _OfPrize(EventModel):
    scope: Scope
    prize_id: str = Field(max_length=160)
    member_id: MemberId


class PrizePromised(_OfPrize):
    """A member is to get something."""

    TYPE: ClassVar[str] = "prize.promised"

    promised_at: AwareDatetime


class PrizeDelivered(_OfPrize):
    """An admin says that a prize was handed over."""

    TYPE: ClassVar[str] = "prize.delivered"

    delivered_at: AwareDatetime


class PrizeConfirmed(_OfPrize):
    """Whom a prize was promised says that it has arrived."""

    TYPE: ClassVar[str] = "prize.confirmed"

    confirmed_at: AwareDatetime


class PrizeDue(_OfPrize):
    """A timer of ours: a prize should have been handed over by now."""

    TYPE: ClassVar[str] = "prize.due"


LEDGER_EVENTS: tuple[type[EventModel], ...] = (PointsAwarded, PointsReversed, BadgeGranted, BadgeWithdrawn)
COMMUNITY_EVENTS: tuple[type[EventModel], ...] = (
    RewardRulesChanged,
    ContributorNamed,
    MemberNominated,
    WeekDue,
    ContestOpened,
    ContestEntered,
    ContestClosed,
    ContestCancelled,
    ContestDue,
    PrizePromised,
    PrizeDelivered,
    PrizeConfirmed,
    PrizeDue,
)
EVENTS: tuple[type[EventModel], ...] = (*LEDGER_EVENTS, *COMMUNITY_EVENTS)
