"""Who is in a group, as the Cloud API tells it when asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.gateway.channels.cloud_api import fields
from services.gateway.channels.contract import Resident, Roster
from services.gateway.domain.items import Address, AddressKind

_NAMES = (
    ("wa_id", AddressKind.PHONE),
    ("user_id", AddressKind.BUSINESS_SCOPED),
    ("parent_user_id", AddressKind.PARENT_BUSINESS_SCOPED),
)


def roster(body: Any) -> Roster | None:
    """Return what an answer says of a group's members, None where it says nothing of them."""
    if not isinstance(body, dict) or not isinstance(body.get("participants"), list):
        return None
    people = (Resident(names) for each in fields.dicts(body, "participants") if (names := _names(each)))
    # Whoever makes an official group is its only admin, and nobody else can be made one.
    return Roster(tuple(people), subject=fields.text(body, "subject"), we_are_admin=True)


def _names(part: Mapping[str, Any]) -> tuple[Address, ...]:
    try:
        found = [fields.address(fields.identifier(part, name), kind) for name, kind in _NAMES]
    except ValueError:
        return ()
    return tuple(dict.fromkeys(each for each in found if each is not None))
