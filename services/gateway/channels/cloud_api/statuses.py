"""Statuses of a Cloud API change: how far messages of ours have come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.gateway.channels.cloud_api import fields
from services.gateway.channels.cloud_api.people import People
from services.gateway.domain.items import AddressKind, Item, Place, StatusUpdate
from shared.contracts.gateway import ChatKind, DeliveryStatus

DIRECT = Place(ChatKind.DIRECT)

_RECIPIENT = (
    ("recipient_id", AddressKind.PHONE),
    ("recipient_user_id", AddressKind.BUSINESS_SCOPED),
    ("recipient_parent_user_id", AddressKind.PARENT_BUSINESS_SCOPED),
    # Its name before May 2026.
    ("parent_recipient_user_id", AddressKind.PARENT_BUSINESS_SCOPED),
)
_PARTICIPANT = (
    # Meta's own pages print both spellings.
    ("recipient_participant_id", AddressKind.PHONE),
    ("participant_recipient_id", AddressKind.PHONE),
    ("recipient_participant_user_id", AddressKind.BUSINESS_SCOPED),
    ("participant_recipient_user_id", AddressKind.BUSINESS_SCOPED),
    # No group has such an id.
    *_RECIPIENT[1:],
)


def status(part: Mapping[str, Any], people: People) -> Item:
    """Return one element of `statuses`.

    Raises:
        KeyError: it has no message id, no status, or names no group where it is about one.
    """
    in_group = part.get("recipient_type") == "group" or any(name in part for name, _ in _PARTICIPANT[:4])
    place = Place(ChatKind.GROUP, fields.required(part, "recipient_id")) if in_group else DIRECT
    keys = _PARTICIPANT if in_group else _RECIPIENT
    names = fields.addresses(*((fields.identifier(part, name), kind) for name, kind in keys if name in part))
    contact = people.find(*(each.value for each in names)) if people.by_address else None
    beside = fields.named(contact) if contact else ()
    return StatusUpdate(
        provider_id=fields.required(part, "id"),
        status=DeliveryStatus(fields.required(part, "status")),
        place=place,
        recipient=names[0] if names else None,
        also=(*names[1:], *(each for each in beside if each not in names)),
        reported_at=fields.instant(part.get("timestamp")),
        mark=fields.text(part, "biz_opaque_callback_data"),
        error_codes=fields.error_codes(part),
    )
