"""Who comes, goes, asks to and becomes what in a group, as events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from services.gateway.domain.items import Address, GroupChange
from services.gateway.domain.resolved import Resolved, stamp
from shared.contracts.base import EventModel
from shared.contracts.gateway import ChatKind, MemberJoined, MemberLeft
from shared.contracts.members import (
    JoinRequested,
    JoinWithdrawn,
    MemberDemoted,
    MemberPresent,
    MemberPromoted,
)

ADDED = frozenset({"group_participants_add", "group_add_participants"})
REMOVED = frozenset({"group_participants_remove", "group_remove_participants"})
REQUESTED = frozenset({"group_join_request_created"})
WITHDRAWN = frozenset({"group_join_request_revoked"})


def changes_of(
    item: GroupChange, group: str, ids: Resolved, now: dt.datetime
) -> Iterator[tuple[str, EventModel]]:
    """Yield the id and the data of each event that a change of `group` is."""
    # The provider gives these no id, so what they say is their id.
    request = item.request_id or item.join_request_id or ""
    for verb, member_id, data in _changes(item, ids, ids.chats[group], item.at or now):
        # A list of requests has their time in whole seconds, the webhook of each has more of it.
        at = item.at.replace(microsecond=0) if item.at and verb == "requested" else item.at
        yield ids.id("roster", group, verb, stamp(at), request, member_id), data


def _changes(
    item: GroupChange, ids: Resolved, chat_id: str, at: dt.datetime
) -> Iterator[tuple[str, str, EventModel]]:
    group = ChatKind.GROUP
    for member in _members(ids, item.present):
        yield "present", member, MemberPresent(chat_id=chat_id, chat_kind=group, member_id=member, seen_at=at)
    for member in _members(ids, item.added):
        yield "joined", member, MemberJoined(chat_id=chat_id, chat_kind=group, member_id=member, joined_at=at)
    for member in _members(ids, item.removed):
        yield (
            "left",
            member,
            MemberLeft(chat_id=chat_id, chat_kind=group, member_id=member, removed=_by_us(item), left_at=at),
        )
    for member in _members(ids, item.promoted):
        yield (
            "promoted",
            member,
            MemberPromoted(chat_id=chat_id, chat_kind=group, member_id=member, promoted_at=at),
        )
    for member in _members(ids, item.demoted):
        yield (
            "demoted",
            member,
            MemberDemoted(chat_id=chat_id, chat_kind=group, member_id=member, demoted_at=at),
        )
    if item.person is None or item.join_request_id is None:
        return
    member = ids.members[item.person]
    request = _request(item, item.person, item.join_request_id, member)
    if item.type in REQUESTED:
        yield (
            "requested",
            member,
            JoinRequested(
                chat_id=chat_id, chat_kind=group, member_id=member, request_id=request, requested_at=at
            ),
        )
    elif item.type in WITHDRAWN:
        yield (
            "withdrawn",
            member,
            JoinWithdrawn(
                chat_id=chat_id, chat_kind=group, member_id=member, request_id=request, withdrawn_at=at
            ),
        )


def _request(item: GroupChange, person: Address, provider_id: str, member_id: str) -> str:
    """Return what a request is called: some providers know it by an address of who makes it alone."""
    names = next((each for each in item.names if person in each), (person,))
    return member_id if any(each.value in provider_id for each in names) else provider_id


def _members(ids: Resolved, people: tuple[Address, ...]) -> Iterator[str]:
    return iter(dict.fromkeys(ids.members[person] for person in people))


def _by_us(item: GroupChange) -> bool:
    """Leaving and being removed share one type; where nobody says who did it, only ours is asked for."""
    match (item.initiated_by or "").casefold():
        case "business":
            return True
        case "participant":
            return False
        case _:
            return item.request_id is not None or item.asked
