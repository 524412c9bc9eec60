"""What a provider does to us, W1 to W7 of the catalogue of faults; W1 is with the policy."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from starlette.types import Receive, Scope, Send

from services.gateway import consumer
from services.gateway.channels.cloud_api import CloudApi
from services.gateway.channels.contract import Accepted, Capability, Outcome, Outgoing, Unclear
from services.gateway.domain.delivery import Stage, decide_report
from services.gateway.domain.marks import client_id
from services.gateway.lines import Lines
from services.gateway.sending.pacer import Pacer
from services.gateway.store import MIGRATIONS, LineBook
from shared import patience
from shared.clock import SystemClock
from shared.contracts.envelope import Envelope, decode
from shared.contracts.gateway import DeliveryReported, DeliveryStatus, MessageAccepted, MessageFailed
from shared.contracts.topics import DELIVERY, TOPICS, again_topics, dead_letter_topic
from shared.errors import InTurn, NotYet, ProviderUnavailable
from shared.http.client import HttpClient
from shared.http.server import HttpServer
from shared.log.record import Record
from shared.observability.metrics import CHANNEL_UP
from shared.store.client import Database, Mongo, database
from shared.store.migrations import migrate
from shared.store.unit_of_work import Session
from shared.stream import effects as effects_module
from shared.stream.effects import Effects
from shared.stream.relay import Relay
from shared.stream.retry import split_due
from shared.stream.rows import to_record
from tests.support.sending import (
    ACCOUNT,
    RECONCILE_SECONDS,
    SECOND,
    UNPACED,
    ObedientChannel,
    SendingBench,
    sending_bench,
)
from tests.support.streams import eventually, everything, running

TAKEN = json.dumps({"messages": [{"id": "wamid.OUT="}]}).encode()


@pytest.fixture
def account() -> str:
    return f"account-{uuid.uuid4().hex}"


@pytest.fixture
async def own(mongo: Mongo) -> AsyncIterator[Database]:
    """A database for each test whose loops empty an outbox."""
    opened = database(mongo, f"faults_{uuid.uuid4().hex[:12]}")
    await migrate(opened, SystemClock(), MIGRATIONS)
    yield opened
    await mongo.drop_database(opened.name)


@dataclass
class Meta:
    """Answers as scripted, then takes everything, and keeps what it was sent."""

    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(json.loads((await receive())["body"]))
        status, body, headers = self.answers.pop(0) if self.answers else (200, TAKEN, {})
        given = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": given})
        await send({"type": "http.response.body", "body": body})

    def say(self, status: int, code: int | None = None, times: int = 1, **headers: str) -> None:
        body = json.dumps({"error": {"code": code}}).encode() if code is not None else b""
        self.answers += [(status, body, headers)] * times


@pytest.fixture
async def meta() -> Meta:
    return Meta()


@pytest.fixture
async def bench(mongo, store, meta) -> AsyncIterator[SendingBench]:
    server = HttpServer(meta, "127.0.0.1", 0)
    serving = asyncio.create_task(server.serve())
    await server.started()
    async with HttpClient() as client:
        channel = CloudApi(
            client,
            api_base=server.url,
            phone_number_id="370000000000001",
            access_token="token",
            app_secrets=["secret"],
            verify_token="token",
        )
        yield sending_bench(mongo, store, through=channel)
    server.stop()
    await serving


async def report(bench: SendingBench, command: Envelope[Any], status: DeliveryStatus) -> None:
    """Let a status webhook tell of the message of `command`."""
    data = DeliveryReported(
        send_id=command.id,
        provider_message=command.id,
        chat_id=command.data.chat_id,
        status=status,
        reported_at=bench.clock.now(),
    )

    async def work(session: Session) -> None:
        stored = (await bench.deliveries.load(session, [command.id]))[command.id]
        decided = decide_report(stored, bench.wrap(data, command.data.chat_id), bench.clock.now())
        await bench.deliveries.save(session, {command.id: decided.state})

    await bench.runtime.unit_of_work.run(work)


async def test_w1_a_retry_after_is_heeded_and_the_message_is_delivered(bench, meta):
    meta.say(429, 130429, **{"retry-after": "5"})
    meta.say(400, 131056)
    command = bench.message(await bench.direct())
    done = await bench.run([command], 60)
    assert done[command.id] == pytest.approx(5 + 6)
    assert (await bench.found(command)).attempts == 3


async def test_w2_faults_of_the_provider_are_outlived_with_growing_gaps(bench, meta):
    for status in (500, 502, 503, 500, 500):
        meta.say(status)
    command = bench.message(await bench.direct())
    done = await bench.run([command], 120)
    assert done[command.id] == 0.5 + 1 + 2 + 4 + 8
    assert (await bench.found(command)).attempts == 6
    assert [type(each) for each in await bench.facts(command)] == [MessageAccepted]


async def test_w3_a_slow_call_holds_up_its_own_chat_alone(mongo, store):
    bench = sending_bench(mongo, store)
    answered, at_work = asyncio.Event(), asyncio.Event()
    slow, others = await bench.group(), [await bench.group() for _ in range(9)]
    slow_group = (await bench.identities.chat(slow)).group  # type: ignore[union-attr]
    take = bench.channel.send

    async def send(to: Any, message: Outgoing) -> Outcome:
        if to.group == slow_group:
            at_work.set()
            await answered.wait()
        return await take(to, message)

    bench.channel.send = send  # type: ignore[method-assign]
    first = bench.message(slow)
    waiting = asyncio.create_task(bench.outbound.act(first))
    await at_work.wait()
    for chat in others:
        await bench.outbound.act(bench.message(chat))
    assert (await bench.found(first)).stage is Stage.IN_FLIGHT
    answered.set()
    await waiting
    assert (await bench.found(first)).stage is Stage.ACCEPTED


@pytest.mark.parametrize(("status", "code"), [(401, 190), (403, None), (400, 131031), (400, 131042)])
async def test_w4_a_refused_account_waits_and_loses_nothing(bench, meta, status, code):
    commands = [bench.message(await bench.direct()) for _ in range(5)]
    meta.say(status, code)
    for command in commands:
        with pytest.raises(ProviderUnavailable):
            await bench.outbound.act(command)
    assert len(meta.asked) == 1
    bench.clock.advance(2 * SECOND)
    for command in commands:
        await bench.outbound.act(command)
        assert [type(each) for each in await bench.facts(command)] == [MessageAccepted]


@pytest.mark.parametrize(
    ("code", "ours"), [(131047, "window_closed"), (131026, "undeliverable"), (131049, "undeliverable")]
)
async def test_w5_what_can_never_go_out_is_told_with_its_code(bench, meta, code, ours):
    meta.say(400, code)
    command = bench.message(await bench.direct())
    await bench.outbound.act(command)
    await bench.outbound.act(command)
    (fact,) = await bench.facts(command)
    assert isinstance(fact, MessageFailed)
    assert (fact.code, fact.provider_code) == (ours, code)
    assert len(meta.asked) == 1


async def test_w6_a_success_nobody_can_read_is_not_sent_again_blindly(bench, meta):
    meta.answers = [(200, b"<html>ok</html>", {})]
    command = bench.message(await bench.direct())
    for _ in range(3):
        with pytest.raises(NotYet):
            await bench.outbound.act(command)
        bench.clock.advance(SECOND)
    await report(bench, command, DeliveryStatus.SENT)
    bench.clock.advance(RECONCILE_SECONDS * SECOND)
    await bench.outbound.act(command)
    assert len(meta.asked) == 1
    assert [type(each) for each in await bench.facts(command)] == [MessageAccepted]


async def test_w7_a_status_that_overtakes_the_answer_is_merged(bench, meta):
    command = bench.message(await bench.direct())
    meta.answers = [(200, b"", {})]
    with pytest.raises(NotYet):
        await bench.outbound.act(command)
    await report(bench, command, DeliveryStatus.READ)
    await bench.outbound.act(command)
    assert (await bench.found(command)).stage is Stage.READ
    assert len(meta.asked) == 1
    assert [type(each) for each in await bench.facts(command)] == [MessageAccepted]


async def test_w6_where_we_choose_the_id_the_provider_is_asked_for_the_message(mongo, store):
    bench = sending_bench(mongo, store)
    bench.channel.offered = frozenset({Capability.TEXT, Capability.CLIENT_IDS})
    bench.channel.answers = [Unclear()]
    command = bench.message(await bench.group())
    with pytest.raises(NotYet):
        await bench.outbound.act(command)
    with pytest.raises(NotYet):
        await bench.outbound.act(command)
    bench.channel.found[client_id(command.id)] = "true_group_3EB0"
    await bench.outbound.act(command)
    await bench.outbound.act(command)
    assert len(bench.channel.sent) == 1
    assert bench.channel.sent[0][1].client_id == client_id(command.id)
    assert (await bench.found(command)).provider_id == "true_group_3EB0"
    assert [type(each) for each in await bench.facts(command)] == [MessageAccepted]


async def test_w6_what_the_provider_does_not_know_goes_out_again_under_the_same_id(mongo, store):
    bench = sending_bench(mongo, store)
    bench.channel.offered = frozenset({Capability.TEXT, Capability.CLIENT_IDS})
    bench.channel.answers = [Unclear(), Accepted("wamid.2=")]
    command = bench.message(await bench.group())
    with pytest.raises(NotYet):
        await bench.outbound.act(command)
    bench.clock.advance(RECONCILE_SECONDS * SECOND)
    await bench.outbound.act(command)
    assert len({each.client_id for _, each in bench.channel.sent}) == 1
    assert len(bench.channel.sent) == 2
    assert bench.channel.asked_for == [client_id(command.id)]


async def test_w4_a_refused_token_pauses_the_line_with_an_alert_and_sets_nothing_aside(
    mongo, own, account, monkeypatch
):
    monkeypatch.setattr(effects_module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.02,))
    monkeypatch.setattr("services.gateway.sending.pacer.LONG_SECONDS", 0.0)
    inner = ObedientChannel()
    pacer = Pacer({ACCOUNT: UNPACED, account: UNPACED})
    lines = Lines({account: inner}, LineBook(own), SystemClock(), gate=pacer)
    bench = sending_bench(mongo, own, through=lines.channels[account], pacer=pacer)
    backend = bench.runtime.backend
    await backend.start()
    await backend.ensure_topics(TOPICS)
    refusing = [True]

    def answer(*_: object) -> Outcome:
        if refusing[0]:
            raise ProviderUnavailable("The provider refuses the access token: 190.")
        return Accepted(str(uuid.uuid4()))

    inner.answer = answer
    commands = [bench.message(await bench.direct(), valid_for=24 * 3600 * SECOND) for _ in range(12)]

    async def refused() -> bool:
        bench.clock.advance(SECOND)
        # Some have made room for others by now.
        return CHANNEL_UP.labels(account)._value.get() == 0 and bool(await retried())

    async def retried() -> list[Record]:
        return [each for topic in again_topics("gateway") for each in await everything(backend, topic.name)]

    async def all_taken() -> bool:
        bench.clock.advance(60 * SECOND)
        facts = await everything(backend, DELIVERY.name)
        found = [decode(each.value, each.headers).data for each in facts]
        return {each.send_id for each in found if isinstance(each, MessageAccepted)} == {
            each.id for each in commands
        }

    def looked_at_often(*args: Any) -> Any:
        ready, resting = split_due(*args)
        return ready, {each: (offset, 0.01) for each, (offset, _) in resting.items()}

    monkeypatch.setattr(effects_module, "split_due", looked_at_often)
    with structlog.testing.capture_logs() as logs:
        sending = Effects(consumer.sending(bench.outbound), bench.runtime)
        async with running(Relay(bench.runtime, own), sending):
            await backend.append([to_record(each) for each in commands])
            await eventually(refused, "the refusal")
            refusing[0] = False
            await eventually(all_taken, "the end")
    alerts = [each["event"] for each in logs if each["log_level"] == "error"]
    assert alerts == ["channel.down"]
    assert await everything(backend, dead_letter_topic("gateway").name) == []
    assert CHANNEL_UP.labels(account)._value.get() == 1
    await backend.stop()


async def test_w4_a_line_that_is_refused_for_long_leaves_room_for_the_others(bench, meta):
    command = bench.message(await bench.direct(), valid_for=dt.timedelta(hours=1))
    meta.say(401, 190, times=99)
    for _ in range(30):
        with pytest.raises(ProviderUnavailable):
            await bench.outbound.act(command)
        bench.clock.advance(2 * SECOND)
    asked = len(meta.asked)
    with pytest.raises(ProviderUnavailable):
        await bench.outbound.act(command)
    with pytest.raises(InTurn) as waiting:
        await bench.outbound.act(command)
    assert (waiting.value.seconds, len(meta.asked)) == (300, asked + 1)
    bench.clock.advance(dt.timedelta(hours=1))
    bench.outbound._sender._pacer.closed("main", bench.clock.now())
    await bench.outbound.act(command)
    (fact,) = await bench.facts(command)
    assert isinstance(fact, MessageFailed)
    assert fact.code == "expired"
