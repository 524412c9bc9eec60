"""How fast messages go out: who has to wait for whom, and for how long."""

from __future__ import annotations

import datetime as dt

import pytest
import structlog

from services.gateway.channels.contract import Accepted, Refused, TryAgain
from services.gateway.domain.pacing import Pace
from shared.contracts.gateway import MessageAccepted, SendClass
from shared.errors import InTurn, NotYet
from tests.support.sending import ACCOUNT, SECOND, SendingBench, failure, sending_bench

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def bench(mongo, store) -> SendingBench:
    return sending_bench(mongo, store)


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


async def test_a13_what_waits_for_its_turn_says_so(mongo, store):
    bench = sending_bench(mongo, store, Pace(1000.0, burst=500.0, per_hour=1))
    for _ in range(2):
        last = bench.message(await bench.group(), valid_for=2 * HOUR)
        if not bench.channel.sent:
            await bench.outbound.act(last)
    with pytest.raises(InTurn) as waiting:
        await bench.outbound.act(last)
    assert waiting.value.seconds == 3600


async def test_a13_a_warning_of_whatsapp_stops_what_nobody_asked_for_for_a_day(bench):
    bench.channel.answers = [Refused("account_restricted")]
    first = bench.message(await bench.direct(), SendClass.DIGEST)
    with structlog.testing.capture_logs() as logs:
        await bench.outbound.act(first)
    assert failure(await bench.facts(first)) == "account_restricted"
    assert [each["log_level"] for each in logs if each["event"] == "gateway.bulk_stopped"] == ["error"]
    with pytest.raises(InTurn) as resting:
        await bench.outbound.act(bench.message(await bench.direct(), SendClass.DIGEST, 48 * HOUR))
    assert resting.value.seconds == 24 * 3600
    await bench.outbound.act(bench.message(await bench.direct()))
    assert len(bench.channel.sent) == 2
