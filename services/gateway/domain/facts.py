"""Turns what a webhook contains into events, once people and chats have their ids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from services.gateway.domain.items import (
    Address,
    GroupChange,
    IncomingMessage,
    IncomingReaction,
    Item,
    Place,
    StatusUpdate,
)
from services.gateway.domain.marks import Mark
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import (
    ChatKind,
    DeliveryReported,
    MemberJoined,
    MemberLeft,
    MessageKind,
    MessageReceived,
    ReactionChanged,
)
from shared.ids import deterministic_id

SOURCE = "/chaupal/gateway"
ADDED = frozenset({"group_participants_add", "group_add_participants"})
REMOVED = frozenset({"group_participants_remove", "group_remove_participants"})


def people_of(item: Item) -> Iterator[tuple[Address, ...]]:
    """Yield the addresses of each person `item` speaks of."""
    match item:
        case IncomingMessage(sender=sender) | IncomingReaction(sender=sender):
            yield sender
        case StatusUpdate(recipient=Address() as recipient):
            yield (recipient,)
        case GroupChange(added=added, removed=removed):
            for person in (*added, *removed):
                yield (person,)
        case _:
            return


def places_of(item: Item) -> Iterator[tuple[Place, tuple[Address, ...]]]:
    """Yield the chats `item` speaks of, a direct one with the person at its other end."""
    match item:
        case IncomingMessage(place=place, sender=person) | IncomingReaction(place=place, sender=person):
            yield place, person
        case StatusUpdate(place=place, recipient=recipient):
            if place.group is not None or recipient is not None:
                yield place, (recipient,) if recipient else ()
        case GroupChange(group=str() as group):
            yield Place(ChatKind.GROUP, group), ()
        case _:
            return


@dataclass(frozen=True, slots=True)
class Resolved:
    """The ids of everybody and every chat that a webhook speaks of."""

    channel: str
    account: str
    members: Mapping[Address, str]
    chats: Mapping[str, str]
    """By group id or, for a direct chat, by `member_id`."""

    def member(self, addresses: tuple[Address, ...]) -> str:
        """Return the member behind `addresses`; the first, most reliable one decides."""
        return self.members[addresses[0]]

    def chat(self, place: Place, person: tuple[Address, ...]) -> str:
        """Return the chat at `place`."""
        return self.chats[place.group if place.group is not None else self.member(person)]

    def id(self, kind: str, *natural_key: str) -> str:
        """Return the deterministic id of something on this account."""
        return deterministic_id(kind, self.channel, self.account, *natural_key)


def events_of(item: Item, ids: Resolved, now: dt.datetime) -> Iterator[Envelope[EventModel]]:
    """Yield the events that `item` is; nothing where it is no event of ours."""
    match item:
        case IncomingMessage():
            yield _message(item, ids, now)
        case IncomingReaction():
            yield _reaction(item, ids, now)
        case StatusUpdate() if item.place.group is not None or item.recipient is not None:
            yield _report(item, ids, now)
        case GroupChange(group=str()) if item.type in ADDED | REMOVED:
            yield from _roster(item, ids, now)
        case _:
            return


def _message(item: IncomingMessage, ids: Resolved, now: dt.datetime) -> Envelope[EventModel]:
    message_id = ids.id("message", item.provider_id)
    chat_id = ids.chat(item.place, item.sender)
    unsupported = item.kind is MessageKind.UNSUPPORTED
    data = MessageReceived(
        chat_id=chat_id,
        chat_kind=item.place.kind,
        message_id=message_id,
        member_id=ids.member(item.sender),
        sent_at=item.sent_at or now,
        kind=item.kind,
        text=item.text,
        reply_to=ids.id("message", item.reply_to) if item.reply_to else None,
        forwarded=item.forwarded,
        media_id=item.media_id,
        unsupported_type=item.type_name if unsupported else None,
    )
    return originate(data, event_id=message_id, source=SOURCE, key=chat_id, time=now)


def _reaction(item: IncomingReaction, ids: Resolved, now: dt.datetime) -> Envelope[EventModel]:
    chat_id = ids.chat(item.place, item.sender)
    data = ReactionChanged(
        chat_id=chat_id,
        chat_kind=item.place.kind,
        message_id=ids.id("message", item.target),
        member_id=ids.member(item.sender),
        emoji=item.emoji,
        changed_at=item.sent_at or now,
    )
    return originate(data, event_id=ids.id("message", item.provider_id), source=SOURCE, key=chat_id, time=now)


def _report(item: StatusUpdate, ids: Resolved, now: dt.datetime) -> Envelope[EventModel]:
    person = (item.recipient,) if item.recipient else ()
    chat_id = ids.chat(item.place, person)
    in_group = item.place.group is not None
    mark = Mark.read(item.mark)
    data = DeliveryReported(
        send_id=mark.send_id if mark else None,
        provider_message=ids.id("message", item.provider_id),
        chat_id=chat_id,
        member_id=ids.member(person) if in_group and person else None,
        status=item.status,
        provider_codes=tuple(code for code in item.error_codes if isinstance(code, int)),
        reported_at=item.reported_at or now,
    )
    event_id = report_id(ids.channel, ids.account, item.provider_id, item.status, data.member_id or "")
    report = originate(data, event_id=event_id, source=SOURCE, key=chat_id, time=now)
    return replace(report, correlation_id=mark.correlation_id) if mark else report


def report_id(channel: str, account: str, provider_id: str, status: str, member_id: str) -> str:
    """Return the id of the report that the message `provider_id` has come as far as `status`.

    Args:
        channel: the provider.
        account: ours at it.
        provider_id: the provider's id of the message.
        status: how far it has come.
        member_id: for whom, in a group; empty where it is for the whole chat.
    """
    return deterministic_id("status", channel, account, provider_id, status, member_id)


def _roster(item: GroupChange, ids: Resolved, now: dt.datetime) -> Iterator[Envelope[EventModel]]:
    group = item.group or ""
    chat_id = ids.chats[group]
    at = item.at or now
    # The provider gives these no id, so what they say is their id.
    stamp = (group, item.type, at.isoformat() if item.at else "", item.request_id or "")
    joined = item.type in ADDED
    for person in item.added if joined else item.removed:
        member_id = ids.members[person]
        data: EventModel
        if joined:
            data = MemberJoined(chat_id=chat_id, chat_kind=ChatKind.GROUP, member_id=member_id, joined_at=at)
        else:
            data = MemberLeft(
                chat_id=chat_id,
                chat_kind=ChatKind.GROUP,
                member_id=member_id,
                removed=_by_us(item),
                left_at=at,
            )
        event_id = ids.id("roster", *stamp, member_id)
        yield originate(data, event_id=event_id, source=SOURCE, key=chat_id, time=now)


def _by_us(item: GroupChange) -> bool:
    """Leaving and being removed share one type; where nobody says who did it, only ours has a request."""
    return item.initiated_by == "business" or (item.initiated_by is None and item.request_id is not None)
