"""Messages of a Cloud API change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.gateway.channels.cloud_api import fields, shopping
from services.gateway.channels.cloud_api.content import KINDS, any_content, content
from services.gateway.channels.cloud_api.people import People, sender
from services.gateway.domain.items import (
    Address,
    AddressKind,
    Echo,
    IncomingEdit,
    IncomingMessage,
    IncomingReaction,
    IncomingRevoke,
    Item,
    Place,
    SystemNotice,
)
from shared.contracts.gateway import ChatKind, MessageKind

MAX_TYPE = 64

_DIRECT = Place(ChatKind.DIRECT)
_MOVES = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})
"""Notices that somebody has other names now; what other notices name is as it was."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What messages of all types have in common."""

    part: Mapping[str, Any]
    provider_id: str
    place: Place
    author: tuple[Address, ...]
    at: dt.datetime | None


def message(part: Mapping[str, Any], people: People) -> Item:
    """Return one element of `messages`.

    Raises:
        KeyError: it has no id or no author, or does not name the message it is about.
        TypeError: what must be a text is none.
    """
    contact = people.author(part)
    type_name = (fields.text(part, "type") or "unknown")[:MAX_TYPE]
    provider_id = fields.required(part, "id")
    author = sender(part, contact)
    if type_name == "system":
        return _notice(part, provider_id, author)
    if not author:
        raise KeyError("from")
    if people.us is not None and people.us in author:
        # Our own words: whoever answered them would answer themselves.
        return Echo(provider_id, type_name)
    group = fields.identifier(part, "group_id")
    place = Place(ChatKind.GROUP, group) if group else _DIRECT
    frame = _Frame(part, provider_id, place, author, fields.instant(part.get("timestamp")))
    match type_name:
        case "reaction":
            return _reaction(frame)
        case "edit":
            return _edit(frame)
        case "revoke":
            return IncomingRevoke(_target(part, "revoke"), place, author, frame.at, provider_id)
        case _:
            return _message(frame, type_name, fields.text(contact, "profile", "name"), people.us)


def echo(part: Mapping[str, Any]) -> Item:
    """Return a message that was written by hand on a phone of ours."""
    return Echo(fields.text(part, "id") or "", (fields.text(part, "type") or "")[:MAX_TYPE])


def _message(frame: _Frame, type_name: str, name: str | None, us: Address | None) -> Item:
    part = frame.part
    kind = KINDS.get(type_name)
    said = content(part, type_name)
    if kind is None:
        type_name = (fields.text(part, "unsupported", "type") or type_name)[:MAX_TYPE]
    often = _flag(part, "frequently_forwarded")
    return IncomingMessage(
        provider_id=frame.provider_id,
        place=frame.place,
        sender=frame.author,
        sent_at=frame.at,
        kind=kind or MessageKind.UNSUPPORTED,
        type_name=type_name,
        name=name,
        text=said.text,
        reply_to=fields.identifier(part, "context", "id"),
        forwarded=often or _flag(part, "forwarded"),
        media_id=said.media_id,
        error_codes=fields.error_codes(part),
        media=said.media,
        attachment=said.attachment,
        location=said.location,
        choice=said.choice,
        form=said.form,
        mentions=_mentions(part["mentions"], us) if "mentions" in part else (),
        often_forwarded=often,
        from_advertisement=isinstance(part.get("referral"), dict) and bool(part["referral"]),
        order=said.order,
        referred_product=shopping.product(part.get("context")),
    )


def _reaction(frame: _Frame) -> Item:
    target = fields.identifier(frame.part, "reaction", "message_id")
    if target is None:
        raise KeyError("reaction.message_id")
    if not isinstance(frame.part["reaction"].get("emoji"), (str, type(None))):
        # Only an empty or a missing one takes the reaction away.
        raise TypeError("reaction.emoji")
    emoji = fields.text(frame.part, "reaction", "emoji")
    return IncomingReaction(frame.provider_id, frame.place, frame.author, target, emoji, frame.at)


def _edit(frame: _Frame) -> Item:
    told = frame.part.get("edit")
    written = (told if isinstance(told, dict) else frame.part).get("message")
    text = any_content(written).text if isinstance(written, dict) else None
    target = _target(frame.part, "edit")
    return IncomingEdit(frame.provider_id, target, frame.place, frame.author, text, frame.at)


def _target(part: Mapping[str, Any], type_name: str) -> str:
    inside = fields.identifier(part, type_name, "original_message_id")
    return inside or fields.required(part, "original_message_id")


def _notice(part: Mapping[str, Any], provider_id: str, author: tuple[Address, ...]) -> Item:
    told = part.get("system")
    system = told if isinstance(told, dict) else {}
    subtype = (fields.text(system, "type") or "unknown")[:MAX_TYPE]
    after: tuple[Address, ...] = ()
    before: tuple[Address, ...] = ()
    if subtype in _MOVES:
        after = fields.addresses(
            (fields.identifier(system, "wa_id") or fields.identifier(system, "new_wa_id"), AddressKind.PHONE),
            (fields.identifier(system, "user_id"), AddressKind.BUSINESS_SCOPED),
            (fields.identifier(system, "parent_user_id"), AddressKind.PARENT_BUSINESS_SCOPED),
        )
        before = fields.addresses(
            (fields.identifier(system, "customer"), AddressKind.PHONE),
            (fields.identifier(system, "previous_user_id"), AddressKind.BUSINESS_SCOPED),
            (fields.identifier(system, "previous_parent_user_id"), AddressKind.PARENT_BUSINESS_SCOPED),
        )
    return SystemNotice(
        provider_id=provider_id,
        subtype=subtype,
        sender=author,
        text=fields.text(system, "body"),
        sent_at=fields.instant(part.get("timestamp")),
        moved_to=after,
        moved_from=tuple(each for each in before if each not in author),
    )


def _mentions(listed: object, us: Address | None) -> tuple[Address, ...]:
    """Return who else is mentioned; no page shows the shape, so every one that names people is read."""
    people = [fields.named(each) for each in listed] if isinstance(listed, list) else []
    return tuple(dict.fromkeys(names[0] for names in people if names and us not in names))


def _flag(part: Mapping[str, Any], name: str) -> bool:
    context = part.get("context")
    return isinstance(context, dict) and context.get(name) is True
