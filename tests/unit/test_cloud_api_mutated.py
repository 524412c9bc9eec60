"""Real webhooks with something wrong in them, all the way to the log."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.gateway.channels.cloud_api.parse import LISTS, parse
from services.gateway.channels.contract import Channel
from services.gateway.domain.items import Address, Item, Place, SystemNotice, Unread
from services.gateway.domain.known import Known, Whereabouts
from services.gateway.ingest import Ingest
from services.gateway.store import Identities
from shared.clock import SystemClock
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode
from shared.contracts.gateway import ChatKind, WebhookUnparsed
from shared.log.backend import Backend
from shared.log.record import MAX_RECORD_BYTES, NewRecord
from tests.support.cloud_api import FIXTURES

PAYLOADS = {each.stem: json.loads(each.read_bytes()) for each in sorted(FIXTURES.glob("*.json"))}


def named(prefix: str, *parts: str) -> str:
    return prefix + hashlib.sha256("|".join(parts).encode()).hexdigest()[:20]


class People:
    """Knows everybody and every chat at once."""

    async def members(
        self, channel: str, account: str, people: Iterable[tuple[Address, ...]]
    ) -> dict[Address, str]:
        return {each: named("m_", each.kind, each.value) for person in people for each in person}

    async def chats(
        self, channel: str, account: str, wanted: Mapping[str, tuple[str, str | None]]
    ) -> dict[str, str]:
        assert {kind for kind, _ in wanted.values()} <= {"group", "direct"}
        return {place: named("c_", place) for place in wanted}

    async def moved(
        self, channel: str, account: str, before: Sequence[Address], after: Sequence[Address], **more: Any
    ) -> None:
        assert before
        assert after
        assert not set(before) & set(after)


class Messages:
    """Remembers everything and knows nothing."""

    def __init__(self) -> None:
        self.remembered: list[Known] = []

    def remember(self, known: Known) -> None:
        self.remembered.append(known)

    async def chats_of(self, message_ids: Collection[str]) -> dict[str, Whereabouts]:
        return {}


class Log:
    """Keeps what is appended."""

    def __init__(self) -> None:
        self.records: list[NewRecord] = []

    async def append(self, records: Sequence[NewRecord]) -> None:
        assert all(len(each.value) < MAX_RECORD_BYTES for each in records)
        self.records += records


class CloudApi:
    """Reads, and nothing else."""

    name = "cloud_api"

    def __init__(self) -> None:
        self.items: list[Item] = []

    def parse(self, body: bytes) -> list[Item]:
        self.items = list(parse(body))
        return self.items


def told(body: bytes) -> tuple[list[Item], list[Envelope[EventModel]]]:
    log, channel, people, messages = Log(), CloudApi(), People(), Messages()
    ingest = Ingest(cast("Backend", log), cast("Identities", people), SystemClock(), messages)
    asyncio.run(ingest.accept(cast("Channel", channel), "main", body))
    return channel.items, [decode(each.value, each.headers) for each in log.records]


HOSTILE: st.SearchStrategy[Any] = st.sampled_from(
    [
        "\x00",
        "\u202e<script>alert(1)</script>\u202c",
        "न" * 9000,
        "\ud800",
        "9" * 5000,
        "IN.1",
        "true_1@c.us_A",
        "nan",
        "-1",
        " ",
        "",
        "919000000101",
        "wamid.EARLIER=",
        10**400,
        -1,
        2**63,
        1e308,
        0.1,
        True,
        None,
        [],
        {},
        [[]],
        [None],
        {"id": {}},
        [{"wa_id": ["919000000101"]}],
    ]
)

ELSEWHERE = ["from", "id", "type", "group_id", "user_id"]
FURTHER = ["mentions", "referral", "context", "errors", "unknown", "input"]


def paths(document: Any, *before: Any) -> Iterator[tuple[Any, ...]]:
    yield before
    if isinstance(document, dict):
        for name, value in document.items():
            yield from paths(value, *before, name)
    if isinstance(document, list):
        for position, value in enumerate(document):
            yield from paths(value, *before, position)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    document = copy.deepcopy(PAYLOADS[draw(st.sampled_from(sorted(PAYLOADS)))])
    for _ in range(draw(st.integers(1, 3))):
        every = list(paths(document))
        where = draw(st.sampled_from(every))
        if not where:
            continue
        parent = document
        for step in where[:-1]:
            parent = parent[step]
        match draw(st.sampled_from(["replace", "remove", "double", "move", "add"])):
            case "replace":
                parent[where[-1]] = copy.deepcopy(draw(HOSTILE))
            case "remove":
                del parent[where[-1]]
            case "double" if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[where[-1]]))
            case "move" if isinstance(parent, dict):
                parent[draw(st.sampled_from(ELSEWHERE))] = copy.deepcopy(parent[where[-1]])
            case _ if isinstance(parent, dict):
                parent[draw(st.sampled_from(FURTHER))] = copy.deepcopy(draw(HOSTILE))
    return json.dumps(document).encode()


@given(mutated())
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_wrong_in_a_webhook_it_becomes_harmless_data(body):
    items, events = told(body)
    assert all(isinstance(each, Item) for each in items)
    kept = [each for each in events if isinstance(each.data, WebhookUnparsed)]
    assert len(kept) >= sum(isinstance(each, Unread) for each in items)
    for each in items:
        for address in getattr(each, "sender", ()):
            assert address.value
            assert len(address.value) <= 1024


@pytest.mark.parametrize("name", sorted(PAYLOADS))
def test_every_realistic_webhook_reaches_the_log(name):
    items, events = told((FIXTURES / f"{name}.json").read_bytes())
    silent = {"Echo", "ProviderError", "SystemNotice"}
    if not any(type(each).__name__ in silent or getattr(each, "field", None) for each in items):
        assert len(events) >= len(items)


@pytest.mark.parametrize("depth", [200, 900, 1000])
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "key", ["type", "text", "interactive", "added_participants", "code", "mentions", "edit", "location"]
)
def test_nesting_without_end_reaches_the_log(name, key, depth):
    types = {"groups": "group_participants_add", "messages": key}
    part = json.dumps(
        {"id": "1", "from": "2", "status": "read", "group_id": "g", "type": types.get(name, "x")}
    )
    nested = "[" * depth + "]" * depth
    element = part[:-1] + f', "{key}": {nested}' + "}"
    body = '{"entry":[{"changes":[{"field":"messages","value":{"' + name + '":[' + element + "]}}]}]}"
    items, _ = told(body.encode())
    assert len(items) == 1


def test_a_thousand_people_mentioned_at_once_are_too_many_and_kept():
    message = {"id": "1", "from": "2", "type": "text", "mentions": [str(each) for each in range(5000)]}
    body = {"entry": [{"changes": [{"field": "messages", "value": {"messages": [message]}}]}]}
    _, events = told(json.dumps(body).encode())
    assert [each.data.reason for each in events if isinstance(each.data, WebhookUnparsed)] == [
        "invalid:IncomingMessage"
    ] * len(events)
    assert events


def test_nobody_moves_from_a_name_to_itself():
    system = {"type": "user_changed_number", "wa_id": "919000000101"}
    message = {"id": "1", "from": "919000000101", "type": "system", "system": system}
    body = {"entry": [{"changes": [{"field": "messages", "value": {"messages": [message]}}]}]}
    items, events = told(json.dumps(body).encode())
    assert [type(each) for each in items] == [SystemNotice]
    assert events == []


def test_the_index_is_told_of_every_message():
    log, messages = Log(), Messages()
    ingest = Ingest(cast("Backend", log), cast("Identities", People()), SystemClock(), messages)
    body = (FIXTURES / "image_caption.json").read_bytes()
    asyncio.run(ingest.accept(cast("Channel", CloudApi()), "main", body))
    (known,) = messages.remembered
    assert known.provider_id == "wamid.IMAGE_CAPTION="
    assert known.chat_kind is ChatKind.DIRECT
    assert known.media is not None
    assert known.media.ref.url is None
    assert Place(known.chat_kind).group is None
