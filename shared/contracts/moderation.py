"""What moderation says: which rules hold, what broke them, and what came of it.

Facts about a member carry the case's id, so that whoever followed a decision can follow its undoing.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field, StringConstraints

from shared.contracts.base import EventModel, OpenEnum
from shared.contracts.gateway import ChatId, MemberId, MessageId

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
CaseId = Annotated[str, StringConstraints(min_length=3, max_length=128)]


class PolicyChanged(EventModel):
    """An admin published new rules for a chat; earlier versions stay readable."""

    TYPE: ClassVar[str] = "policy.changed"

    chat_id: ChatId
    version: int = Field(ge=1)
    languages: tuple[str, ...]
    changed_by: str = Field(description="The id of the API key or the member_id that made the change.")
    changed_at: AwareDatetime
    community: str | None = Field(
        None, max_length=64, description="The community, where the rules are for all its chats."
    )


class RulesAccepted(EventModel):
    """A member accepted a version of the rules."""

    TYPE: ClassVar[str] = "rules.accepted"

    chat_id: ChatId
    member_id: MemberId
    version: int = Field(ge=0)
    language: str = Field(max_length=16)
    accepted_at: AwareDatetime


class WantedIntent(OpenEnum):
    """What was wanted to happen to a message."""

    NUDGE = "nudge"
    REVIEW = "review"
    HOLD = "hold"
    REMOVE = "remove"
    UNKNOWN = "unknown"


class _OfCase(EventModel):
    case_id: CaseId
    chat_id: ChatId
    member_id: MemberId
    community: str | None = Field(None, max_length=64)


class MessageFlagged(_OfCase):
    """A message broke a rule in force, or waits for a person to say whether it did."""

    TYPE: ClassVar[str] = "message.flagged"

    message_id: MessageId
    rule: Slug
    check: Slug
    code: Slug
    category: Slug
    intent: WantedIntent
    policy_version: int = Field(ge=0)
    flagged_at: AwareDatetime


class MemberWarned(_OfCase):
    """A member has a strike and was told so."""

    TYPE: ClassVar[str] = "member.warned"

    points: int = Field(ge=0)
    total: int = Field(ge=0, description="Of all strikes that count just now.")
    expires_at: AwareDatetime | None = None
    warned_at: AwareDatetime


class MemberRestricted(_OfCase):
    """A member's links and media are held, and what they do earns nothing, until the time given."""

    TYPE: ClassVar[str] = "member.restricted"

    until: AwareDatetime
    restricted_at: AwareDatetime


class ReleaseReason(OpenEnum):
    """Why a restriction is over."""

    ENDED = "ended"
    OVERTURNED = "overturned"
    PARDONED = "pardoned"
    UNKNOWN = "unknown"


class MemberReleased(_OfCase):
    """A restriction is over."""

    TYPE: ClassVar[str] = "member.released"

    reason: ReleaseReason
    released_at: AwareDatetime


class MemberExpelled(_OfCase):
    """Moderation wants a member out of the group; what the channel achieved is in `case.enforced`."""

    TYPE: ClassVar[str] = "member.expelled"

    expelled_at: AwareDatetime


class CaseEnforced(_OfCase):
    """What became of something that was wanted of the channel."""

    TYPE: ClassVar[str] = "case.enforced"

    action: Slug
    achieved: Slug = Field(description="done, notice, failed, by_hand.")
    code: str | None = Field(None, max_length=64)
    enforced_at: AwareDatetime


class CaseAppealed(_OfCase):
    """A member asks a person to look at a case again."""

    TYPE: ClassVar[str] = "case.appealed"

    appealed_at: AwareDatetime


class CaseUpheld(_OfCase):
    """A person confirmed a case, after a review or an appeal."""

    TYPE: ClassVar[str] = "case.upheld"

    message_id: MessageId | None = None
    reason: Slug
    upheld_by: str = Field(max_length=128)
    upheld_at: AwareDatetime


class CaseDismissed(_OfCase):
    """A person found nothing wrong before anything but a hold had happened."""

    TYPE: ClassVar[str] = "case.dismissed"

    message_id: MessageId | None = None
    reason: Slug
    dismissed_by: str = Field(max_length=128)
    dismissed_at: AwareDatetime


class CaseOverturned(_OfCase):
    """A decision was a mistake: whatever followed from it is to be as if it had never been."""

    TYPE: ClassVar[str] = "case.overturned"

    message_id: MessageId | None = None
    reason: Slug
    overturned_by: str = Field(max_length=128)
    overturned_at: AwareDatetime


class StrikeExpired(_OfCase):
    """The time of a strike is over; it says so to moderation itself, by its clock."""

    TYPE: ClassVar[str] = "strike.expired"

    expired_at: AwareDatetime


class RestrictionEnded(_OfCase):
    """The time of a restriction is over, by the clock."""

    TYPE: ClassVar[str] = "restriction.ended"

    ended_at: AwareDatetime


class RaidDetected(EventModel):
    """Many people joined a group at once: newcomers are held back for a while."""

    TYPE: ClassVar[str] = "raid.detected"

    chat_id: ChatId
    joins: int = Field(ge=1)
    until: AwareDatetime
    detected_at: AwareDatetime


class RaidEnded(EventModel):
    """The time of a raid's brake is over, by the clock."""

    TYPE: ClassVar[str] = "raid.ended"

    chat_id: ChatId
    ended_at: AwareDatetime


class CampaignDetected(EventModel):
    """The same offer came from several members or into several chats of a community."""

    TYPE: ClassVar[str] = "campaign.detected"

    chat_id: ChatId
    community: str | None = Field(None, max_length=64)
    fingerprint: str = Field(max_length=64)
    members: int = Field(ge=1)
    chats: int = Field(ge=1)
    detected_at: AwareDatetime


EVENTS: tuple[type[EventModel], ...] = (
    PolicyChanged,
    RulesAccepted,
    MessageFlagged,
    MemberWarned,
    MemberRestricted,
    MemberReleased,
    MemberExpelled,
    CaseEnforced,
    CaseAppealed,
    CaseUpheld,
    CaseDismissed,
    CaseOverturned,
    StrikeExpired,
    RestrictionEnded,
    RaidDetected,
    RaidEnded,
    CampaignDetected,
)
