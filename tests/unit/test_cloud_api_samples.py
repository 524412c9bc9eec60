"""Recorded and documented payloads that lie beside the project: read only where `WEBHOOK_SAMPLES` says where.

Left out of the comparison, because no item carries them: `phone_number_id` (the webhook's address chooses the
account) and of an echo everything but its id and type.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

import pytest

from services.gateway.channels.cloud_api.parse import parse
from services.gateway.domain.items import (
    Address,
    AddressKind,
    Echo,
    GroupChange,
    IncomingEdit,
    IncomingMessage,
    IncomingReaction,
    IncomingRevoke,
    IncomingVote,
    Item,
    Passed,
    ProviderError,
    StatusUpdate,
    SystemNotice,
    Unread,
)

LEFT_OUT = {"phone_number_id"}
LEFT_OUT_OF_ECHO = {"to", "text", "ts"}

Vocabulary = dict[str, Any]


def samples() -> list[Any]:
    folder = os.environ.get("WEBHOOK_SAMPLES")
    if not folder:
        return [pytest.param(None, (), marks=pytest.mark.skip("WEBHOOK_SAMPLES names no folder of samples"))]
    expected = json.loads((Path(folder) / "expected.json").read_bytes())
    return [
        pytest.param(Path(folder) / name, tuple(sample["items"]), id=name.removesuffix(".json"))
        for name, sample in expected.items()
        if sample["family"] == "meta"
    ]


def seconds(instant: dt.datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp())


def sender(addresses: tuple[Address, ...]) -> Vocabulary:
    by_kind = {each.kind: each.value for each in reversed(addresses)}
    return {
        "sender_phone": by_kind.get(AddressKind.PHONE),
        "sender_bsuid": by_kind.get(AddressKind.BUSINESS_SCOPED),
    }


def values(addresses: tuple[Address, ...]) -> list[str] | None:
    return [each.value for each in addresses] or None


def told(item: Item) -> Vocabulary:  # noqa: PLR0911, C901 - one line of the dictionary for each kind
    match item:
        case IncomingMessage():
            return {
                "kind": "message",
                "type": "unsupported" if item.kind == "unsupported" else item.type_name,
                "id": item.provider_id,
                "group": item.place.group,
                "ts": seconds(item.sent_at),
                "text": item.text,
                "reply_to": item.reply_to,
                "media_id": item.media_id,
                "name": item.name,
                "error_codes": list(item.error_codes) or None,
                **sender(item.sender),
            }
        case IncomingReaction():
            return {
                "kind": "message",
                "type": "reaction",
                "id": item.provider_id,
                "group": item.place.group,
                "ts": seconds(item.sent_at),
                "text": item.emoji or "",
                "reply_to": item.target,
                **sender(item.sender),
            }
        case IncomingEdit():
            return {
                "kind": "edit",
                "id": item.provider_id,
                "target": item.target,
                "group": item.place.group,
                "text": item.text,
                "ts": seconds(item.at),
                **sender(item.sender),
            }
        case IncomingRevoke():
            return {
                "kind": "revoke",
                "id": item.provider_id,
                "target": item.target,
                "group": item.place.group if item.place else None,
                "ts": seconds(item.at),
                **sender(item.by),
            }
        case SystemNotice():
            return {
                "kind": "message",
                "type": "system",
                "subtype": item.subtype,
                "id": item.provider_id,
                "ts": seconds(item.sent_at),
                "text": item.text,
                **sender(item.sender),
            }
        case StatusUpdate():
            in_group = item.place.group is not None
            person = item.recipient.value if item.recipient else None
            by_phone = item.recipient is not None and item.recipient.kind is AddressKind.PHONE
            return {
                "kind": "status",
                "status": str(item.status),
                "id": item.provider_id,
                "group": item.place.group,
                "participant": person if in_group else None,
                "recipient": person if by_phone and not in_group else None,
                "ts": seconds(item.reported_at),
                "error_codes": list(item.error_codes) or None,
            }
        case GroupChange():
            return {
                "kind": "group_event",
                "field": item.field,
                "type": item.type,
                "group": item.group,
                "ts": seconds(item.at),
                "added": values(item.added),
                "removed": values(item.removed),
                "failed": values(item.failed),
                "initiated_by": item.initiated_by,
                "request_id": item.request_id,
                "join_request_id": item.join_request_id,
                "error_codes": list(item.error_codes) or None,
                **sender((item.person,) if item.person else ()),
            }
        case Echo():
            return {"kind": "echo", "type": item.type_name, "id": item.provider_id}
        case ProviderError():
            return {"kind": "error", "code": item.code}
        case Unread():
            return {"kind": "other", "field": item.reason.partition(":")[2] or None}
        case IncomingVote() | Passed():
            raise AssertionError("the Cloud API tells of no such thing")


def wanted(expected: Vocabulary) -> Vocabulary:
    left_out = LEFT_OUT | (LEFT_OUT_OF_ECHO if expected["kind"] == "echo" else set())
    if expected.get("name", "").startswith("<"):
        # Two placeholders for one number: nothing in the file says whose name it is.
        left_out = left_out | {"name"}
    bare = {name: value for name, value in expected.items() if name not in left_out and value is not None}
    for name in ("added", "removed", "failed"):
        if name in bare:
            # The gateway keeps one spelling of a number; the plus is Meta's.
            bare[name] = [each.lstrip("+") for each in bare[name]]
    if bare.get("sender_phone", "").startswith("user."):
        # An early shape of what stands under `from_user_id`; the key says what it is.
        bare["sender_bsuid"] = bare.pop("sender_phone")
    return bare


@pytest.mark.parametrize(("sample", "expected"), samples())
def test_a_sample_is_read_as_its_collectors_read_it(sample, expected):
    found = [told(item) for item in parse(sample.read_bytes())]
    assert [{name: value for name, value in each.items() if value is not None} for each in found] == [
        wanted(each) for each in expected
    ]
