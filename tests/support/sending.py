"""The sending half of the gateway on a real store, with a channel that does as it is told."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from services.gateway.channels.contract import (
    Accepted,
    Action,
    Capability,
    Channel,
    Destination,
    Outcome,
    Outgoing,
    Roster,
)
from services.gateway.consumer import standing, subscription
from services.gateway.domain.delivery import Delivery
from services.gateway.domain.items import Address, AddressKind, Item
from services.gateway.domain.known import Known
from services.gateway.domain.pacing import Pace
from services.gateway.sending.actions import Actions
from services.gateway.sending.book import Book
from services.gateway.sending.outbound import Outbound
from services.gateway.sending.pacer import Pacer
from services.gateway.sending.planner import Planner
from services.gateway.sending.sender import Sender
from services.gateway.sending.ways import Ways
from services.gateway.store import Deliveries, Identities, Names, Standings, Unsaid
from services.gateway.store.seal import UNKEPT
from shared.clock import FixedClock
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode, originate
from shared.contracts.gateway import (
    ChatKind,
    DeliveryReported,
    DeliveryStatus,
    MessageFailed,
    MessageKind,
    MessageReceived,
    MessageSend,
    SendClass,
)
from shared.errors import NotYet
from shared.i18n import Catalogue, Language
from shared.log.memory import memory_log
from shared.observability.health import Health
from shared.replies import Speaker
from shared.store.client import Database, Mongo
from shared.store.unit_of_work import Session
from shared.stream.rows import rows_of
from shared.stream.runtime import Runtime
from shared.stream.states import LoadedStates
from shared.stream.subscription import Subscription

ACCOUNT = "main"
LOCALE = Path(__file__).parents[2] / "services" / "gateway" / "locale"
VOICE = Speaker(Catalogue.load(LOCALE), Language.HI, ZoneInfo("Asia/Kolkata"))
RECONCILE_SECONDS = 30.0
NOISE_PER_HOUR = 3
SECOND = dt.timedelta(seconds=1)
UNPACED = Pace(1_000_000.0, burst=1_000.0)

Answer = Callable[[Destination, Outgoing | Action], Outcome]


@dataclass
class ObedientChannel:
    """Answers as told, takes everything otherwise, and keeps what it was given."""

    offered: frozenset[Capability] = frozenset({Capability.TEXT})
    name: str = "cloud_api"
    answers: list[Outcome | Exception] = field(default_factory=list)
    answer: Answer | None = None
    sent: list[tuple[Destination, Outgoing]] = field(default_factory=list)
    acted: list[tuple[Destination, Action]] = field(default_factory=list)
    found: dict[str, str] = field(default_factory=dict)
    asked_for: list[str] = field(default_factory=list)

    def authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        raise NotImplementedError

    def handshake(self, query: Mapping[str, str]) -> str | None:
        raise NotImplementedError

    def parse(self, body: bytes) -> list[Item]:
        raise NotImplementedError

    async def probe(self) -> None:
        raise NotImplementedError

    async def roster(self, group: str) -> Roster | None:
        raise NotImplementedError

    def capabilities(self, kind: ChatKind) -> frozenset[Capability]:
        return self.offered

    async def send(self, to: Destination, message: Outgoing) -> Outcome:
        self.sent.append((to, message))
        return self._answer(to, message)

    async def act(self, to: Destination, action: Action) -> Outcome:
        self.acted.append((to, action))
        return self._answer(to, action)

    async def find(self, to: Destination, client_id: str) -> str | None:
        self.asked_for.append(client_id)
        return self.found.get(client_id)

    def _answer(self, to: Destination, asked: Outgoing | Action) -> Outcome:
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if self.answer is not None:
            return self.answer(to, asked)
        return Accepted(f"wamid.{len(self.sent)}=" if isinstance(asked, Outgoing) else "")


@dataclass
class KnownByHeart:
    """The index of messages, in memory."""

    known: dict[str, Known] = field(default_factory=dict)

    def remember(self, known: Known) -> None:
        self.known[known.message_id] = known

    async def find(self, message_id: str) -> Known | None:
        return self.known.get(message_id)


@dataclass
class SendingBench:
    """Everything that sends."""

    outbound: Outbound
    sender: Sender
    channel: ObedientChannel
    identities: Identities
    deliveries: Deliveries
    standings: Standings
    messages: KnownByHeart
    unsaid: Unsaid
    runtime: Runtime
    clock: FixedClock

    async def group(self) -> str:
        group = f"group-{uuid.uuid4()}"
        return (await self.identities.chats("cloud_api", ACCOUNT, {group: ("group", None)}))[group]

    async def person(self) -> tuple[str, Address]:
        phone = Address(AddressKind.PHONE, f"91{uuid.uuid4().int % 10**10:010d}")
        return (await self.identities.members("cloud_api", ACCOUNT, [(phone,)]))[phone], phone

    async def direct(self) -> str:
        member, _ = await self.person()
        return (await self.identities.chats("cloud_api", ACCOUNT, {member: ("direct", None)}))[member]

    def wrap(self, data: EventModel, chat_id: str) -> Envelope[Any]:
        now = self.clock.now()
        return originate(data, event_id=str(uuid.uuid4()), source="/tests", key=chat_id, time=now)

    def message(
        self,
        chat_id: str,
        send_class: SendClass = SendClass.REPLY,
        valid_for: dt.timedelta = dt.timedelta(minutes=10),
        **fields: Any,
    ) -> Envelope[MessageSend]:
        data = MessageSend(
            chat_id=chat_id,
            text=fields.pop("text", "📜 नियम"),
            send_class=send_class,
            not_after=self.clock.now() + valid_for,
            **fields,
        )
        return self.wrap(data, chat_id)

    async def found(self, command: Envelope[Any]) -> Delivery:
        found = await self.deliveries.find(command.id)
        assert found is not None
        return found

    async def facts(self, command: Envelope[Any]) -> list[Any]:
        rows = await self.runtime.outbox.next(10_000)
        events = [decode(row.record.value, row.record.headers) for row in rows]
        return [each.data for each in events if each.causation_id == command.id]

    async def ids(self, command: Envelope[Any]) -> list[str]:
        rows = await self.runtime.outbox.next(10_000)
        events = [decode(row.record.value, row.record.headers) for row in rows]
        return [each.id for each in events if each.causation_id == command.id]

    async def hears(self, chat_id: str, text: str, kind: ChatKind = ChatKind.DIRECT) -> None:
        """Let the gateway's own consumer decide on a message of a member."""
        now = self.clock.now()
        data = MessageReceived(
            chat_id=chat_id,
            chat_kind=kind,
            message_id=str(uuid.uuid4()),
            member_id="m_" + uuid.uuid4().hex[:20],
            sent_at=now,
            kind=MessageKind.TEXT,
            text=text,
        )
        await self._consume(standing(self.standings), self.wrap(data, chat_id))

    async def hears_of(
        self, command: Envelope[MessageSend], status: DeliveryStatus, *codes: int
    ) -> Sequence[Envelope[Any]]:
        """Let the gateway's own consumer decide on a report about a message; return what it publishes."""
        data = DeliveryReported(
            send_id=command.id,
            provider_message=str(uuid.uuid4()),
            chat_id=command.data.chat_id,
            status=status,
            provider_codes=codes,
            reported_at=self.clock.now(),
        )
        table = subscription(self.deliveries, self.unsaid)
        return await self._consume(table, self.wrap(data, command.data.chat_id))

    async def _consume(self, table: Subscription, event: Envelope[Any]) -> Sequence[Envelope[Any]]:
        now = self.clock.now()
        (handler,) = table.handlers

        async def work(session: Session) -> list[Envelope[Any]]:
            key = handler.key(event.data)
            loaded = await LoadedStates.touched_by(session, [(handler.states, key)])
            touched = loaded.touched(handler.states, key)
            decision = handler.decide(touched.state, event, now)
            loaded.keep(touched, decision.state)
            await loaded.save(session)
            rows = rows_of(decision, event, table.consumer, VOICE, now)
            return [decode(row.value, row.headers) for row in rows]

        return await self.runtime.unit_of_work.run(work)

    async def run(self, commands: Sequence[Envelope[Any]], seconds: float) -> dict[str, float]:
        """Act on `commands`, in order per chat and chats side by side, in time that passes by itself.

        Returns the seconds after which each was done; those that were not done in time are missing.
        """
        began, order = self.clock.now(), itertools.count()
        lanes: dict[str, list[Envelope[Any]]] = {}
        for command in commands:
            lanes.setdefault(command.partition_key, []).append(command)
        due = [(0.0, next(order), chat) for chat in lanes]
        heapq.heapify(due)
        done: dict[str, float] = {}
        while due and due[0][0] <= seconds:
            at, _, chat = heapq.heappop(due)
            self.clock.advance(began + dt.timedelta(seconds=at) - self.clock.now())
            try:
                await self.outbound.act(lanes[chat][0])
            except NotYet as again:
                at += again.seconds
            else:
                done[lanes[chat].pop(0).id] = at
            if lanes[chat]:
                heapq.heappush(due, (at, next(order), chat))
        return done


def failure(facts: Sequence[object]) -> str:
    """Return why a message failed, of which nothing else is told."""
    (fact,) = facts
    assert isinstance(fact, MessageFailed)
    return fact.code


def sending_bench(
    mongo: Mongo,
    store: Database,
    pace: Pace = UNPACED,
    through: Channel | None = None,
    pacer: Pacer | None = None,
    *,
    others: Mapping[str, Channel] | None = None,
) -> SendingBench:
    """Return a bench on `store`, which sends through a real channel where one is given.

    `others` are the channels of further accounts.
    """
    # Today, for the database itself forgets what is old; a whole second, for it keeps milliseconds.
    clock = FixedClock(dt.datetime.now(dt.UTC).replace(microsecond=0))
    runtime = Runtime.of(
        "gateway", backend=memory_log(), mongo=mongo, database=store, clock=clock, health=Health()
    )
    identities, deliveries, standings = Identities(store, clock), Deliveries(store, clock), Standings(store)
    channel, messages = ObedientChannel(), KnownByHeart()
    unsaid = Unsaid(store)
    book = Book(runtime, deliveries, unsaid)
    channels = {ACCOUNT: through or channel, **(others or {})}
    ways = Ways(identities, channels, deliveries, messages)
    pacer = pacer or Pacer(dict.fromkeys(channels, pace))
    planner = Planner(
        ways, standings, deliveries, VOICE, names=Names(store, UNKEPT), noise_per_hour=NOISE_PER_HOUR
    )
    sender = Sender(book, ways, planner, pacer, standings, reconcile_seconds=RECONCILE_SECONDS)
    outbound = Outbound(sender, Actions(book, ways, pacer))
    return SendingBench(
        outbound, sender, channel, identities, deliveries, standings, messages, unsaid, runtime, clock
    )
