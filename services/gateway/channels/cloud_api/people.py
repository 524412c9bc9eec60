"""Who a message or a status is about, and the contacts that tell more of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.gateway.channels.cloud_api import fields
from services.gateway.domain.items import Address, AddressKind

_NOBODY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class People:
    """The contacts that stand beside messages; matched by address, for their order promises nothing."""

    by_address: Mapping[str, Mapping[str, Any]]
    us: Address | None = None
    """Our own number, where it is told."""

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> People:
        """Return the people of a change's value."""
        found = {}
        for contact in fields.dicts(value, "contacts"):
            for name in ("wa_id", "user_id"):
                if key := fields.text(contact, name):
                    found[key] = contact
        return cls(found, fields.address(fields.text(value, "metadata", "display_phone_number")))

    def find(self, *names: str | None) -> Mapping[str, Any]:
        """Return the contact that has one of `names`, empty where there is none."""
        return next((self.by_address[each] for each in names if each and each in self.by_address), _NOBODY)

    def author(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the contact of a message's author, empty where there is none."""
        return self.find(fields.text(message, "from"), fields.text(message, "from_user_id"))


def sender(message: Mapping[str, Any], contact: Mapping[str, Any]) -> tuple[Address, ...]:
    """Return the names of a message's author, the most reliable first; what the message says goes first."""
    said = (
        (fields.identifier(message, "from"), AddressKind.PHONE),
        (fields.identifier(message, "from_user_id"), AddressKind.BUSINESS_SCOPED),
        (fields.identifier(message, "from_parent_user_id"), AddressKind.PARENT_BUSINESS_SCOPED),
    )
    if not contact:
        return fields.addresses(*said)
    return fields.addresses(
        *said,
        (fields.identifier(contact, "wa_id"), AddressKind.PHONE),
        (fields.identifier(contact, "user_id"), AddressKind.BUSINESS_SCOPED),
        (fields.identifier(contact, "parent_user_id"), AddressKind.PARENT_BUSINESS_SCOPED),
    )
