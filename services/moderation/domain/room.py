"""A chat, and the community it belongs to, as moderation knows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.moderation.domain.judging.context import Trace
from services.moderation.domain.policy.document import DEFAULT, Policy
from shared.contracts.gateway import ChatKind

RECENT = 60
"""How many messages of a chat are looked back at; with a window of an hour that is one in a minute."""


@dataclass(frozen=True, slots=True)
class Room:
    """A chat."""

    chat_id: str
    kind: ChatKind = ChatKind.GROUP
    community: str | None = None
    language: str | None = None
    zone: str | None = None
    channel: str | None = None
    capabilities: frozenset[str] = frozenset()
    policy: Policy | None = None
    """The chat's own; None where the community's holds."""
    admins: frozenset[str] = frozenset()
    """Members who are admins of this chat at the provider."""
    seq: int = 0
    """How many messages have been judged here; it orders the history."""
    recent: tuple[Trace, ...] = ()
    """The last `RECENT` of them, oldest first."""
    hinted_at: dt.datetime | None = None
    """When the chat was last told that a command does not exist."""
    drifting: tuple[str, ...] = ()
    """Who wrote the messages off topic since the last one on topic."""
    nudged_at: dt.datetime | None = None
    joins: tuple[dt.datetime, ...] = ()
    """Of the last while, oldest first."""
    raid_until: dt.datetime | None = None
    prompt_until: dt.datetime | None = None
    """Until when a question of an admin's is open."""

    @property
    def scope(self) -> str:
        """Within what strikes, cases and experts count: the community, or the chat where it has none."""
        return f"community:{self.community}" if self.community else f"chat:{self.chat_id}"


@dataclass(frozen=True, slots=True)
class Report:
    """Somebody has reported something, and nobody has confirmed it yet."""

    case: str
    member_id: str


@dataclass(frozen=True, slots=True)
class Community:
    """What all chats of a scope share."""

    scope: str
    policy: Policy | None = None
    next_case: int = 1
    offers: tuple[Trace, ...] = ()
    """Messages like an offer within the last hours, oldest first, from all its chats."""
    alerted: Mapping[str, dt.datetime] = field(default_factory=dict)
    """When a group was last warned of a campaign, by chat and fingerprint."""
    reported: tuple[Report, ...] = ()
    """The last unconfirmed reports of all its chats, oldest first: who always reports together."""


def policy_of(room: Room, community: Community) -> Policy:
    """Return the policy in force in a chat: its own, its community's, or the built-in one."""
    return room.policy or community.policy or DEFAULT


def policy_scope_of(room: Room, community: Community) -> str:
    """Return whose policy is in force in a chat: the chat's, the community's, or nobody's, `default`."""
    if room.policy is not None:
        return f"chat:{room.chat_id}"
    return community.scope if community.policy is not None else "default"
