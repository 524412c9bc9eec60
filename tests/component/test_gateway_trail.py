"""The trail of a message, from the log to the answer of the API."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest

from services.gateway.api.trail import MOST_HOPS, TRACE, trail_router
from services.gateway.domain.delivery import Delivery
from services.gateway.domain.facts import report_id
from services.gateway.domain.hop import Hop
from services.gateway.store import DAY, Deliveries, Hops, Identities
from services.gateway.trail import Trail, hop_of
from shared.clock import FixedClock
from shared.contracts.envelope import Envelope, follow, originate
from shared.contracts.gateway import (
    DeliveryReported,
    DeliveryStatus,
    MessageAccepted,
    MessageSend,
    SendClass,
    WebhookUnparsed,
)
from shared.contracts.topics import TOPICS, UNPARSED
from shared.errors import DependencyAway, StoreUnavailable, Undecodable
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.log.memory import memory_log
from shared.log.record import NewRecord, Record
from shared.observability.health import Health
from shared.observability.metrics import REGISTRY
from shared.store.client import Database, Mongo
from shared.store.unit_of_work import Session, UnitOfWork
from shared.stream.dead_letter import dead_letter
from shared.stream.runtime import Runtime
from tests.support import events
from tests.support.events import NOW
from tests.support.streams import eventually, running

TEXT = "मेरा राज़ canary"
SECOND = dt.timedelta(seconds=1)


@dataclass
class Bench:
    """A gateway's trail on a real store, and its API."""

    runtime: Runtime
    hops: Hops
    deliveries: Deliveries
    identities: Identities
    store: Database
    mongo: Mongo
    client: httpx2.AsyncClient
    stranger: httpx2.AsyncClient
    off: httpx2.AsyncClient

    async def collect(self, *records: NewRecord) -> None:
        """Put `records` on the log, and return once the trail has committed them."""
        await self.runtime.backend.append(records)
        trail = Trail(self.runtime, self.hops, linger_seconds=0.0)
        group = self.runtime.backend
        async with running(trail):

            async def committed() -> bool:
                members = group._groups.get("gateway.trail")  # type: ignore[attr-defined]
                done = sum(members.committed.values()) if members else 0
                return done == sum(end for at, end in group._ends.items() if at.topic != UNPARSED.name)  # type: ignore[attr-defined]

            await eventually(committed, "the end of the log")

    async def get(self, message_id: str) -> httpx2.Response:
        raw = b"/v1/trace/" + "".join(f"%{byte:02x}" for byte in message_id.encode()).encode()
        return await self.client.get(httpx2.URL("http://gateway").copy_with(raw_path=raw))


@pytest.fixture
async def bench(mongo: Mongo, store: Database) -> AsyncIterator[Bench]:
    await store["hops"].delete_many({})
    clock = FixedClock(NOW)
    key, stored = new_key("operator", frozenset({TRACE}))
    other_key, other_stored = new_key("stranger", frozenset({"gateway:read"}))
    hops, deliveries, identities = Hops(store, clock), Deliveries(store, clock), Identities(store, clock)
    log = memory_log()
    await log.ensure_topics(TOPICS)
    runtime = Runtime.of("gateway", backend=log, mongo=mongo, database=store, clock=clock, health=Health())

    def client(given: str, kept: Hops | None) -> httpx2.AsyncClient:
        app = create_app(
            "gateway",
            "Trails.",
            trail_router(kept, deliveries, identities),
            keys=KeyRing(stored, other_stored),
            clock=clock,
        )
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {given}"}
        return httpx2.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)

    async with client(key, hops) as reader, client(other_key, hops) as stranger, client(key, None) as off:
        yield Bench(runtime, hops, deliveries, identities, store, mongo, reader, stranger, off)
    await log.stop()


def say(cause: Envelope[Any], chat: str) -> Envelope[MessageSend]:
    data = MessageSend(
        chat_id=chat, text=TEXT, send_class=SendClass.REPLY, not_after=NOW + dt.timedelta(minutes=10)
    )
    return follow(cause, data, consumer="moderation.rules", ordinal=0, key=chat, time=NOW + SECOND)


def handled(outcome: str) -> float:
    labels = {"consumer": "gateway.trail", "outcome": outcome}
    return REGISTRY.get_sample_value("chaupal_records_handled_total", labels) or 0.0


async def a_trip(bench: Bench) -> tuple[str, str, list[NewRecord]]:
    """Return the id of a message, of what was said because of it, and all records of the trip, mixed up."""
    place = f"group-{uuid.uuid4()}"
    chat = (await bench.identities.chats("cloud_api", "main", {place: ("group", None)}))[place]
    asked = events.received(uuid.uuid4().int % 10**9, chat=chat, text=TEXT)
    send = say(asked, chat)
    taken = MessageAccepted(send_id=send.id, chat_id=chat, accepted_at=NOW)
    accepted = follow(send, taken, consumer="gateway.sender", ordinal=0, key=chat, time=NOW + 2 * SECOND)
    delivery = (
        Delivery(send.id, chat).attempt(NOW).accepted("wamid.ABC=").reported(DeliveryStatus.READ, "m_1")
    )

    async def keep(session: Session) -> None:
        await bench.deliveries.save(session, {send.id: delivery})

    await UnitOfWork(bench.mongo).run(keep)
    reports = []
    for seconds, status in ((3, DeliveryStatus.DELIVERED), (4, DeliveryStatus.READ)):
        told = DeliveryReported(
            send_id=send.id,
            provider_message=str(uuid.uuid4()),
            chat_id=chat,
            member_id="m_" + "1" * 20,
            status=status,
            provider_codes=(),
            reported_at=NOW,
        )
        report = originate(
            told,
            event_id=report_id("cloud_api", "main", "wamid.ABC=", status, "m_1"),
            source="/chaupal/gateway",
            key=chat,
            time=NOW + seconds * SECOND,
        )
        reports.append(replace(report, correlation_id=asked.id))
    read = Record("gateway.inbound.v1", 0, 0, b"", events.record(asked).value, events.record(asked).headers)
    aside = dead_letter(read, "moderation", "moderation.tally", Undecodable("Broken."), now=NOW + 5 * SECOND)
    said = [events.record(each) for each in (*reports[::-1], accepted, send, asked)]
    return asked.id, send.id, [aside, *said]


async def test_a_trail_shows_the_whole_trip_in_order(bench):
    message_id, send_id, records = await a_trip(bench)
    await bench.collect(*records, events.record(events.received(1)))
    answer = await bench.get(message_id)
    assert answer.status_code == 200
    body = answer.json()
    assert [(hop["what"], hop["by"]) for hop in body["hops"]] == [
        ("received", "test"),
        ("said", "moderation.rules"),
        ("accepted", "gateway.sender"),
        ("delivered", "gateway"),
        ("read", "gateway"),
        ("set_aside", "moderation.tally"),
    ]
    assert body["hops"][1]["causation_id"] == message_id
    assert body["hops"][5]["set_aside"] == {
        "consumer": "moderation.tally",
        "reason": "undecodable",
        "attempts": 1,
    }
    assert (body["message_id"], body["trace_id"]) == (message_id, message_id.replace("-", ""))
    assert body["complete"] is True
    assert [(each["send_id"], each["state"], each["read"]) for each in body["messages"]] == [
        (send_id, "read", 1)
    ]


async def test_neither_the_answer_nor_the_store_holds_text_address_or_chat(bench):
    message_id, _, records = await a_trip(bench)
    await bench.collect(*records)
    answer = await bench.get(message_id)
    stored = str(await bench.store["hops"].find().to_list())
    for secret in ("canary", "मेरा", "wamid", "m_1111"):
        assert secret not in answer.text
        assert secret not in stored
    assert "c_" not in stored


async def test_what_is_read_twice_is_kept_once(bench):
    message_id, _, records = await a_trip(bench)
    await bench.collect(*records)
    before = (await bench.get(message_id)).json()
    found = await bench.hops.of(message_id, 100)
    bench.runtime.clock.advance(dt.timedelta(days=1))
    await bench.hops.add(found)
    await bench.hops.add([*found, replace(found[0], offset=99)])
    after = (await bench.get(message_id)).json()
    assert [hop for hop in after["hops"] if hop["offset"] != 99] == before["hops"]
    assert len(after["hops"]) == len(before["hops"]) + 1
    kept = {each["kept_at"] async for each in bench.store["hops"].find({"_id": {"$not": {"$regex": "/99$"}}})}
    assert kept == {NOW}


async def test_broken_headers_are_counted_and_passed_over(bench):
    message_id, _, records = await a_trip(bench)
    broken = [
        NewRecord("gateway.inbound.v1", b"k", b"\xff", {}),
        NewRecord("gateway.inbound.v1", b"k", b"", {"ce_id": b"\xff\xfe", "ce_type": b"x"}),
        NewRecord("gateway.outbound.v1", b"k", b"", {"ce_correlationid": b"x" * 900_000}),
        NewRecord("moderation.dlq.v1", b"k", b"", {"x-dlq-consumer": b"\x00", "x-dlq-at": b"never"}),
    ]
    before = handled("skipped"), handled("applied")
    await bench.collect(*broken, *records)
    assert (handled("skipped") - before[0], handled("applied") - before[1]) == (len(broken), len(records))
    assert len((await bench.get(message_id)).json()["hops"]) == len(records)


async def test_private_input_is_never_read(bench):
    data = WebhookUnparsed(account="main", reason="json", raw=TEXT)
    unparsed = originate(data, event_id="unparsed-1", source="/chaupal/gateway", key="main", time=NOW)
    await bench.collect(events.record(unparsed), events.record(events.received(1)))
    assert await bench.store["hops"].distinct("type") == ["message.received"]


async def test_while_the_store_is_away_nothing_is_committed_and_then_all_is_kept(bench):
    message_id, _, records = await a_trip(bench)

    class Away(Hops):
        failures = 2

        async def add(self, hops: Sequence[Hop]) -> None:
            if self.failures:
                self.failures -= 1
                raise StoreUnavailable("The database does not answer.")
            await super().add(hops)

    away = Away(bench.store, bench.runtime.clock)
    bench.hops = away
    await bench.collect(*records)
    assert away.failures == 0
    assert len((await bench.get(message_id)).json()["hops"]) == len(records)


async def test_a_trail_is_told_of_its_lag_and_is_ready(bench):
    await bench.collect(events.record(events.received(1)))
    labels = {"consumer": "gateway.trail", "topic": "gateway.inbound.v1"}
    assert REGISTRY.get_sample_value("chaupal_log_lag_records", labels) is not None
    assert not bench.runtime.health.unready()


async def test_it_stops_at_once_while_it_rests(bench):
    await bench.runtime.backend.append([events.record(events.received(1))])
    trail = Trail(bench.runtime, bench.hops, linger_seconds=3600.0)
    async with running(trail):

        async def kept() -> bool:
            return await bench.store["hops"].count_documents({}) == 1

        await eventually(kept, "the hop")


async def test_more_hops_than_are_shown_are_said_to_be_missing(bench):
    asked = events.received(1)
    (first,) = [hop_of(Record("gateway.inbound.v1", 0, 0, b"", b"", events.record(asked).headers), NOW)]
    assert first is not None
    await bench.hops.add([replace(first, offset=number) for number in range(MOST_HOPS + 1)])
    body = (await bench.get(asked.id)).json()
    assert (len(body["hops"]), body["complete"]) == (MOST_HOPS, False)


# --- Who may ask, and for what ---


async def test_only_who_may_trace_is_answered(bench):
    path = f"/v1/trace/{uuid.uuid4()}"
    assert (await bench.stranger.get(path)).status_code == 403
    assert (await bench.client.get(path, headers={"authorization": ""})).status_code == 401
    assert (await bench.client.get(path)).status_code == 404


async def test_where_no_trails_are_kept_the_answer_says_so(bench):
    answer = await bench.off.get(f"/v1/trace/{uuid.uuid4()}")
    assert answer.status_code == 404
    assert "GATEWAY_TRACE_DAYS is 0" in answer.json()["detail"]


@pytest.mark.parametrize(
    "message_id",
    [
        *('{"$gt":""}', "$where", "a\x00b", "\u202e", "x" * 129, "x" * 20_000, "' OR 1=1", "\ufeff", "नमस्ते"),
        *("a b", "a\n", "..", "%2e%2e", "a/b"),
    ],
    ids=lambda each: ascii(each)[:30],
)
async def test_an_id_of_any_kind_is_refused_or_unknown(bench, message_id):
    await bench.collect(events.record(events.received(1)))
    answer = await bench.get(message_id)
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_store_that_is_away_is_said_to_be(bench, monkeypatch):
    async def away(*_: object) -> list[Hop]:
        raise StoreUnavailable("The database does not answer.")

    monkeypatch.setattr(Hops, "of", away)
    assert issubclass(StoreUnavailable, DependencyAway)
    assert (await bench.get(str(uuid.uuid4()))).status_code == 503


# --- For how long ---


@pytest.mark.parametrize("days", [30, 1, 7])
async def test_hops_are_forgotten_as_the_setting_says(bench, days):
    await bench.hops.keep_for(days)
    await bench.hops.keep_for(days)
    indexes = await bench.store["hops"].index_information()
    assert indexes["expiry"]["expireAfterSeconds"] == days * DAY
