"""How far our own messages have come."""

from __future__ import annotations

from services.gateway.channels.waha import fields, ids
from services.gateway.channels.waha.event import Event
from services.gateway.channels.waha.fields import Part
from services.gateway.channels.waha.ids import Key
from services.gateway.domain.items import Address, Item, Passed, StatusUpdate
from shared.contracts.gateway import DeliveryStatus

_BY_NAME = {
    "ERROR": DeliveryStatus.FAILED,
    "SERVER": DeliveryStatus.SENT,
    "DEVICE": DeliveryStatus.DELIVERED,
    "READ": DeliveryStatus.READ,
    "PLAYED": DeliveryStatus.PLAYED,
}
_NAMES = {-1: "ERROR", 0: "PENDING", 1: "SERVER", 2: "DEVICE", 3: "READ", 4: "PLAYED"}
_SAY_NOTHING = frozenset({"PENDING", "UNKNOWN"})
"""WAHA has it and has not passed it on; or its engine told nothing that WAHA knows a word for."""


def ack(event: Event) -> Item:
    """Return a receipt. In a group each member sends their own, and `participant` tells whose it is.

    Raises:
        KeyError: it names no message or no step.
    """
    part = event.payload
    provider_id = event.required("id")
    key = Key.read(provider_id)
    chat = key.chat if key else fields.identifier(part, "from")
    if ids.of_no_member(chat):
        return Passed(ids.server_of(chat), provider_id)
    if fields.flag(part, "fromMe") is False or (key is not None and not key.by_us):
        # A phone of ours has read what somebody else wrote.
        return Passed(f"{event.name}:theirs", provider_id)
    name = fields.text(part, "ackName", limit=16) or _name(part)
    if name in _SAY_NOTHING:
        return Passed(f"{event.name}:{name}", provider_id)
    if name not in _BY_NAME:
        raise KeyError("ackName")
    return StatusUpdate(
        provider_id=provider_id,
        status=_BY_NAME[name],
        place=ids.place_among((chat, fields.identifier(part, "to"))),
        recipient=_recipient(event, key),
        reported_at=event.instant("timestamp") or event.at,
        error_codes=_error_codes(event),
    )


def _name(part: Part) -> str:
    step = fields.number(part, "ack")
    if step is None:
        raise KeyError("ack")
    return _NAMES.get(int(step), "UNKNOWN")


def _recipient(event: Event, key: Key | None) -> Address | None:
    """Return whose receipt it is: in a group the participant, else the other side of the chat."""
    names = [fields.identifier(event.payload, name) for name in ("participant", "to", "from")]
    if key is not None:
        names = names[:1] if ids.in_group(key.chat) else [key.chat]
    return next((each for each in map(ids.address, names) if each is not None and each not in event.us), None)


def _error_codes(event: Event) -> tuple[int | str, ...]:
    code = fields.number(event.payload, "error", "code")
    return (int(code),) if code is not None and abs(code) < 10**9 else ()
