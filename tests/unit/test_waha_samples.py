"""Recorded and documented payloads that lie beside the project: read only where `WEBHOOK_SAMPLES` says where.

Where the collectors and the gateway differ it is on purpose, and `wanted` says how: bare ids are completed
where that can be done, and nothing is taken for a message that has no author or comes from no member.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

import pytest

from services.gateway.channels.waha import ids
from services.gateway.channels.waha.parse import parse
from services.gateway.channels.waha.signature import SIGNATURE_HEADER, verify
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
    StatusUpdate,
    Unread,
)
from shared.contracts.gateway import DeliveryStatus, MessageKind

Vocabulary = dict[str, Any]

STATUSES = {
    DeliveryStatus.FAILED: "ERROR",
    DeliveryStatus.SENT: "SERVER",
    DeliveryStatus.DELIVERED: "DEVICE",
    DeliveryStatus.READ: "READ",
    DeliveryStatus.PLAYED: "PLAYED",
}
CHANGES = {
    "group_participants_add": "participants:join",
    "group_participants_remove": "participants:leave",
    "group_participants_promote": "participants:promote",
    "group_participants_demote": "participants:demote",
    "group_joined_by_us": "join",
    "group_left_by_us": "leave",
    "group_settings_update": "update",
}
PHONE, HIDDEN = AddressKind.PHONE, AddressKind.HIDDEN


def collected() -> dict[str, Any]:
    folder = os.environ.get("WEBHOOK_SAMPLES")
    return json.loads((Path(folder) / "expected.json").read_bytes()) if folder else {}


def samples() -> list[Any]:
    folder = os.environ.get("WEBHOOK_SAMPLES")
    if not folder:
        return [pytest.param(None, (), marks=pytest.mark.skip("WEBHOOK_SAMPLES names no folder of samples"))]
    return [
        pytest.param(Path(folder) / name, tuple(sample["items"]), id=name.removesuffix(".json"))
        for name, sample in collected().items()
        if sample["family"] == "waha"
    ]


def seconds(instant: dt.datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp())


def jid(person: Address | None) -> str | None:
    return None if person is None else ids.jid_of(person)


def sender(names: tuple[Address, ...]) -> Vocabulary:
    """Return the author as WAHA wrote them, and the number it gave beside a hidden id."""
    by_kind = {each.kind: each for each in names}
    if HIDDEN in by_kind and PHONE in by_kind:
        alt = by_kind[PHONE]
        return {"sender": jid(by_kind[HIDDEN]), "sender_alt": f"{alt.value}@s.whatsapp.net"}
    return {"sender": jid(names[0]) if names else None}


def people(names: tuple[Address, ...]) -> list[str | None] | None:
    return [jid(each) for each in names] or None


def told(item: Item) -> Vocabulary:  # noqa: C901, PLR0911, PLR0912 - one line of the dictionary for each kind
    match item:
        case IncomingMessage():
            return {
                "kind": "message",
                "type": item.type_name if item.kind is MessageKind.UNSUPPORTED else str(item.kind),
                "id": item.provider_id,
                "group": item.place.group,
                "text": item.text,
                "ts": seconds(item.sent_at),
                "reply_to": item.reply_to and ids.bare(item.reply_to),
                **sender(item.sender),
            }
        case IncomingReaction():
            return {
                "kind": "message",
                "type": "reaction",
                "id": item.provider_id,
                "group": item.place.group,
                "text": item.emoji,
                "target": item.target,
                "ts": seconds(item.sent_at),
                **sender(item.sender),
            }
        case IncomingEdit():
            return {
                "kind": "edit",
                "id": item.provider_id,
                "target": ids.bare(item.target),
                "text": item.text,
            }
        case IncomingRevoke():
            return {"kind": "revoke", "target": ids.bare(item.target)}
        case IncomingVote():
            return {
                "kind": "poll_vote_failed" if item.options is None else "poll_vote",
                "poll": item.poll,
                "group": item.place.group,
                "options": None if item.options is None else list(item.options),
                "ts": seconds(item.at),
                **sender(item.sender),
            }
        case StatusUpdate():
            in_group = item.place.group is not None
            return {
                "kind": "status",
                "status": STATUSES[item.status],
                "id": item.provider_id,
                "group": item.place.group,
                "participant": jid(item.recipient) if in_group else None,
            }
        case GroupChange():
            changed = (*item.added, *item.removed, *item.promoted, *item.demoted)
            return {
                "kind": "group_event",
                "type": CHANGES.get(item.type, item.type),
                "group": item.group,
                "participants": people(changed),
                "ts": seconds(item.at),
            }
        case Echo():
            return {"kind": "echo", "type": item.type_name, "id": item.provider_id}
        case Passed(reason="broadcast"):
            return {"kind": "status_broadcast", "id": item.provider_id}
        case Passed(reason="newsletter"):
            return {"kind": "newsletter", "id": item.provider_id}
        case Passed() if item.reason.startswith("event.response"):
            return {"kind": "event_response", "id": item.provider_id}
        case Passed():
            return {"kind": "other", "field": item.reason}
        case Unread():
            return {"kind": "unread", "reason": item.reason}
        case _:
            raise AssertionError(f"WAHA has no {item}")


def wanted(expected: Vocabulary) -> Vocabulary:
    bare = {name: value for name, value in expected.items() if value is not None}
    kind, author = bare["kind"], str(bare.get("sender", ""))
    if kind == "message" and author.endswith("@newsletter"):
        # A channel's post: nobody has said it to us or to a group.
        return {"kind": "newsletter", "id": bare["id"]}
    if kind == "message" and ("id" not in bare or not author):
        # Without an id or an author it can be no message of a member; it is kept as it came.
        return {"kind": "unread", "reason": "unreadable:KeyError"}
    if kind == "echo":
        bare = {name: bare[name] for name in ("kind", "type", "id")}
    if kind == "event_response":
        bare = {name: bare[name] for name in ("kind", "id")}
    if kind in ("edit", "revoke"):
        # What is expected is the bare id; the gateway completes it where it can.
        bare["target"] = ids.bare(bare["target"])
    if "reply_to" in bare:
        bare["reply_to"] = ids.bare(bare["reply_to"])
    return bare


@pytest.mark.parametrize(("sample", "expected"), samples())
def test_a_sample_is_read_as_its_collectors_read_it(sample, expected):
    found = [told(item) for item in parse(sample.read_bytes())]
    assert [{name: value for name, value in each.items() if value is not None} for each in found] == [
        wanted(each) for each in expected
    ]


def shared_vectors() -> list[Any]:
    folder = os.environ.get("WEBHOOK_SAMPLES")
    if not folder:
        return [pytest.param(None, marks=pytest.mark.skip("WEBHOOK_SAMPLES names no folder of samples"))]
    vectors = json.loads((Path(folder) / "signature-vectors" / "vectors.json").read_bytes())
    return [
        pytest.param(each, id=each["name"]) for each in vectors if each["header"].lower() == SIGNATURE_HEADER
    ]


@pytest.mark.parametrize("vector", shared_vectors())
def test_the_recorded_vectors_are_judged_as_they_say(vector):
    right = vector.get("expect", "accept").startswith("accept")
    headers = {SIGNATURE_HEADER: vector["value"]}
    assert verify(bytes.fromhex(vector["body_hex"]), headers, [vector["secret"]]) == right
