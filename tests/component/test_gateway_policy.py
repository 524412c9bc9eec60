"""What may go out now: opt-outs, the window, the noise budget, and who has to wait for whom."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace

import pytest

from services.gateway import consumer
from services.gateway.channels.contract import Accepted, Capability, Refused, TryAgain
from services.gateway.domain.delivery import Stage
from services.gateway.domain.pacing import Pace
from services.gateway.domain.standing import Standing
from services.gateway.store import Standings
from shared.contracts.gateway import (
    ChatKind,
    Choice,
    MessageAccepted,
    MessageFailed,
    SendClass,
    Template,
)
from shared.contracts.topics import TOPICS
from shared.errors import NotYet
from shared.store.unit_of_work import Session
from shared.stream.processor import Processor
from shared.stream.rows import to_record
from tests.support.events import received
from tests.support.sending import ACCOUNT, NOISE_PER_HOUR, SECOND, SendingBench, sending_bench
from tests.support.streams import eventually, running

CLOUD = frozenset({Capability.TEXT, Capability.TEMPLATES, Capability.WINDOW, Capability.CHOICES})
TEMPLATE = Template(name="reminder", language="hi", parameters=("कल शाम 7 बजे",))
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def bench(mongo, store) -> SendingBench:
    return sending_bench(mongo, store)


def failure(facts: list[object]) -> str:
    (fact,) = facts
    assert isinstance(fact, MessageFailed)
    return fact.code


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


async def test_a_person_gets_45_messages_at_once_and_others_do_not_wait(mongo, store):
    bench = sending_bench(mongo, store, Pace(1000.0, burst=500.0, pair_seconds=6.0, pair_burst=45.0))
    loud, calm = await bench.direct(), await bench.direct()
    commands = [bench.message(loud) for _ in range(47)] + [bench.message(calm)]
    done = await bench.run(commands, 60)
    waits = [done[each.id] for each in commands]
    assert waits[:45] == [0.0] * 45
    assert waits[45:47] == pytest.approx([6.0, 12.0], abs=0.01)
    assert waits[47] == 0.0


async def test_what_cannot_go_out_in_time_is_dropped_at_once(mongo, store):
    bench = sending_bench(mongo, store, Pace(1000.0, burst=500.0, pair_seconds=6.0, pair_burst=1.0))
    chat = await bench.direct()
    commands = [bench.message(chat, valid_for=5 * SECOND) for _ in range(2)]
    for command in commands:
        await bench.outbound.act(command)
    assert failure(await bench.facts(commands[1])) == "expired"


async def test_w1_complaints_of_people_stop_what_nobody_asked_for(bench):
    bench.channel.answers = [TryAgain("spam_rate_limited", 60)]
    chats = [await bench.direct() for _ in range(3)]
    with pytest.raises(NotYet):
        await bench.outbound.act(bench.message(chats[0], SendClass.DIGEST, valid_for=HOUR))
    with pytest.raises(NotYet) as resting:
        await bench.outbound.act(bench.message(chats[1], SendClass.DIGEST, valid_for=HOUR))
    assert resting.value.seconds > 60
    await bench.outbound.act(bench.message(chats[2]))
    assert len(bench.channel.sent) == 2


async def test_w1_under_429_on_one_pair_no_other_chat_waits_a_second(mongo, store):
    bench = sending_bench(mongo, store, Pace(80.0, burst=20.0, pair_seconds=6.0, pair_burst=45.0))
    member, phone = await bench.person()
    hot = (await bench.identities.chats("cloud_api", ACCOUNT, {member: ("direct", None)}))[member]
    refusals = [TryAgain("rate_limited", 5), *[TryAgain("pair_rate_limited", 6)] * 4]

    def answer(to: object, asked: object) -> object:
        mine = getattr(to, "person", None) == phone
        return refusals.pop(0) if mine and refusals else Accepted("wamid.1=")

    bench.channel.answer = answer  # type: ignore[assignment]
    others = [await bench.direct() for _ in range(30)]
    commands = [bench.message(hot) for _ in range(3)] + [bench.message(each) for each in others]
    done = await bench.run(commands, 600)
    assert max(done[each.id] for each in commands[3:]) < 1.0
    # Eventually it is delivered, in order, and no sooner than the provider asked for.
    first, second, third = (done[each.id] for each in commands[:3])
    assert 5 + 6 <= first <= second <= third
    for command in commands:
        assert [type(each) for each in await bench.facts(command)] == [MessageAccepted]


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

    async with running(Processor(consumer.standing(standings), bench.runtime)):
        await eventually(both, "both standings")
    # Records of two chats may lie in two partitions, and come in as many batches.
    assert sum(kept) <= 4
    assert not (await standings.of(chats[1])).silenced
    assert (await standings.of(chats[1])).last_inbound == bench.clock.now()
    await bench.runtime.backend.stop()
