"""What people say: messages, and what they do to them afterwards."""

from __future__ import annotations

from services.gateway.channels.waha import fields, ids
from services.gateway.channels.waha.content import NOT_SAID, Content
from services.gateway.channels.waha.event import Event
from services.gateway.channels.waha.fields import Part
from services.gateway.channels.waha.ids import Key
from services.gateway.domain.items import (
    Address,
    Echo,
    IncomingEdit,
    IncomingMessage,
    IncomingReaction,
    IncomingRevoke,
    IncomingVote,
    Item,
    Passed,
    Place,
)
from shared.contracts.gateway import MAX_TEXT, MessageKind

MAX_EMOJI = 64
MAX_OPTIONS, MAX_OPTION = 64, 256

_SAYS_WHO = ("participant",), ("author",), ("_data", "author"), ("_data", "participant")
_ALSO_CALLED = (
    ("_data", "Info", "SenderAlt"),
    ("_data", "Info", "Sender"),
    ("_data", "key", "participantAlt"),
    ("_data", "key", "participantPn"),
    ("_data", "key", "senderPn"),
    ("_data", "key", "senderLid"),
    ("_data", "key", "remoteJidAlt"),
    ("participantPn",),
    ("pn",),
)
"""Where engines put a second name of the author, usually the number of somebody with a hidden id."""
_NAMES = ("_data", "Info", "PushName"), ("_data", "pushName"), ("_data", "notifyName")
_REVOKED = (
    ("_data", "message", "protocolMessage", "key"),
    ("_data", "Message", "protocolMessage", "key"),
)


def message(event: Event) -> Item:
    """Return a message, seen by either subscription: the same message has the same id in both.

    Raises:
        KeyError: it has no id or no author.
    """
    part = event.payload
    if (story := _story(part)) is not None:
        return story
    content = Content.of(part)
    provider_id = event.required("id")
    if content.type_name in NOT_SAID:
        return Passed(f"message:{content.type_name}", provider_id)
    sender = _sender(part)
    kind = content.kind
    if _by_us(event, sender):
        return Echo(provider_id, str(kind))
    if not sender:
        raise KeyError("participant")
    place = _place(part)
    return IncomingMessage(
        provider_id=provider_id,
        place=place,
        sender=sender,
        sent_at=event.instant("timestamp"),
        kind=kind,
        type_name=content.type_name or str(kind),
        name=next((found for path in _NAMES if (found := fields.name(part, *path))), None),
        text=content.text,
        reply_to=_reply_to(event, sender),
        error_codes=content.error_codes,
        media=content.media,
        attachment=content.attachment,
        location=content.location if kind is MessageKind.LOCATION else None,
        choice=content.choice,
        mentions=event.others(content.mentions),
        forwarded=content.forwarded,
        often_forwarded=content.often_forwarded,
        from_advertisement=content.from_advertisement,
    )


def waiting(event: Event) -> Item:
    """Return a message that cannot be read yet; it comes again, under the same id, as soon as it can.

    Raises:
        KeyError: it has no id.
    """
    if fields.flag(event.payload, "fromMe"):
        return Echo(event.required("id"), str(Content.of(event.payload).kind))
    return Passed(event.name, event.required("id"))


def reaction(event: Event) -> Item:
    """Return a reaction, or its removal.

    Raises:
        KeyError: it has no id or no author, or names no message.
    """
    part = event.payload
    if (story := _story(part)) is not None:
        return story
    provider_id, sender = event.required("id"), _sender(part)
    if _by_us(event, sender):
        return Echo(provider_id, "reaction")
    if not sender:
        raise KeyError("participant")
    return IncomingReaction(
        provider_id=provider_id,
        place=_place(part),
        sender=sender,
        target=event.required("reaction", "messageId"),
        emoji=fields.text(part, "reaction", "text", limit=MAX_EMOJI),
        sent_at=event.instant("timestamp"),
    )


def edited(event: Event) -> Item:
    """Return an edit. Only its own author can change a message, so the target's whole id is known.

    Raises:
        KeyError: it has no id or no author, or names no message.
    """
    part = event.payload
    if (story := _story(part)) is not None:
        return story
    provider_id, sender = event.required("id"), _sender(part)
    if _by_us(event, sender):
        return Echo(provider_id, "edit")
    if not sender:
        raise KeyError("participant")
    target, own = event.required("editedMessageId"), Key.read(provider_id)
    return IncomingEdit(
        provider_id=provider_id,
        target=str(own.of(ids.bare(target))) if own else target,
        place=_place(part),
        sender=sender,
        text=fields.text(part, "body", limit=MAX_TEXT),
        at=event.instant("timestamp") or event.at,
    )


def revoked(event: Event) -> Item:
    """Return a deletion for everyone: by the author or an admin, perhaps by us on another's message.

    Often nothing is said but the bare id. Then there is no place, and the message has to be looked up by it.

    Raises:
        KeyError: it names no message.
    """
    part = event.payload
    before, after = fields.section(part, "before"), fields.section(part, "after")
    if (story := _story(after) or _story(before) or _story(part)) is not None:
        return story
    notice = after or part
    named = fields.identifier(part, "revokedMessageId") or fields.identifier(before, "id")
    named = named or event.required("after", "id")
    provider_id = fields.identifier(notice, "id")
    places = [each for each in (after, before, part) if _chats(each)]
    by = _sender(notice) if notice.get("fromMe") is not None or _says_who(notice) else ()
    return IncomingRevoke(
        target=_revoked(named, part, before, provider_id),
        place=_place(places[0]) if places else None,
        by=event.others(by),
        at=fields.instant(notice.get("timestamp")) or event.at,
        provider_id=provider_id,
    )


def vote(event: Event) -> Item:
    """Return somebody's whole choice in a poll; `poll.vote.failed` tells that it could not be decrypted.

    Raises:
        KeyError: nobody voted, or for no poll.
    """
    ballot = fields.section(event.payload, "vote")
    if (story := _story(ballot)) is not None:
        return story
    poll, sender = event.required("poll", "id"), _sender(ballot)
    if _by_us(event, sender, ballot):
        return Echo(fields.identifier(ballot, "id") or poll, "vote")
    if not sender:
        raise KeyError("vote")
    return IncomingVote(
        poll=poll,
        place=ids.place_among((*_chats(ballot), *_chats(fields.section(event.payload, "poll")))),
        sender=sender,
        options=_options(ballot) if event.name == "poll.vote" else None,
        at=fields.instant(ballot.get("timestamp")) or event.at,
    )


def _options(ballot: Part) -> tuple[str, ...] | None:
    chosen = ballot.get("selectedOptions")
    if not isinstance(chosen, list):
        return None
    options = (fields.text({"option": each}, "option", limit=MAX_OPTION) for each in chosen[:MAX_OPTIONS])
    return tuple(each for each in options if each)


def _chats(part: Part) -> tuple[str, ...]:
    """Return every chat that `part` names: its id knows one, and engines disagree about the rest."""
    key = Key.read(fields.identifier(part, "id"))
    named = (key.chat if key else None, *(fields.identifier(part, name) for name in ("from", "to", "chatId")))
    return tuple(each for each in named if each)


def _place(part: Part) -> Place:
    return ids.place_among(_chats(part))


def _story(part: Part) -> Passed | None:
    """Return that `part` is a story or a channel's post, None where it is neither."""
    source = next((each for each in _chats(part) if ids.of_no_member(each)), None)
    return Passed(ids.server_of(source), fields.identifier(part, "id")) if source else None


def _says_who(part: Part) -> str | None:
    key = Key.read(fields.identifier(part, "id"))
    found = (fields.identifier(part, *path) for path in _SAYS_WHO)
    named = next((each for each in found if each and not ids.in_group(each)), None)
    return named or (key.author if key else None)


def _sender(part: Part) -> tuple[Address, ...]:
    """Return the author: whoever is named beside the message, else the other side of a direct chat."""
    also = (fields.identifier(part, *path) for path in _ALSO_CALLED)
    author, chats = _says_who(part), _chats(part)
    if author is None and not ids.in_group(said_by := fields.identifier(part, "from")):
        # In a group this is the group, but for votes, and for reactions on one engine.
        author = said_by
    if author is None and chats and not any(map(ids.in_group, chats)):
        author = chats[0]
    return ids.people(
        author, *(each for each in also if ids.server_of(each) in {*ids.PHONE_SERVERS, ids.HIDDEN})
    )


def _by_us(event: Event, sender: tuple[Address, ...], part: Part | None = None) -> bool:
    mine = fields.flag(event.payload if part is None else part, "fromMe")
    return bool(mine) or any(each in event.us for each in sender)


def _reply_to(event: Event, sender: tuple[Address, ...]) -> str | None:
    """Return the id of the message that is answered, whole where all of its parts are known."""
    quoted = fields.identifier(event.payload, "replyTo", "id")
    own = Key.read(fields.identifier(event.payload, "id"))
    if quoted is None or own is None or Key.read(quoted):
        return quoted
    author = fields.identifier(event.payload, "replyTo", "participant")
    if author is None:
        return quoted
    if ids.in_group(own.chat):
        by_us = event.ours(author)
        return str(Key(by_us, own.chat, quoted, None if by_us else ids.spelled(author)))
    return str(Key(ids.address(author) not in sender, own.chat, quoted))


def _revoked(named: str, part: Part, before: Part, provider_id: str | None) -> str:
    """Return the whole id of the message that was deleted, or `named` where its parts are not all known."""
    earlier = Key.read(fields.identifier(before, "id"))
    if Key.read(named) or (earlier and earlier.id == named):
        return named if Key.read(named) else str(earlier)
    notice = Key.read(provider_id)
    if notice is None:
        return named
    if not ids.in_group(notice.chat):
        return str(notice.of(named))
    inner = next((found for path in _REVOKED if (found := fields.section(part, *path))), fields.NOTHING)
    if fields.flag(inner, "fromMe"):
        return str(notice.of(named))
    # An admin may have deleted it: the author is not whoever tells of it.
    author = fields.identifier(inner, "participant")
    return str(Key(by_us=False, chat=notice.chat, id=named, author=ids.spelled(author))) if author else named
