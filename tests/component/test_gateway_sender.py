from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pytest
import structlog
from prometheus_client import generate_latest

from services.gateway.channels.contract import (
    Accepted,
    Action,
    Capability,
    Destination,
    Outcome,
    Outgoing,
    Refused,
    Roster,
    TryAgain,
    Unclear,
)
from services.gateway.domain.chat import Chat
from services.gateway.domain.delivery import Delivery, Stage, decide_report
from services.gateway.domain.items import Address, AddressKind, Item
from services.gateway.domain.marks import Mark
from services.gateway.domain.pacing import Pace
from services.gateway.sending.book import Book
from services.gateway.sending.pacer import PROBE_SECONDS, Pacer
from services.gateway.sending.planner import Planner
from services.gateway.sending.sender import RECONCILE_POLL_SECONDS, Sender
from services.gateway.sending.ways import Ways
from services.gateway.store import Deliveries, Identities, Names, Standings, Unsaid
from services.gateway.store.seal import UNKEPT
from shared.clock import FixedClock
from shared.contracts.envelope import Envelope, decode, originate
from shared.contracts.gateway import (
    ChatKind,
    DeliveryReported,
    DeliveryStatus,
    MessageAccepted,
    MessageFailed,
    MessageSend,
    SendClass,
)
from shared.errors import NotYet, ProviderUnavailable, StoreUnavailable
from shared.log.memory import memory_log
from shared.observability.health import Health
from shared.observability.metrics import REGISTRY
from shared.store.client import Database, Mongo
from shared.store.unit_of_work import Session, UnitOfWork
from shared.stream.runtime import Runtime
from tests.support.sending import VOICE

ACCOUNT, OTHER_ACCOUNT = "main", "second"
RECONCILE = dt.timedelta(seconds=30)
UNPACED = Pace(1_000_000.0, burst=1_000.0)
SECOND = dt.timedelta(seconds=1)
ResultT = TypeVar("ResultT")


class FlakyUnitOfWork(UnitOfWork):
    """A store that can be made to go away."""

    away = False

    async def run(self, work: Callable[[Session], Awaitable[ResultT]]) -> ResultT:
        if self.away:
            raise StoreUnavailable("The database does not answer.")
        return await super().run(work)


@dataclass
class ScriptedChannel:
    """Answers as scripted and keeps what it was given."""

    name: str = "cloud_api"
    answers: list[Outcome | Exception] = field(default_factory=list)
    sent: list[tuple[Destination, str, str]] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[None]] | None = None

    def authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        raise NotImplementedError

    def handshake(self, query: Mapping[str, str]) -> str | None:
        raise NotImplementedError

    def parse(self, body: bytes) -> list[Item]:
        raise NotImplementedError

    async def act(self, to: Destination, action: Action) -> Outcome:
        raise NotImplementedError

    async def find(self, to: Destination, client_id: str) -> str | None:
        raise NotImplementedError

    async def probe(self) -> None:
        raise NotImplementedError

    async def roster(self, group: str) -> Roster | None:
        raise NotImplementedError

    def capabilities(self, kind: ChatKind) -> frozenset[Capability]:
        return frozenset({Capability.TEXT})

    async def send(self, to: Destination, message: Outgoing) -> Outcome:
        self.sent.append((to, message.text, message.mark))
        if self.meanwhile is not None:
            await self.meanwhile()
        answer = self.answers.pop(0) if self.answers else Accepted(f"wamid.{len(self.sent)}=")
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Bench:
    """A sender on a real store, with channels that do as they are told."""

    sender: Sender
    channel: ScriptedChannel
    other_channel: ScriptedChannel
    identities: Identities
    deliveries: Deliveries
    runtime: Runtime
    unit_of_work: FlakyUnitOfWork
    clock: FixedClock

    async def group(self, account: str = ACCOUNT) -> str:
        group = f"group-{uuid.uuid4()}"
        return (await self.identities.chats("cloud_api", account, {group: ("group", None)}))[group]

    def command(
        self, chat_id: str, valid_for: dt.timedelta = dt.timedelta(minutes=10)
    ) -> Envelope[MessageSend]:
        now = self.clock.now()
        data = MessageSend(
            chat_id=chat_id, text="📜 नियम", send_class=SendClass.REPLY, not_after=now + valid_for
        )
        return originate(data, event_id=str(uuid.uuid4()), source="/tests", key=chat_id, time=now)

    async def found(self, command: Envelope[MessageSend]) -> Delivery:
        found = await self.deliveries.find(command.id)
        assert found is not None
        return found

    async def facts(self, command: Envelope[MessageSend]) -> list[Any]:
        rows = await self.runtime.outbox.next(10_000)
        events = [decode(row.record.value, row.record.headers) for row in rows]
        assert all(each.correlation_id == command.id for each in events if each.causation_id == command.id)
        return [each.data for each in events if each.causation_id == command.id]

    async def report(self, command: Envelope[MessageSend], status: DeliveryStatus) -> None:
        data = DeliveryReported(
            send_id=command.id,
            provider_message=str(uuid.uuid4()),
            chat_id=command.data.chat_id,
            status=status,
            reported_at=self.clock.now(),
        )
        event = originate(data, event_id=str(uuid.uuid4()), source="/tests", key="k", time=self.clock.now())

        async def work(session: Session) -> None:
            stored = (await self.deliveries.load(session, [command.id]))[command.id]
            after = decide_report(stored, event, self.clock.now()).state
            await self.deliveries.save(session, {command.id: after})

        await UnitOfWork.run(self.unit_of_work, work)


@pytest.fixture
def bench(mongo: Mongo, store: Database) -> Bench:
    # Today, for the database itself forgets what is old; a whole second, for it keeps milliseconds.
    clock = FixedClock(dt.datetime.now(dt.UTC).replace(microsecond=0))
    unit_of_work = FlakyUnitOfWork(mongo)
    runtime = replace(
        Runtime.of(
            "gateway", backend=memory_log(), mongo=mongo, database=store, clock=clock, health=Health()
        ),
        unit_of_work=unit_of_work,
    )
    identities, deliveries = Identities(store, clock), Deliveries(store, clock)
    channel, other = ScriptedChannel(), ScriptedChannel()
    ways = Ways(identities, {ACCOUNT: channel, OTHER_ACCOUNT: other}, deliveries)
    standings = Standings(store)
    sender = Sender(
        Book(runtime, deliveries, Unsaid(store)),
        ways,
        Planner(ways, standings, deliveries, VOICE, names=Names(store, UNKEPT), noise_per_hour=6),
        Pacer({ACCOUNT: UNPACED, OTHER_ACCOUNT: UNPACED}),
        standings,
        reconcile_seconds=RECONCILE.total_seconds(),
    )
    return Bench(sender, channel, other, identities, deliveries, runtime, unit_of_work, clock)


def accepted(command: Envelope[MessageSend], at: dt.datetime) -> MessageAccepted:
    return MessageAccepted(send_id=command.id, chat_id=command.data.chat_id, accepted_at=at)


def failed(
    command: Envelope[MessageSend], at: dt.datetime, code: str, provider_code: int | None = None
) -> MessageFailed:
    return MessageFailed(
        send_id=command.id,
        chat_id=command.data.chat_id,
        code=code,
        provider_code=provider_code,
        failed_at=at,
    )


async def test_what_the_provider_takes_is_accepted(bench):
    command = bench.command(await bench.group())
    await bench.sender.send(command)
    ((to, text, mark),) = bench.channel.sent
    chat = await bench.identities.chat(command.data.chat_id)
    assert (to, text) == (Destination(group=chat.group), "📜 नियम")
    assert Mark.read(mark) == Mark(command.id, command.correlation_id)
    delivery = await bench.found(command)
    assert (delivery.stage, delivery.attempts, delivery.provider_id) == (Stage.ACCEPTED, 1, "wamid.1=")
    assert await bench.facts(command) == [accepted(command, bench.clock.now())]


async def test_a_direct_chat_goes_to_the_address_of_its_member(bench):
    phone = Address(AddressKind.PHONE, f"91{uuid.uuid4().int % 10**10:010d}")
    member = (await bench.identities.members("cloud_api", ACCOUNT, [(phone,)]))[phone]
    chat = (await bench.identities.chats("cloud_api", ACCOUNT, {member: ("direct", None)}))[member]
    await bench.sender.send(bench.command(chat))
    assert bench.channel.sent[0][0] == Destination(person=phone)


async def test_a_member_without_any_address_cannot_be_written_to(bench):
    nobody = "m_" + uuid.uuid4().hex[:20]
    chat = (await bench.identities.chats("cloud_api", ACCOUNT, {nobody: ("direct", None)}))[nobody]
    command = bench.command(chat)
    await bench.sender.send(command)
    assert bench.channel.sent == []
    assert await bench.facts(command) == [failed(command, bench.clock.now(), "no_address")]


@pytest.mark.parametrize("account", [None, "an account that was removed"])
async def test_a_chat_nobody_knows_cannot_be_written_to(bench, account):
    chat = await bench.group(account) if account else "c_" + uuid.uuid4().hex[:20]
    command = bench.command(chat)
    await bench.sender.send(command)
    assert bench.channel.sent == []
    assert await bench.facts(command) == [failed(command, bench.clock.now(), "unknown_chat")]
    assert (await bench.found(command)).stage is Stage.FAILED


async def test_what_the_provider_refuses_has_failed_and_is_not_tried_again(bench):
    bench.channel.answers = [Refused("window_closed", 131047)]
    command = bench.command(await bench.group())
    await bench.sender.send(command)
    await bench.sender.send(command)
    assert len(bench.channel.sent) == 1
    assert await bench.facts(command) == [failed(command, bench.clock.now(), "window_closed", 131047)]
    assert (await bench.found(command)).code == "window_closed"


async def test_what_the_provider_postpones_is_tried_again_later_and_later(bench):
    bench.channel.answers = [TryAgain("rate_limited", 2), TryAgain("rate_limited", 2), TryAgain("busy", 0)]
    command = bench.command(await bench.group())
    waits = []
    for _ in range(3):
        with pytest.raises(NotYet) as postponed:
            await bench.sender.send(command)
        waits.append(postponed.value.seconds)
        assert (await bench.found(command)).stage is Stage.WAITING
    assert waits == [2, 2, 2.0]
    assert await bench.facts(command) == []
    await bench.sender.send(command)
    assert (await bench.found(command)).attempts == 4
    assert await bench.facts(command) == [accepted(command, bench.clock.now())]


async def test_a_postponed_message_expires_where_it_waits_too_long(bench):
    bench.channel.answers = [TryAgain("rate_limited", 2)]
    command = bench.command(await bench.group(), valid_for=SECOND)
    with pytest.raises(NotYet):
        await bench.sender.send(command)
    bench.clock.advance(2 * SECOND)
    await bench.sender.send(command)
    assert len(bench.channel.sent) == 1
    assert await bench.facts(command) == [failed(command, bench.clock.now(), "expired")]


async def test_x07_what_comes_too_late_is_dropped_with_the_reason(bench):
    command = bench.command(await bench.group())
    bench.clock.advance(dt.timedelta(minutes=10, seconds=1))
    await bench.sender.send(command)
    assert bench.channel.sent == []
    assert await bench.facts(command) == [failed(command, bench.clock.now(), "expired")]


async def test_a_command_that_comes_at_its_last_instant_is_sent(bench):
    command = bench.command(await bench.group())
    bench.clock.advance(dt.timedelta(minutes=10))
    await bench.sender.send(command)
    assert len(bench.channel.sent) == 1


async def test_the_same_command_ten_times_is_sent_once(bench):
    command = bench.command(await bench.group())
    for _ in range(10):
        await bench.sender.send(command)
    assert len(bench.channel.sent) == 1
    assert len(await bench.facts(command)) == 1


async def test_an_unclear_outcome_waits_for_a_status_and_sends_nothing_meanwhile(bench):
    bench.channel.answers = [Unclear()]
    command = bench.command(await bench.group())
    for _ in range(5):
        with pytest.raises(NotYet) as waiting:
            await bench.sender.send(command)
        assert waiting.value.seconds == RECONCILE_POLL_SECONDS
        bench.clock.advance(SECOND)
    assert len(bench.channel.sent) == 1
    assert (await bench.found(command)).stage is Stage.IN_FLIGHT


@pytest.mark.parametrize("status", [DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ])
async def test_a_status_settles_an_unclear_outcome_without_a_second_send(bench, status):
    bench.channel.answers = [Unclear()]
    command = bench.command(await bench.group())
    with pytest.raises(NotYet):
        await bench.sender.send(command)
    await bench.report(command, status)
    for _ in range(2):
        bench.clock.advance(RECONCILE)
        await bench.sender.send(command)
    assert len(bench.channel.sent) == 1
    assert (await bench.found(command)).stage is Stage(status)
    facts = await bench.facts(command)
    assert {type(each) for each in facts} == {MessageAccepted}


async def test_a_status_of_failure_settles_an_unclear_outcome_too(bench):
    bench.channel.answers = [Unclear()]
    command = bench.command(await bench.group())
    with pytest.raises(NotYet):
        await bench.sender.send(command)
    await bench.report(command, DeliveryStatus.FAILED)
    bench.clock.advance(RECONCILE)
    await bench.sender.send(command)
    assert len(bench.channel.sent) == 1
    assert (await bench.found(command)).stage is Stage.FAILED


async def test_an_unclear_outcome_nobody_reports_on_is_sent_again_after_the_wait(bench):
    bench.channel.answers = [Unclear()]
    command = bench.command(await bench.group())
    with pytest.raises(NotYet):
        await bench.sender.send(command)
    bench.clock.advance(RECONCILE - SECOND)
    with pytest.raises(NotYet):
        await bench.sender.send(command)
    assert len(bench.channel.sent) == 1
    bench.clock.advance(SECOND)
    await bench.sender.send(command)
    assert len(bench.channel.sent) == 2
    assert len({mark for _, _, mark in bench.channel.sent}) == 1
    assert await bench.facts(command) == [accepted(command, bench.clock.now())]


async def test_an_unclear_outcome_is_not_sent_again_once_the_message_is_too_old(bench):
    bench.channel.answers = [Unclear()]
    command = bench.command(await bench.group(), valid_for=SECOND)
    with pytest.raises(NotYet):
        await bench.sender.send(command)
    bench.clock.advance(RECONCILE)
    await bench.sender.send(command)
    assert len(bench.channel.sent) == 1
    assert await bench.facts(command) == [failed(command, bench.clock.now(), "expired")]
    await bench.report(command, DeliveryStatus.DELIVERED)
    assert (await bench.found(command)).stage is Stage.DELIVERED


async def test_after_a_crash_within_the_call_a_status_is_awaited_before_a_second_call(bench):
    bench.channel.answers = [RuntimeError("killed")]
    command = bench.command(await bench.group())
    with pytest.raises(RuntimeError):
        await bench.sender.send(command)
    with pytest.raises(NotYet):
        await bench.sender.send(command)
    assert len(bench.channel.sent) == 1
    bench.clock.advance(RECONCILE)
    await bench.sender.send(command)
    assert len(bench.channel.sent) == 2


async def test_a_status_that_comes_while_the_second_call_is_prepared_prevents_it(bench, monkeypatch):
    bench.channel.answers = [Unclear()]
    command = bench.command(await bench.group())
    with pytest.raises(NotYet):
        await bench.sender.send(command)
    bench.clock.advance(RECONCILE)
    find_chat = bench.identities.chat

    async def report_first(chat_id: str) -> Chat | None:
        await bench.report(command, DeliveryStatus.DELIVERED)
        return await find_chat(chat_id)

    monkeypatch.setattr(bench.identities, "chat", report_first)
    await bench.sender.send(command)
    assert len(bench.channel.sent) == 1
    assert await bench.facts(command) == [accepted(command, bench.clock.now())]


async def test_a_status_that_overtakes_the_answer_is_not_lost(bench):
    command = bench.command(await bench.group())
    bench.channel.meanwhile = lambda: bench.report(command, DeliveryStatus.READ)
    await bench.sender.send(command)
    delivery = await bench.found(command)
    assert (delivery.stage, delivery.provider_id) == (Stage.READ, "wamid.1=")
    assert await bench.facts(command) == [accepted(command, bench.clock.now())]
    await bench.sender.send(command)
    assert len(bench.channel.sent) == 1


async def test_a_status_that_overtakes_a_refusal_to_take_it_now_ends_the_tries(bench):
    command = bench.command(await bench.group())
    bench.channel.answers = [TryAgain("provider_failed", 0.5)]
    bench.channel.meanwhile = lambda: bench.report(command, DeliveryStatus.SENT)
    with pytest.raises(NotYet):
        await bench.sender.send(command)
    await bench.sender.send(command)
    assert len(bench.channel.sent) == 1
    assert await bench.facts(command) == [accepted(command, bench.clock.now())]


async def test_a_message_known_to_have_arrived_is_never_said_to_have_failed(bench):
    command = bench.command(await bench.group())
    bench.channel.answers = [Refused("rejected", 100)]
    bench.channel.meanwhile = lambda: bench.report(command, DeliveryStatus.DELIVERED)
    await bench.sender.send(command)
    delivery = await bench.found(command)
    assert (delivery.stage, delivery.code) == (Stage.DELIVERED, None)
    assert await bench.facts(command) == []


async def test_a_database_that_goes_away_behind_the_call_leads_to_no_second_call(bench):
    command = bench.command(await bench.group())

    async def go_away() -> None:
        bench.unit_of_work.away = True

    bench.channel.meanwhile = go_away
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            await bench.sender.send(command)
        bench.clock.advance(RECONCILE)
    bench.unit_of_work.away = False
    await bench.sender.send(command)
    assert len(bench.channel.sent) == 1
    delivery = await bench.found(command)
    assert (delivery.stage, delivery.provider_id) == (Stage.ACCEPTED, "wamid.1=")
    assert await bench.facts(command) == [accepted(command, bench.clock.now())]
    await bench.sender.send(command)
    assert len(await bench.facts(command)) == 1


async def test_a_database_that_is_away_before_the_call_prevents_it(bench, monkeypatch):
    command = bench.command(await bench.group())

    async def away(_delivery: Delivery) -> bool:
        raise StoreUnavailable("The database does not answer.")

    monkeypatch.setattr(bench.deliveries, "add", away)
    with pytest.raises(StoreUnavailable):
        await bench.sender.send(command)
    assert bench.channel.sent == []


async def test_a_refused_account_is_waited_for_and_the_message_is_not_in_doubt(bench):
    command = bench.command(await bench.group())
    bench.channel.answers = [ProviderUnavailable("The token is refused.")]
    with pytest.raises(ProviderUnavailable):
        await bench.sender.send(command)
    assert (await bench.found(command)).stage is Stage.WAITING
    bench.clock.advance(PROBE_SECONDS * SECOND)
    await bench.sender.send(command)
    assert await bench.facts(command) == [accepted(command, bench.clock.now())]


async def test_a_refused_account_is_probed_by_one_message_not_by_every_chat(bench):
    commands = [bench.command(await bench.group()) for _ in range(20)]
    refusals = [ProviderUnavailable("The token is refused.") for _ in range(3)]
    bench.channel.answers = [*refusals]
    for refusal in range(1, 4):
        with pytest.raises(ProviderUnavailable):
            await bench.sender.send(commands[0])
        told = await asyncio.gather(*map(bench.sender.send, commands), return_exceptions=True)
        assert {type(each) for each in told} == {ProviderUnavailable}
        assert len(bench.channel.sent) == refusal
        bench.clock.advance(PROBE_SECONDS * SECOND)
    for command in commands:
        await bench.sender.send(command)
    assert len(bench.channel.sent) == 3 + len(commands)


async def test_a_refused_account_does_not_stop_another(bench):
    bench.channel.answers = [ProviderUnavailable("The token is refused.")]
    with pytest.raises(ProviderUnavailable):
        await bench.sender.send(bench.command(await bench.group()))
    await bench.sender.send(bench.command(await bench.group(OTHER_ACCOUNT)))
    assert len(bench.other_channel.sent) == 1


async def test_x05_no_address_and_no_text_appears_in_logs_and_metrics(bench):
    phone = Address(AddressKind.PHONE, f"91{uuid.uuid4().int % 10**10:010d}")
    member = (await bench.identities.members("cloud_api", ACCOUNT, [(phone,)]))[phone]
    chat = (await bench.identities.chats("cloud_api", ACCOUNT, {member: ("direct", None)}))[member]
    bench.channel.answers = [TryAgain("rate_limited", 2), Refused("rejected", 100), Accepted("wamid.SECRET=")]
    with structlog.testing.capture_logs() as lines:
        first, second = bench.command(chat), bench.command(chat)
        with pytest.raises(NotYet):
            await bench.sender.send(first)
        await bench.sender.send(first)
        await bench.sender.send(second)
    assert {line["event"] for line in lines} == {
        "gateway.send_postponed",
        "gateway.send_failed",
        "gateway.sent",
    }
    facts = [*await bench.facts(first), *await bench.facts(second)]
    said = f"{lines} {facts} {generate_latest(REGISTRY).decode()}"
    for secret in (phone.value, "नियम", "wamid"):
        assert secret not in said
