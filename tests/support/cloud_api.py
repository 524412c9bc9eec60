"""Bodies of Cloud API webhooks, and what is read out of them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from services.gateway.channels.cloud_api.parse import parse
from services.gateway.domain.items import (
    Address,
    AddressKind,
    IncomingMessage,
    Item,
    Place,
)
from shared.contracts.gateway import ChatKind

FIXTURES = Path(__file__).parents[1] / "fixtures" / "webhooks" / "cloud_api"

GROUP_ID = "Y2FwaV9ncm91cDo5MTExNDAwMDEwMDA6MTIwMzYzMDAwMDAwMDAwMTAx"
OTHER_GROUP_ID = "Y2FwaV9ncm91cDo5MTExNDAwMDEwMDA6MTIwMzYzMDAwMDAwMDAwMjAy"
DIRECT, GROUP = Place(ChatKind.DIRECT), Place(ChatKind.GROUP, GROUP_ID)
LIFECYCLE, ROSTER = "group_lifecycle_update", "group_participants_update"
MARK = "3f1c2d4e-0000-5000-8000-000000000001.3f1c2d4e-0000-5000-8000-000000000002"


def phone(number: str) -> Address:
    return Address(AddressKind.PHONE, number)


def scoped(value: str) -> Address:
    return Address(AddressKind.BUSINESS_SCOPED, value)


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


ASHA = phone("919000000101")
BOTH_OF_ASHA = (ASHA, scoped("IN.5501000000000101"))
SAID_AT, REPORTED_AT, CHANGED_AT = at(1795410000), at(1795410100), at(1795410200)


def parsed(body: bytes) -> list[Item]:
    return list(parse(body))


def items_in(name: str) -> list[Item]:
    return parsed((FIXTURES / f"{name}.json").read_bytes())


def body_of(value: object, field: object = "messages") -> bytes:
    return json.dumps({"entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]}).encode()


def text_message(provider_id: str = "wamid.A=", **other: Any) -> dict[str, Any]:
    plain = {"from": "919000000101", "id": provider_id, "timestamp": "1795410000", "type": "text"}
    return {**plain, "text": {"body": "जी"}, **other}


def only(body: bytes) -> Item:
    (item,) = parse(body)
    return item


def only_message(**other: Any) -> IncomingMessage:
    item = only(body_of({"messages": [text_message(**other)]}))
    assert isinstance(item, IncomingMessage)
    return item
