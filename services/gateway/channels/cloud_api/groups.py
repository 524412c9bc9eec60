"""Group changes of the Cloud API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.gateway.channels.cloud_api import fields
from services.gateway.domain.items import Address, AddressKind, GroupChange, Item


def change(part: Mapping[str, Any], field: str, value: Mapping[str, Any]) -> Item:
    """Return one element of `groups`, with what stands beside it in `value`."""
    return GroupChange(
        field=field,
        type=(fields.text(part, "type") or "unknown")[:64],
        group=fields.identifier(part, "group_id"),
        at=fields.instant(part.get("timestamp")),
        subject=fields.text(part, "subject"),
        added=_people(part, "added_participants"),
        removed=_people(part, "removed_participants"),
        failed=_people(part, "failed_participants"),
        person=_person(part),
        # Printed inside the group in one place of the documentation and beside it in another.
        initiated_by=fields.text(part, "initiated_by") or fields.text(value, "initiated_by"),
        request_id=fields.identifier(part, "request_id"),
        join_request_id=fields.identifier(part, "join_request_id"),
        error_codes=fields.error_codes(part),
    )


def _people(part: Mapping[str, Any], name: str) -> tuple[Address, ...]:
    return tuple(found for each in fields.dicts(part, name) if (found := _person(each)))


def _person(part: Mapping[str, Any]) -> Address | None:
    phone = fields.address(fields.identifier(part, "wa_id"))
    scoped = fields.address(fields.identifier(part, "user_id"), AddressKind.BUSINESS_SCOPED)
    return phone or scoped or fields.address(fields.identifier(part, "input"))
