"""What is to happen later happens once, through restarts, and not at all when it is too late."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from dataclasses import replace

import pytest

from shared.contracts.envelope import decode
from shared.contracts.gateway import MessageReceived, MessageSend, SendClass
from shared.contracts.topics import OUTBOUND
from shared.decision import Cancel, Decision, Wake
from shared.errors import StoreUnavailable
from shared.observability.metrics import REGISTRY
from shared.store.timers import Timers
from shared.stream import processor as processor_module
from shared.stream import timekeeper as module
from shared.stream.desk import Desk
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.rows import timers_of
from shared.stream.subscription import Handler, Subscription
from shared.stream.timekeeper import Timekeeper
from tests.support import events
from tests.support.streams import Bench, eventually, everything, running
from tests.support.tally import Tallies, Tally

CHAT = events.chat_id(1)
IN_AN_HOUR = events.NOW + dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look as the loops do, only more often."""
    monkeypatch.setattr(processor_module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(module, "SWEEP_SECONDS", 0.02)


def reminder(name: str = "r", due: dt.datetime = IN_AN_HOUR, **other: object) -> Wake:
    data = MessageSend(
        chat_id=CHAT,
        text=f"reminder {name}",
        send_class=SendClass.REMINDER,
        not_after=due + dt.timedelta(days=1),
    )
    return Wake(name, due, data, CHAT, **other)  # type: ignore[arg-type]


def planning(place: Bench, *wakes: Wake | Cancel) -> Processor:
    """Return a consumer that sets these timers whenever it hears anything."""

    def decide(tally: Tally, event: object, now: dt.datetime) -> Decision[Tally]:
        return Decision(replace(tally, heard=(*tally.heard, "x")), wake=wakes)

    handler = Handler(
        MessageReceived, key=lambda data: data.chat_id, states=Tallies(place.database), decide=decide
    )
    return Processor(Subscription("plans", "moderation", (handler,)), place.runtime())


def keeper(place: Bench) -> Timekeeper:
    return Timekeeper(place.runtime(), place.database)


async def planned(place: Bench, number: int, *wakes: Wake | Cancel) -> None:
    """Let a consumer set these timers."""
    before = len((await Tallies(place.database).of(CHAT)).heard)
    await place.log.append([events.record(events.received(number, chat=CHAT))])
    async with running(planning(place, *wakes)):

        async def done() -> bool:
            return len((await Tallies(place.database).of(CHAT)).heard) > before

        await eventually(done, "the plan")


async def fired(place: Bench) -> list[str]:
    """Return what the outbox holds, in order."""
    rows = await place.database["_outbox"].find().sort("_id", 1).to_list()
    return [decode(row["value"], row["headers"]).data.text for row in rows]  # type: ignore[arg-type, attr-defined]


def counted(outcome: str) -> float:
    labels = {"service": "moderation", "outcome": outcome}
    return REGISTRY.get_sample_value("chaupal_timers_total", labels) or 0.0


async def test_a_timer_fires_when_it_is_due_and_once(one_place: Bench) -> None:
    await planned(one_place, 1, reminder())
    timekeeper = keeper(one_place)
    assert await timekeeper.fire() == 0
    one_place.clock.advance(dt.timedelta(hours=1))
    assert await timekeeper.fire() == 1
    assert await timekeeper.fire() == 0
    assert await fired(one_place) == ["reminder r"]


async def test_it_follows_from_what_set_it_and_says_when_it_was_due(one_place: Bench) -> None:
    await planned(one_place, 1, reminder())
    one_place.clock.advance(dt.timedelta(hours=1, seconds=1))
    await keeper(one_place).fire()
    (row,) = await one_place.database["_outbox"].find().to_list()
    assert row["topic"] == OUTBOUND.name
    event = decode(row["value"], row["headers"])  # type: ignore[arg-type]
    cause = events.received(1, chat=CHAT)
    assert (event.causation_id, event.correlation_id) == (cause.id, cause.correlation_id)
    assert event.time == one_place.clock.now()
    assert event.due == IN_AN_HOUR
    assert not event.late


async def test_a_timer_that_is_set_again_moves(one_place: Bench) -> None:
    await planned(one_place, 1, reminder())
    await planned(one_place, 2, reminder(due=IN_AN_HOUR + dt.timedelta(hours=1)))
    one_place.clock.advance(dt.timedelta(hours=1))
    assert await keeper(one_place).fire() == 0
    one_place.clock.advance(dt.timedelta(hours=1))
    assert await keeper(one_place).fire() == 1


async def test_a_cancelled_timer_never_fires(one_place: Bench) -> None:
    await planned(one_place, 1, reminder("a"), reminder("b"))
    await planned(one_place, 2, Cancel("a"), Cancel("never heard of"))
    one_place.clock.advance(dt.timedelta(hours=2))
    await keeper(one_place).fire()
    assert await fired(one_place) == ["reminder b"]


async def test_within_one_batch_the_last_word_counts(one_place: Bench) -> None:
    await planned(one_place, 1, reminder("a"), Cancel("a"), Cancel("b"), reminder("b"))
    one_place.clock.advance(dt.timedelta(hours=2))
    await keeper(one_place).fire()
    assert await fired(one_place) == ["reminder b"]


async def test_x03_set_again_to_the_time_at_which_it_has_fired_it_is_the_same_event(one_place: Bench) -> None:
    ids = set()
    for number in range(2):
        await planned(one_place, number, reminder())
        one_place.clock.advance(dt.timedelta(hours=1))
        await keeper(one_place).fire()
        ids |= {row["headers"]["ce_id"] for row in await one_place.database["_outbox"].find().to_list()}  # type: ignore[index]
    assert len(ids) == 1


async def test_a_late_one_says_so(one_place: Bench) -> None:
    before = counted("late")
    await planned(one_place, 1, reminder())
    one_place.clock.advance(dt.timedelta(hours=2))
    await keeper(one_place).fire()
    (row,) = await one_place.database["_outbox"].find().to_list()
    assert decode(row["value"], row["headers"]).late  # type: ignore[arg-type]
    assert counted("late") == before + 1


async def test_one_that_is_too_late_is_dropped_and_counted(one_place: Bench) -> None:
    before = counted("expired")
    await planned(one_place, 1, reminder(valid_for=dt.timedelta(minutes=30)), reminder("b"))
    one_place.clock.advance(dt.timedelta(hours=1, minutes=30, seconds=1))
    assert await keeper(one_place).fire() == 2
    assert await fired(one_place) == ["reminder b"]
    assert counted("expired") == before + 1
    assert await one_place.database["_timers"].count_documents({}) == 0


async def test_they_fire_in_the_order_in_which_they_were_due(one_place: Bench) -> None:
    wakes = [reminder(str(n), IN_AN_HOUR + dt.timedelta(minutes=n)) for n in (2, 0, 1)]
    await planned(one_place, 1, *wakes)
    one_place.clock.advance(dt.timedelta(hours=2))
    await keeper(one_place).fire()
    assert await fired(one_place) == ["reminder 0", "reminder 1", "reminder 2"]


async def test_five_thousand_due_at_once_fire_once_each_although_two_keepers_try(one_place: Bench) -> None:
    timers = one_place.runtime().timers
    wakes = [reminder(str(n)) for n in range(5000)]
    cause = events.received(1, chat=CHAT)
    changes = timers_of(Decision(None, wake=tuple(wakes)), cause, "plans")
    await one_place.runtime().unit_of_work.run(lambda session: timers.apply(session, changes))
    one_place.clock.advance(dt.timedelta(hours=1))

    async def all_of_them(timekeeper: Timekeeper) -> None:
        more = True
        while more:
            # Two that never let each other through are away for now: the loop waits and tries again.
            with contextlib.suppress(StoreUnavailable):
                more = bool(await timekeeper.fire())

    await asyncio.gather(*(all_of_them(keeper(one_place)) for _ in range(2)))
    texts = await fired(one_place)
    assert len(texts) == 5000
    assert len(set(texts)) == 5000


async def test_a_timer_that_came_due_while_nobody_ran_fires_at_the_start(place: Bench) -> None:
    await planned(place, 1, reminder())
    place.clock.advance(dt.timedelta(hours=3))
    async with running(Relay(place.runtime(), place.database), keeper(place)):

        async def published() -> bool:
            return len(await everything(place.log, OUTBOUND.name)) == 1

        await eventually(published, "the reminder")
    (record,) = await everything(place.log, OUTBOUND.name)
    assert decode(record.value, record.headers).late


async def test_a_running_keeper_hears_of_a_new_timer_at_once(
    one_place: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_SECONDS", 3600.0)
    async with running(keeper(one_place)):
        await planned(one_place, 1, reminder(due=events.NOW))

        async def fires() -> bool:
            return await fired(one_place) == ["reminder r"]

        await eventually(fires, "the reminder")


async def test_a_request_sets_a_timer_with_the_state_that_it_changes(one_place: Bench) -> None:
    desk = Desk("plans", Tallies(one_place.database), one_place.runtime(), None)  # type: ignore[arg-type]
    await desk.decide(CHAT, lambda tally, now: Decision(replace(tally, heard=("x",)), wake=(reminder(),)))
    one_place.clock.advance(dt.timedelta(hours=1))
    assert await keeper(one_place).fire() == 1


async def test_a_plan_that_is_rolled_back_leaves_no_timer(one_place: Bench) -> None:
    timers = Timers(one_place.database)
    changes = timers_of(Decision(None, wake=(reminder(),)), events.received(1), "plans")

    async def fails(session: object) -> None:
        await timers.apply(session, changes)  # type: ignore[arg-type]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await one_place.runtime().unit_of_work.run(fails)
    assert await timers.next_due() is None


def test_a_timer_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        reminder(due=dt.datetime(2026, 11, 5, 6))  # noqa: DTZ001
