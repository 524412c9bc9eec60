"""Where a webhook's events stand in a trace."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest

from services.gateway.api.webhooks import webhook_router
from services.gateway.channels.cloud_api import CloudApi
from services.gateway.channels.cloud_api.signature import sign
from services.gateway.ingest import Ingest
from services.gateway.store import Identities
from shared.clock import SystemClock
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode
from shared.contracts.topics import TOPICS
from shared.http.app import create_app
from shared.http.client import HttpClient
from shared.log.memory import MemoryStorage, memory_log
from shared.observability import tracing
from shared.observability.tracing import place_in_trace, root_traceparent
from shared.store.client import Database

FIXTURES = Path(__file__).parents[1] / "fixtures" / "webhooks" / "cloud_api"
SECRET = "component-app-secret"
TRIP = "3f1c2d4e-0000-5000-8000-000000000002"


@dataclass
class Told:
    """Stands for the tracer, and keeps what it is told."""

    spans: list[tuple[str, tuple[str, str], dict[str, Any]]] = field(default_factory=list)

    def tell(self, name: str, place: tuple[str, str], **what: Any) -> None:
        self.spans.append((name, place, what))

    def close(self) -> None:
        return


@dataclass
class Public:
    client: httpx2.AsyncClient
    storage: MemoryStorage

    async def deliver(self, name: str, **headers: str) -> list[Envelope[EventModel]]:
        body = (FIXTURES / f"{name}.json").read_bytes()
        signed = {"x-hub-signature-256": sign(body, SECRET)}
        answer = await self.client.post("/webhooks/whatsapp/main", content=body, headers=signed | headers)
        assert answer.status_code == 200
        records = [each for partition in self.storage.records.values() for each in partition]
        return [decode(each.value, each.headers) for each in records]


@pytest.fixture
async def public(store: Database) -> AsyncIterator[Public]:
    storage = MemoryStorage()
    log = memory_log(storage)
    await log.ensure_topics(TOPICS)
    async with HttpClient() as http:
        channel = CloudApi(
            http,
            api_base="http://127.0.0.1:1",
            phone_number_id="370000000000001",
            access_token="token",
            app_secrets=[SECRET],
            verify_token="verify",
        )
        ingest = Ingest(log, Identities(store, SystemClock()), SystemClock())
        app = create_app("public", "Webhooks.", webhook_router({"main": channel}, ingest))
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield Public(client, storage)
    await log.stop()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    made = Told()
    monkeypatch.setattr(tracing, "_tracer", cast("Any", made))
    return made


async def test_every_event_begins_the_trace_of_its_trip(public):
    found = await public.deliver("several_of_everything")
    assert len(found) > 3
    assert [each.traceparent for each in found] == [root_traceparent(each.correlation_id) for each in found]


async def test_a_status_stands_in_the_trace_of_what_it_tells_of(public):
    (report,) = await public.deliver("status_delivered")
    assert report.correlation_id == TRIP != report.id
    assert report.traceparent == root_traceparent(TRIP)


async def test_a_webhook_that_comes_again_stands_in_the_same_trace(public):
    await public.deliver("button")
    first, second = await public.deliver("button")
    assert first.traceparent == second.traceparent


async def test_what_a_webhook_says_of_a_trace_is_not_believed(public):
    theirs = f"00-{uuid.uuid4().hex}-{'1' * 16}-01"
    (event,) = await public.deliver("button", traceparent=theirs, tracestate="theirs=1")
    assert event.traceparent == root_traceparent(event.id)


async def test_an_event_is_the_root_of_its_trace_and_a_status_a_part_of_another(public, told):
    found = await public.deliver("button")
    found = await public.deliver("status_delivered")
    (message, report) = sorted(found, key=lambda each: each.correlation_id == TRIP)
    (root, part) = told.spans
    assert (root[0], root[1], root[2]["parent"]) == ("webhook", place_in_trace(message.traceparent), None)
    assert part[2]["parent"] == place_in_trace(report.traceparent)
    assert part[1][1] != part[2]["parent"][1]
    assert root[2]["attributes"] == {"event_type": "message.received", "event_id": message.id}
    assert root[2]["end"] >= root[2]["start"]


async def test_spans_hold_no_text_no_name_and_no_number(public, told):
    await public.deliver("several_of_everything")
    values = json.dumps([each[2]["attributes"] for each in told.spans])
    body = json.loads((FIXTURES / "several_of_everything.json").read_bytes())
    secrets = {each for each in _texts(body) if len(each) > 4} - {"messages", "delivered", "reaction"}
    assert not [secret for secret in secrets if secret in values]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [each for part in value.values() for each in _texts(part)]
    if isinstance(value, list):
        return [each for part in value for each in _texts(part)]
    return [str(value)]
