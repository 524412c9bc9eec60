"""Who is in a group as what: the newest of what was said about it, in whatever order it was said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MemberJoined, MemberLeft
from shared.contracts.members import MemberDemoted, MemberPresent, MemberPromoted
from shared.decision import Decision

Correction: TypeAlias = MemberJoined | MemberLeft | MemberPresent | MemberPromoted | MemberDemoted

SOURCE = "/chaupal/gateway.roster"
"""Who says what a comparison has found: it was missed when it happened."""


SEPARATOR = "|"


def membership_key(event: Correction) -> str:
    """Return what the membership that `event` is about is kept under."""
    return f"{event.chat_id}{SEPARATOR}{event.member_id}"


@dataclass(frozen=True, slots=True)
class Membership:
    """One member of one group.

    It holds the newest instant of each thing that can be said, so the order of saying does not matter.
    """

    chat_id: str
    member_id: str
    joined_at: dt.datetime | None = None
    left_at: dt.datetime | None = None
    seen_at: dt.datetime | None = None
    """When they were found there, where nobody has seen them come."""
    promoted_at: dt.datetime | None = None
    demoted_at: dt.datetime | None = None

    @property
    def present(self) -> bool:
        """Whether they are in the group; who is made an admin, or no longer one, is in it too."""
        came = _newest(self.joined_at, self.seen_at, self.promoted_at, self.demoted_at)
        return came is not None and (self.left_at is None or came > self.left_at)

    @property
    def admin(self) -> bool:
        """Whether they are an admin; leaving ends that, and so does a demotion of the same instant."""
        ended = _newest(self.left_at, self.demoted_at)
        return self.promoted_at is not None and (ended is None or self.promoted_at > ended)


def decide_roster(
    membership: Membership, event: Envelope[Correction], now: dt.datetime
) -> Decision[Membership]:
    """Return the membership after `event`."""
    del now
    match event.data:
        case MemberJoined(joined_at=at):
            after = replace(membership, joined_at=_newest(membership.joined_at, at))
        case MemberLeft(left_at=at):
            after = replace(membership, left_at=_newest(membership.left_at, at))
        case MemberPresent(seen_at=at):
            after = replace(membership, seen_at=_newest(membership.seen_at, at))
        case MemberPromoted(promoted_at=at):
            after = replace(membership, promoted_at=_newest(membership.promoted_at, at))
        case MemberDemoted(demoted_at=at):
            after = replace(membership, demoted_at=_newest(membership.demoted_at, at))
    return Decision(membership if after == membership else after)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the provider says of somebody in a group."""

    member_id: str
    admin: bool


def drift(
    chat_id: str,
    kept: Mapping[str, Membership],
    seen: Mapping[str, Seen],
    at: dt.datetime,
    *,
    first: bool = False,
) -> list[Correction]:
    """Return what has to be said so that what is kept of a group is what the provider sees.

    Args:
        chat_id: the group.
        kept: its memberships by member, past ones too.
        seen: everybody in it by member.
        at: when the provider was asked.
        first: whether this group was never compared before. Then whoever nothing is known of has been there
            all along, as far as anybody can tell, and has not come in just now.
    """
    found: list[Correction] = []
    for member_id in sorted(kept.keys() | seen.keys()):
        was = kept.get(member_id) or Membership(chat_id, member_id)
        now = seen.get(member_id)
        one: dict[str, Any] = {"chat_id": chat_id, "chat_kind": ChatKind.GROUP, "member_id": member_id}
        if now is None:
            if was.present:
                # Who did it, nobody can tell any more.
                found.append(MemberLeft(**one, removed=False, left_at=at))
            continue
        if first and was == Membership(chat_id, member_id):
            found.append(MemberPresent(**one, seen_at=at))
        elif not was.present:
            found.append(MemberJoined(**one, joined_at=at))
        if now.admin and not was.admin:
            found.append(MemberPromoted(**one, promoted_at=at))
        if was.present and was.admin and not now.admin:
            found.append(MemberDemoted(**one, demoted_at=at))
    return found


def stamp(membership: Membership | None) -> str:
    """Return what the correction of `membership` is known by: the same until something new is said of it."""
    if membership is None:
        return ""
    said = (
        membership.joined_at,
        membership.left_at,
        membership.seen_at,
        membership.promoted_at,
        membership.demoted_at,
    )
    return "|".join(each.isoformat() if each else "" for each in said)


def _newest(*instants: dt.datetime | None) -> dt.datetime | None:
    return max((each for each in instants if each is not None), default=None)
