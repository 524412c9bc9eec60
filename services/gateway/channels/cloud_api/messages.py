"""Messages and statuses of a Cloud API change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.gateway.channels.cloud_api import fields
from services.gateway.domain.items import (
    Address,
    AddressKind,
    IncomingMessage,
    IncomingReaction,
    Item,
    Place,
    StatusUpdate,
    SystemNotice,
)
from shared.contracts.gateway import ChatKind, DeliveryStatus, MessageKind

_KINDS = {
    "text": MessageKind.TEXT,
    "image": MessageKind.IMAGE,
    "video": MessageKind.VIDEO,
    "audio": MessageKind.AUDIO,
    "voice": MessageKind.AUDIO,
    "document": MessageKind.DOCUMENT,
    "sticker": MessageKind.STICKER,
    "location": MessageKind.LOCATION,
    "contacts": MessageKind.CONTACTS,
    "button": MessageKind.BUTTON,
    "interactive": MessageKind.INTERACTIVE,
    "order": MessageKind.ORDER,
}

_TEXT_PATHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "text": (("text", "body"),),
    "button": (("button", "text"),),
    "interactive": (
        ("interactive", "button_reply", "title"),
        ("interactive", "list_reply", "title"),
        ("interactive", "nfm_reply", "body"),
    ),
    "order": (("order", "text"),),
    "system": (("system", "body"),),
    **{kind: ((kind, "caption"),) for kind in ("image", "video", "document", "audio", "voice")},
}

_RECIPIENT = (
    ("recipient_id", AddressKind.PHONE),
    ("recipient_user_id", AddressKind.BUSINESS_SCOPED),
    ("recipient_parent_user_id", AddressKind.PARENT_BUSINESS_SCOPED),
)
_PARTICIPANT = (
    ("recipient_participant_id", AddressKind.PHONE),
    ("participant_recipient_id", AddressKind.PHONE),
    ("recipient_participant_user_id", AddressKind.BUSINESS_SCOPED),
)


@dataclass(frozen=True, slots=True)
class People:
    """The contacts that stand beside messages; matched by address, for their order promises nothing."""

    by_address: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> People:
        """Return the people of a change's value."""
        found = {}
        for contact in fields.dicts(value, "contacts"):
            for name in ("wa_id", "user_id"):
                if key := fields.text(contact, name):
                    found[key] = contact
        return cls(found)

    def find(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the contact of a message's author, empty where there is none."""
        for name in ("from", "from_user_id"):
            if (key := fields.text(message, name)) and key in self.by_address:
                return self.by_address[key]
        return {}


def message(part: Mapping[str, Any], people: People) -> Item:
    """Return one element of `messages`.

    Raises:
        KeyError: it has no id or no author.
    """
    contact = people.find(part)
    type_name = (fields.text(part, "type") or "unknown")[:64]
    provider_id = _required(part, "id")
    sent_at = fields.instant(part.get("timestamp"))
    sender = _sender(part, contact)
    text = next(
        (found for path in _TEXT_PATHS.get(type_name, ()) if (found := fields.text(part, *path))), None
    )
    if type_name == "system":
        subtype = fields.text(part, "system", "type") or "unknown"
        return SystemNotice(provider_id, subtype, sender, text, sent_at)
    if not sender:
        raise KeyError("from")
    place = _place(fields.identifier(part, "group_id"))
    if type_name == "reaction":
        target = fields.identifier(part, "reaction", "message_id")
        if target is None:
            raise KeyError("reaction.message_id")
        emoji = fields.text(part, "reaction", "emoji")
        return IncomingReaction(provider_id, place, sender, target, emoji, sent_at)
    return IncomingMessage(
        provider_id=provider_id,
        place=place,
        sender=sender,
        sent_at=sent_at,
        kind=_KINDS.get(type_name, MessageKind.UNSUPPORTED),
        type_name=(fields.text(part, "unsupported", "type") or type_name)[:64],
        name=fields.text(contact, "profile", "name"),
        text=text,
        reply_to=fields.identifier(part, "context", "id"),
        forwarded=_forwarded(part.get("context")),
        media_id=fields.identifier(part, type_name, "id"),
        error_codes=fields.error_codes(part),
    )


def status(part: Mapping[str, Any]) -> Item:
    """Return one element of `statuses`.

    Raises:
        KeyError: it has no message id or no status.
    """
    in_group = part.get("recipient_type") == "group"
    group = fields.identifier(part, "recipient_id") if in_group else None
    # Of a group Meta's own pages print both spellings.
    names = _PARTICIPANT if in_group else _RECIPIENT
    recipient = next(
        (found for name, kind in names if (found := fields.address(fields.identifier(part, name), kind))),
        None,
    )
    return StatusUpdate(
        provider_id=_required(part, "id"),
        status=DeliveryStatus(_required(part, "status")),
        place=_place(group),
        recipient=recipient,
        reported_at=fields.instant(part.get("timestamp")),
        mark=fields.text(part, "biz_opaque_callback_data"),
        error_codes=fields.error_codes(part),
    )


def _required(part: Mapping[str, Any], name: str) -> str:
    if (value := fields.identifier(part, name)) is None:
        raise KeyError(name)
    return value


def _place(group: str | None) -> Place:
    return Place(ChatKind.GROUP, group) if group else Place(ChatKind.DIRECT)


def _sender(part: Mapping[str, Any], contact: Mapping[str, Any]) -> tuple[Address, ...]:
    candidates = (
        fields.address(fields.identifier(part, "from") or fields.identifier(contact, "wa_id")),
        fields.address(
            fields.identifier(part, "from_user_id") or fields.identifier(contact, "user_id"),
            AddressKind.BUSINESS_SCOPED,
        ),
        fields.address(
            fields.identifier(part, "from_parent_user_id") or fields.identifier(contact, "parent_user_id"),
            AddressKind.PARENT_BUSINESS_SCOPED,
        ),
    )
    return tuple(dict.fromkeys(each for each in candidates if each is not None))


def _forwarded(context: object) -> bool:
    return isinstance(context, dict) and (
        context.get("forwarded") is True or context.get("frequently_forwarded") is True
    )
