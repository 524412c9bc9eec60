"""Who is in which chat as what, and who is the same person."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, Field

from shared.contracts.base import EventModel
from shared.contracts.gateway import InChat, MemberId


class MemberPresent(InChat):
    """A member was in a group when it was first looked at: they have been there since nobody knows when."""

    TYPE: ClassVar[str] = "member.present"

    member_id: MemberId
    seen_at: AwareDatetime


class MemberPromoted(InChat):
    """A member became an admin of a group."""

    TYPE: ClassVar[str] = "member.promoted"

    member_id: MemberId
    promoted_at: AwareDatetime


class MemberDemoted(InChat):
    """A member is no longer an admin of a group."""

    TYPE: ClassVar[str] = "member.demoted"

    member_id: MemberId
    demoted_at: AwareDatetime


class JoinRequested(InChat):
    """Somebody asks to come into a group."""

    TYPE: ClassVar[str] = "join.requested"

    member_id: MemberId
    request_id: str = Field(
        max_length=1024,
        description="The provider's id of the request, or the member's where that would be an address.",
    )
    requested_at: AwareDatetime


class JoinWithdrawn(InChat):
    """Somebody no longer asks to come into a group."""

    TYPE: ClassVar[str] = "join.withdrawn"

    member_id: MemberId
    request_id: str = Field(max_length=1024)
    withdrawn_at: AwareDatetime


class ChatConfigured(InChat):
    """What is known about a chat, whole; the newest replaces all before."""

    TYPE: ClassVar[str] = "chat.configured"

    community: str | None = Field(None, max_length=64, description="The community it belongs to.")
    subject: str | None = Field(None, max_length=256)
    language: str | None = Field(None, max_length=16, description="What is spoken in it: hi, en, hi-Latn.")
    zone: str | None = Field(None, max_length=64, description="Its time zone, as the IANA names it.")
    channel: str = Field(max_length=32, description="The provider.")
    capabilities: tuple[str, ...] = Field(
        (), max_length=64, description="What the channel can do there: send_text, delete_foreign, polls, …"
    )
    configured_at: AwareDatetime


class MemberMerged(EventModel):
    """Two members are one person: whatever belongs to `merged_id` belongs to `member_id` from now on."""

    TYPE: ClassVar[str] = "member.merged"

    member_id: MemberId
    merged_id: MemberId
    merged_at: AwareDatetime


class MemberUnmerged(EventModel):
    """A merge was a mistake: `merged_id` is a member of their own again."""

    TYPE: ClassVar[str] = "member.unmerged"

    member_id: MemberId
    merged_id: MemberId
    unmerged_at: AwareDatetime


EVENTS: tuple[type[EventModel], ...] = (
    MemberPresent,
    MemberPromoted,
    MemberDemoted,
    JoinRequested,
    JoinWithdrawn,
    ChatConfigured,
    MemberMerged,
    MemberUnmerged,
)
