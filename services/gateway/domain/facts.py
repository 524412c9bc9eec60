"""Turns what a webhook contains into events, once people and chats have their ids."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace

from services.gateway.domain.group_facts import changes_of
from services.gateway.domain.items import (
    Address,
    GroupChange,
    IncomingEdit,
    IncomingMessage,
    IncomingReaction,
    IncomingRevoke,
    IncomingVote,
    Item,
    Place,
    StatusUpdate,
)
from services.gateway.domain.marks import Mark
from services.gateway.domain.resolved import MESSAGE, Resolved, Where, message_key, stamp
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import (
    ChatKind,
    DeliveryReported,
    MessageEdited,
    MessageKind,
    MessageReceived,
    MessageRevoked,
    PollVoted,
    ReactionChanged,
)
from shared.ids import deterministic_id

__all__ = [
    "SOURCE",
    "Resolved",
    "Where",
    "events_of",
    "left_over",
    "message_key",
    "people_of",
    "places_of",
    "report_id",
]

SOURCE = "/chaupal/gateway"
_NUMBER = re.compile("[0-9]{1,9}")


def people_of(item: Item) -> Iterator[tuple[Address, ...]]:
    """Yield the addresses of each person `item` speaks of."""
    match item:
        case IncomingMessage(sender=sender, mentions=mentions):
            yield sender
            for person in mentions:
                yield (person,)
        case IncomingReaction(sender=sender) | IncomingEdit(sender=sender) | IncomingVote(sender=sender):
            yield sender
        case IncomingRevoke(by=(_, *_) as sender):
            yield sender
        case StatusUpdate(recipient=Address() as recipient, also=also):
            yield (recipient, *also)
        case GroupChange():
            known = {names[0]: names for names in item.names}
            asking = (item.person,) if item.person else ()
            for person in (*item.present, *item.added, *item.removed, *item.promoted, *item.demoted, *asking):
                yield known.get(person, (person,))
        case _:
            return


def places_of(item: Item) -> Iterator[tuple[Place, tuple[Address, ...]]]:
    """Yield the chats `item` speaks of, a direct one with the person at its other end."""
    match item:
        case (
            IncomingMessage(place=place, sender=person)
            | IncomingReaction(place=place, sender=person)
            | IncomingEdit(place=place, sender=person)
            | IncomingVote(place=place, sender=person)
            | IncomingRevoke(place=Place() as place, by=person)
        ):
            if place.group is not None or person:
                yield place, person
        case StatusUpdate(place=place, recipient=recipient):
            if place.group is not None or recipient is not None:
                yield place, (recipient,) if recipient else ()
        case GroupChange(group=str() as group):
            yield Place(ChatKind.GROUP, group), ()
        case _:
            return


def events_of(item: Item, ids: Resolved, now: dt.datetime) -> Iterator[Envelope[EventModel]]:
    """Yield the events that `item` is; nothing where it is no event of ours."""
    match item:
        case IncomingMessage():
            yield _message(item, ids, now)
        case IncomingReaction():
            yield _reaction(item, ids, now)
        case IncomingEdit():
            yield _edit(item, ids, now)
        case IncomingRevoke():
            yield from _revoke(item, ids, now)
        case IncomingVote(options=tuple() as options):
            yield _vote(item, options, ids, now)
        case StatusUpdate() if item.place.group is not None or item.recipient is not None:
            yield _report(item, ids, now)
        case GroupChange(group=str() as group):
            for event_id, data in changes_of(item, group, ids, now):
                yield originate(data, event_id=event_id, source=SOURCE, key=ids.chats[group], time=now)
        case _:
            return


def left_over(item: Item, ids: Resolved) -> str | None:
    """Return why `item` has to be kept although it says something, None where its events say it all."""
    match item:
        case IncomingRevoke() if _where(item, ids) is None:
            return "unknown_message"
        case IncomingVote(options=None):
            return "unread_vote"
        case StatusUpdate() if item.place.group is None and item.recipient is None:
            return "status_of_nobody"
        case GroupChange() if item.unread is not None:
            return "group_change"
        case _:
            return None


def _message(item: IncomingMessage, ids: Resolved, now: dt.datetime) -> Envelope[EventModel]:
    message_id = ids.id(MESSAGE, item.provider_id)
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
        reply_to=ids.id(MESSAGE, item.reply_to) if item.reply_to else None,
        forwarded=item.forwarded,
        media_id=item.media_id,
        unsupported_type=item.type_name if unsupported else None,
        attachment=item.attachment,
        location=item.location,
        choice=item.choice,
        form=item.form,
        mentions=tuple(dict.fromkeys(ids.members[each] for each in item.mentions)),
        often_forwarded=item.often_forwarded,
        from_advertisement=item.from_advertisement,
        order=item.order,
        referred_product=item.referred_product,
    )
    return originate(data, event_id=message_id, source=SOURCE, key=chat_id, time=now)


def _reaction(item: IncomingReaction, ids: Resolved, now: dt.datetime) -> Envelope[EventModel]:
    chat_id = ids.chat(item.place, item.sender)
    data = ReactionChanged(
        chat_id=chat_id,
        chat_kind=item.place.kind,
        message_id=ids.id(MESSAGE, item.target),
        member_id=ids.member(item.sender),
        emoji=item.emoji,
        changed_at=item.sent_at or now,
    )
    # A linked device may tell of a reaction, as of an edit, under the id of the message itself.
    key = message_key(ids.channel, item.provider_id)
    event_id = ids.id("reaction", data.message_id, key, stamp(item.sent_at), item.emoji or "")
    return originate(data, event_id=event_id, source=SOURCE, key=chat_id, time=now)


def _edit(item: IncomingEdit, ids: Resolved, now: dt.datetime) -> Envelope[EventModel]:
    chat_id = ids.chat(item.place, item.sender)
    data = MessageEdited(
        chat_id=chat_id,
        chat_kind=item.place.kind,
        message_id=ids.id(MESSAGE, item.target),
        member_id=ids.member(item.sender),
        text=item.text,
        edited_at=item.at or now,
    )
    key = message_key(ids.channel, item.provider_id)
    event_id = ids.id("edit", data.message_id, key, stamp(item.at), item.text or "")
    return originate(data, event_id=event_id, source=SOURCE, key=chat_id, time=now)


def _revoke(item: IncomingRevoke, ids: Resolved, now: dt.datetime) -> Iterator[Envelope[EventModel]]:
    if (where := _where(item, ids)) is None:
        return
    chat_id, kind = where
    known = ids.messages.get(ids.id(MESSAGE, item.target))
    data = MessageRevoked(
        chat_id=chat_id,
        chat_kind=kind,
        message_id=(known.message_id if known else None) or ids.id(MESSAGE, item.target),
        member_id=ids.member(item.by) if item.by else None,
        revoked_at=item.at or now,
    )
    # A message is deleted once, however often that is told.
    yield originate(data, event_id=ids.id("revoke", data.message_id), source=SOURCE, key=chat_id, time=now)


def _where(item: IncomingRevoke, ids: Resolved) -> tuple[str, ChatKind] | None:
    if item.place is not None and (item.place.group is not None or item.by):
        return ids.chat(item.place, item.by), item.place.kind
    found = ids.messages.get(ids.id(MESSAGE, item.target))
    return (found.chat_id, found.chat_kind) if found else None


def _vote(
    item: IncomingVote, options: tuple[str, ...], ids: Resolved, now: dt.datetime
) -> Envelope[EventModel]:
    chat_id = ids.chat(item.place, item.sender)
    data = PollVoted(
        chat_id=chat_id,
        chat_kind=item.place.kind,
        message_id=ids.id(MESSAGE, item.poll),
        member_id=ids.member(item.sender),
        options=options,
        voted_at=item.at or now,
    )
    event_id = ids.id("vote", data.message_id, data.member_id, stamp(item.at), *options)
    return originate(data, event_id=event_id, source=SOURCE, key=chat_id, time=now)


def _report(item: StatusUpdate, ids: Resolved, now: dt.datetime) -> Envelope[EventModel]:
    person = (item.recipient,) if item.recipient else ()
    chat_id = ids.chat(item.place, person)
    in_group = item.place.group is not None
    mark = Mark.read(item.mark)
    data = DeliveryReported(
        send_id=mark.send_id if mark else None,
        provider_message=ids.id(MESSAGE, item.provider_id),
        chat_id=chat_id,
        member_id=ids.member(person) if in_group and person else None,
        status=item.status,
        provider_codes=tuple(_numbers(item.error_codes)),
        reported_at=item.reported_at or now,
    )
    event_id = report_id(ids.channel, ids.account, item.provider_id, item.status, data.member_id or "")
    report = originate(data, event_id=event_id, source=SOURCE, key=chat_id, time=now)
    return replace(report, correlation_id=mark.correlation_id) if mark else report


def _numbers(codes: tuple[int | str, ...]) -> Iterator[int]:
    for code in codes:
        if isinstance(code, int):
            yield code
        elif _NUMBER.fullmatch(code):
            yield int(code)


def report_id(channel: str, account: str, provider_id: str, status: str, member_id: str) -> str:
    """Return the id of the report that the message `provider_id` has come as far as `status`.

    Args:
        channel: the provider.
        account: ours at it.
        provider_id: the provider's id of the message.
        status: how far it has come.
        member_id: for whom, in a group; empty where it is for the whole chat.
    """
    return deterministic_id("status", channel, account, message_key(channel, provider_id), status, member_id)
