"""What may go out now: opt-outs, the window, the noise budget, and who has to wait for whom."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from services.gateway import consumer
from services.gateway.channels.contract import Capability, Refused
from services.gateway.domain.delivery import Stage
from services.gateway.domain.pacing import Pace
from services.gateway.domain.standing import Standing
from services.gateway.store import MIGRATIONS, Standings
from shared.clock import SystemClock
from shared.contracts.envelope import decode
from shared.contracts.gateway import (
    ChatKind,
    Choice,
    MessageAccepted,
    SendClass,
    Template,
)
from shared.contracts.topics import DELIVERY, OUTBOUND, TOPICS, dead_letter_topic
from shared.decision import Phrase
from shared.log.record import Partition, Record
from shared.store.client import Database, Mongo, database
from shared.store.migrations import migrate
from shared.store.unit_of_work import Session
from shared.stream import effects as effects_module
from shared.stream.effects import Effects
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.retry import split_due
from shared.stream.rows import to_record
from tests.support.events import received
from tests.support.sending import NOISE_PER_HOUR, SECOND, VOICE, SendingBench, failure, sending_bench
from tests.support.streams import eventually, everything, running

CLOUD = frozenset({Capability.TEXT, Capability.TEMPLATES, Capability.WINDOW, Capability.CHOICES})
TEMPLATE = Template(name="reminder", language="hi", parameters=("कल शाम 7 बजे",))
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def bench(mongo, store) -> SendingBench:
    return sending_bench(mongo, store)


@pytest.fixture
async def own(mongo: Mongo) -> AsyncIterator[Database]:
    """A database for each test whose loops empty an outbox."""
    opened = database(mongo, f"policy_{uuid.uuid4().hex[:12]}")
    await migrate(opened, SystemClock(), MIGRATIONS)
    yield opened
    await mongo.drop_database(opened.name)


@pytest.mark.parametrize("send_class", [SendClass.REMINDER, SendClass.DIGEST])
async def test_b8_04_who_said_stop_gets_no_reminder_and_still_gets_replies(bench, send_class):
    chat = await bench.direct()
    await bench.hears(chat, "रोकें")
    reminder, reply = bench.message(chat, send_class), bench.message(chat)
    await bench.outbound.act(reminder)
    await bench.outbound.act(reply)
    assert len(bench.channel.sent) == 1
    assert failure(await bench.facts(reminder)) == "opted_out"
    assert isinstance((await bench.facts(reply))[0], MessageAccepted)
    await bench.hears(chat, "शुरू")
    again = bench.message(chat, send_class)
    await bench.outbound.act(again)
    assert isinstance((await bench.facts(again))[0], MessageAccepted)


async def test_b8_04_a_sentence_with_the_word_in_it_stops_nothing(bench):
    chat = await bench.direct()
    await bench.hears(chat, "सर बस रोकें वाली फाइल भेजो")
    reminder = bench.message(chat, SendClass.REMINDER)
    await bench.outbound.act(reminder)
    assert isinstance((await bench.facts(reminder))[0], MessageAccepted)


async def test_who_has_opted_out_at_the_provider_is_left_alone_from_then_on(bench):
    chat = await bench.direct()
    bench.channel.answers = [Refused("opted_out", 131050)]
    first, second = bench.message(chat, SendClass.DIGEST), bench.message(chat, SendClass.DIGEST)
    await bench.outbound.act(first)
    await bench.outbound.act(second)
    assert len(bench.channel.sent) == 1
    assert failure(await bench.facts(second)) == "opted_out"


async def test_a_reminder_within_the_window_goes_out_as_it_is(bench):
    bench.channel.offered = CLOUD
    chat = await bench.direct()
    await bench.hears(chat, "नमस्ते")
    bench.clock.advance(23 * HOUR)
    await bench.outbound.act(bench.message(chat, SendClass.REMINDER, fallback=TEMPLATE))
    assert bench.channel.sent[0][1].template is None


async def test_a_reminder_outside_the_window_goes_out_as_a_template(bench):
    bench.channel.offered = CLOUD
    chat = await bench.direct()
    await bench.hears(chat, "नमस्ते")
    bench.clock.advance(24 * HOUR)
    await bench.outbound.act(bench.message(chat, SendClass.REMINDER, fallback=TEMPLATE))
    assert bench.channel.sent[0][1].template == TEMPLATE


async def test_a_reminder_outside_the_window_without_a_template_is_dropped_with_the_reason(bench):
    bench.channel.offered = CLOUD
    chat = await bench.direct()
    command = bench.message(chat, SendClass.REMINDER)
    await bench.outbound.act(command)
    assert bench.channel.sent == []
    assert failure(await bench.facts(command)) == "window_closed"
    assert (await bench.found(command)).stage is Stage.FAILED


async def test_any_member_opens_the_window_of_a_group(bench):
    bench.channel.offered = CLOUD
    chat = await bench.group()
    await bench.hears(chat, "नमस्ते", kind=ChatKind.GROUP)
    await bench.outbound.act(bench.message(chat, SendClass.REMINDER))
    assert len(bench.channel.sent) == 1


async def test_a_reply_does_not_wait_for_our_own_note_of_what_it_answers(bench):
    bench.channel.offered = CLOUD
    await bench.outbound.act(bench.message(await bench.direct()))
    assert len(bench.channel.sent) == 1


async def test_a_reply_costs_no_question_more(bench, monkeypatch):
    async def asked(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(bench.standings, "of", asked)
    monkeypatch.setattr(bench.deliveries, "heard", asked)
    bench.channel.offered = CLOUD
    for chat in (await bench.direct(), await bench.group()):
        await bench.outbound.act(bench.message(chat))
    assert len(bench.channel.sent) == 2


async def test_a_reply_that_the_provider_finds_too_late_goes_out_as_a_template(bench):
    bench.channel.offered = CLOUD
    bench.channel.answers = [Refused("window_closed", 131047)]
    command = bench.message(await bench.direct(), fallback=TEMPLATE)
    await bench.outbound.act(command)
    assert [each.template for _, each in bench.channel.sent] == [None, TEMPLATE]
    assert (await bench.found(command)).attempts == 1
    assert isinstance((await bench.facts(command))[0], MessageAccepted)


async def test_x14_a_group_hears_so_many_reminders_an_hour(bench):
    chat = await bench.group()
    commands = [bench.message(chat, SendClass.DIGEST) for _ in range(NOISE_PER_HOUR + 2)]
    for command in commands:
        await bench.outbound.act(command)
    assert len(bench.channel.sent) == NOISE_PER_HOUR
    assert [failure(await bench.facts(each)) for each in commands[NOISE_PER_HOUR:]] == ["noise_budget"] * 2
    for send_class in (SendClass.REPLY, SendClass.SAFETY):
        await bench.outbound.act(bench.message(chat, send_class))
    assert len(bench.channel.sent) == NOISE_PER_HOUR + 2
    await bench.outbound.act(bench.message(await bench.group(), SendClass.DIGEST))
    bench.clock.advance(HOUR + SECOND)
    await bench.outbound.act(bench.message(chat, SendClass.DIGEST))
    assert len(bench.channel.sent) == NOISE_PER_HOUR + 4


async def test_what_was_not_delivered_is_no_noise(bench):
    chat = await bench.group()
    bench.channel.answers = [Refused("rejected", 100)] * NOISE_PER_HOUR
    for _ in range(NOISE_PER_HOUR + 1):
        await bench.outbound.act(bench.message(chat, SendClass.REMINDER))
    assert len(bench.channel.sent) == NOISE_PER_HOUR + 1


async def test_a_dropped_reminder_stays_dropped_when_its_command_comes_again(bench):
    chat = await bench.direct()
    await bench.hears(chat, "stop")
    command = bench.message(chat, SendClass.REMINDER)
    await bench.outbound.act(command)
    await bench.hears(chat, "start")
    await bench.outbound.act(command)
    assert bench.channel.sent == []
    assert failure(await bench.facts(command)) == "opted_out"


async def test_what_the_channel_cannot_do_is_said_in_words(bench):
    bench.channel.offered = frozenset({Capability.TEXT})
    choices = (Choice(id="a", title="हाँ"), Choice(id="b", title="नहीं"))
    await bench.outbound.act(bench.message(await bench.group(), text="आएँगे?", choices=choices))
    assert bench.channel.sent[0][1].text == "आएँगे?\n\n1. हाँ\n2. नहीं"


async def test_what_members_write_costs_one_write_per_chat_and_batch(bench, store):
    kept: list[int] = []

    class Counted(Standings):
        async def save(self, session: Session, changed: Mapping[str, Standing]) -> None:
            kept.append(len(changed))
            await super().save(session, changed)

    chats = [await bench.direct() for _ in range(2)]
    records = []
    for number in range(40):
        heard = received(number, chat=chats[number % 2], text="stop" if number == 38 else "नमस्ते")
        direct = heard.data.model_copy(update={"chat_kind": ChatKind.DIRECT, "sent_at": bench.clock.now()})
        records.append(to_record(replace(heard, id=str(uuid.uuid4()), data=direct)))
    await bench.runtime.backend.start()
    await bench.runtime.backend.ensure_topics(TOPICS)
    await bench.runtime.backend.append(records)
    standings = Counted(store)

    async def both() -> bool:
        stopped, other = [await standings.of(chat) for chat in chats]
        return stopped.silenced and other.last_inbound is not None

    async with running(Processor(consumer.standing(standings), bench.runtime, VOICE)):
        await eventually(both, "both standings")
    # Records of two chats may lie in two partitions, and come in as many batches.
    assert sum(kept) <= 4
    assert not (await standings.of(chats[1])).silenced
    assert (await standings.of(chats[1])).last_inbound == bench.clock.now()
    await bench.runtime.backend.stop()


async def test_b8_04_who_stops_is_told_once_and_through_the_stop_however_often_it_is_delivered(mongo, own):
    bench = sending_bench(mongo, own)
    runtime, backend = bench.runtime, bench.runtime.backend
    chat = await bench.direct()
    await backend.start()
    await backend.ensure_topics(TOPICS)
    records = []
    for number, text in enumerate(("रोकें", "रोकें", "शुरू", "जी")):
        heard = received(number, chat=chat, text=text)
        at = bench.clock.now() + number * SECOND
        data = heard.data.model_copy(update={"chat_kind": ChatKind.DIRECT, "sent_at": at})
        records += [to_record(replace(heard, id=str(uuid.uuid4()), data=data, time=at))] * 3
    bench.clock.advance(4 * SECOND)

    async def said() -> list[str]:
        commands = await everything(backend, OUTBOUND.name)
        found: list[Any] = [decode(each.value, each.headers).data for each in commands]
        return [each.text for each in found]

    async def both() -> bool:
        heard = (await bench.standings.of(chat)).last_inbound
        return heard == bench.clock.now() - SECOND and len(bench.channel.sent) == 2

    loops: list[Any] = [
        Relay(runtime, own),
        Processor(consumer.standing(bench.standings), runtime, VOICE),
        Effects(consumer.sending(bench.outbound), runtime),
    ]
    async with running(*loops):
        # One at a time: what is in one batch is one repetition less to be met.
        for record in records:
            await backend.append([record])
        await eventually(both, "the two answers")
    texts = [VOICE.text(Phrase(key), "hi") for key in ("stop.done", "start.done")]
    assert [each.text for _, each in bench.channel.sent] == texts == await said()
    await backend.stop()


async def test_a13_what_waits_for_the_cap_of_the_hour_goes_out_or_expires_and_is_never_set_aside(
    mongo, own, monkeypatch
):
    monkeypatch.setattr(effects_module, "POLL_SECONDS", 0.02)

    def looked_at_often(*args: Any) -> tuple[list[Record], dict[Partition, tuple[int, float]]]:
        # A partition rests in time that passes by itself; here it is the clock that is moved on.
        ready, resting = split_due(*args)
        return ready, {each: (offset, 0.01) for each, (offset, _) in resting.items()}

    monkeypatch.setattr(effects_module, "split_due", looked_at_often)
    bench = sending_bench(mongo, own, Pace(1000.0, burst=500.0, per_hour=2))
    runtime, backend = bench.runtime, bench.runtime.backend
    await backend.start()
    await backend.ensure_topics(TOPICS)
    capped = [bench.message(await bench.direct(), SendClass.REPLY, 26 * HOUR) for _ in range(9)]
    hurried = bench.message(await bench.direct(), SendClass.REPLY, 10 * SECOND)
    outcomes: dict[str, str] = {}

    async def told() -> bool:
        for each in await everything(backend, DELIVERY.name):
            data: Any = decode(each.value, each.headers).data
            outcomes[data.send_id] = getattr(data, "code", "accepted")
        bench.clock.advance(dt.timedelta(minutes=6))
        return len(outcomes) == len(capped) + 1

    async def full() -> bool:
        return len(bench.channel.sent) == 2

    await backend.append([to_record(each) for each in capped])
    began = bench.clock.now()
    loops: list[Any] = [Relay(runtime, own), Effects(consumer.sending(bench.outbound), runtime)]
    async with running(*loops):
        await eventually(full, "the cap of the hour")
        await backend.append([to_record(hurried)])
        await eventually(told, "the end of all")
    assert outcomes == {**{each.id: "accepted" for each in capped}, hurried.id: "expired"}
    assert bench.clock.now() - began > 4 * HOUR
    assert await everything(backend, dead_letter_topic("gateway").name) == []
    await backend.stop()
