"""Events on the real store: races, duplicates and processes that die come to one seat and one reminder."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import pytest

from services.events.consumer import subscription
from services.events.domain.listening import Listener
from services.events.domain.roll import Entry, Roll, Seat
from services.events.domain.webinar import Webinar, webinar_id
from services.events.store import MIGRATIONS, Webinars
from shared import faults, patience
from shared.contracts.base import EventModel
from shared.contracts.envelope import decode
from shared.contracts.gateway import MessageSend
from shared.contracts.topics import TOPICS, dead_letter_topic
from shared.contracts.webinars import RegistrationConfirmed, ReminderDue, WebinarScheduled
from shared.faults import InjectedFault
from shared.log.backend import Backend
from shared.store.migrations import migrate
from shared.stream import processor as module
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.rows import to_record
from shared.stream.timekeeper import Timekeeper
from tests.support import events
from tests.support.event_stores import stores_in
from tests.support.events import chat_id, member_id
from tests.support.moderation import happens, writes
from tests.support.streams import Bench, bench, eventually, new_log, running, started
from tests.support.webinars import CODES, NOW, PUBLIC_URL, VOICE

SCOPE = f"chat:{chat_id(0)}"
WEBINAR = webinar_id(SCOPE, 1)
STARTS = NOW + dt.timedelta(days=1)
DLQ = dead_letter_topic("events").name
EventT = TypeVar("EventT", bound=EventModel)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as the loops do, only less long."""
    monkeypatch.setattr(module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.1,))


@pytest.fixture
async def place(mongo_url: str) -> AsyncIterator[Bench]:
    """A group with one session of a hundred seats, tomorrow."""
    async with bench(mongo_url, "memory") as made:
        made.service = "events"
        await migrate(made.database, made.clock, MIGRATIONS)
        made.clock.advance(NOW - made.clock.now())
        webinar = Webinar(
            webinar_id=WEBINAR,
            scope=SCOPE,
            number=1,
            chat_id=chat_id(0),
            title="SEO वेबिनार",
            wall="2026-11-24T10:00:00",
            zone="Asia/Kolkata",
            starts_at=STARTS,
            minutes=60,
            host=None,
            created_at=NOW,
            changed_at=NOW,
            capacity=100,
        )
        stores = stores_in(made.database)
        await made.runtime().unit_of_work.run(
            lambda session: stores.webinars.save(session, {WEBINAR: webinar})
        )
        yield made


def processor(place: Bench, log: Backend | None = None) -> Processor:
    table = subscription(stores_in(place.database), Listener(CODES, PUBLIC_URL), CODES, PUBLIC_URL)
    return Processor(table, place.runtime(log=log), VOICE)


async def caught_up(place: Bench, log: Backend | None = None) -> None:
    heard = processor(place, log).topics

    async def committed() -> bool:
        group = (log or place.log)._groups.get("events")  # type: ignore[attr-defined]
        return group is not None and all(
            group.committed.get(each, 0) == end for each, end in group.ends.items() if each.topic in heard
        )

    await eventually(committed, "the end of the log")


async def handled(place: Bench, *envelopes: Any) -> None:
    await place.log.append([events.record(each) for each in envelopes])
    async with running(processor(place)):
        await caught_up(place)
    assert await place.database["_outbox"].count_documents({"topic": DLQ}) == 0


async def roll(place: Bench) -> Roll:
    found = await stores_in(place.database).rolls.load(None, [WEBINAR])  # type: ignore[arg-type]
    return found[WEBINAR]


async def told(place: Bench, kind: type[EventT]) -> list[EventT]:
    rows: list[dict[str, Any]] = await place.database["_outbox"].find().sort("_id", 1).to_list()
    found = [decode(row["value"], row["headers"]).data for row in rows]
    return [each for each in found if isinstance(each, kind)]


async def test_b2_04_registrations_that_come_doubled_and_to_two_processes_fill_each_seat_once(
    place: Bench,
) -> None:
    wishes = [writes(number, "!शामिल 1", by=number) for number in range(1, 301)]
    again = random.Random(7).sample(wishes, 150)  # noqa: S311 - the same every time
    async with started(new_log("memory", place.database), TOPICS) as other:
        await place.log.append([events.record(each) for each in [*wishes[:200], *again]])
        await other.append([events.record(each) for each in [*wishes[100:], *again]])
        async with running(processor(place), processor(place, other)):
            await asyncio.gather(caught_up(place), caught_up(place, other))

    now = await roll(place)
    assert now.taken == len(now.having(Seat.CONFIRMED)) == 100
    assert len(now.queue) == len(set(now.queue)) == 200
    assert len(await told(place, RegistrationConfirmed)) == 100
    assert len(await told(place, MessageSend)) == 300
    assert await place.database["_outbox"].count_documents({"topic": DLQ}) == 0


@pytest.mark.parametrize("point", ["after_poll", "mid_batch", "in_txn", "after_txn_before_commit"])
async def test_x03_a_process_that_dies_while_reminding_reminds_each_person_once(
    place: Bench, point: str
) -> None:
    await handled(place, *(writes(number, "!शामिल 1", by=number) for number in range(1, 61)))
    await place.database["_outbox"].delete_many({})
    place.clock.advance(dt.timedelta(hours=23))
    due = ReminderDue(webinar_id=WEBINAR, chat_id=chat_id(0), before_minutes=60, starts_at=STARTS)
    await place.log.append([to_record(happens(due, at=STARTS - dt.timedelta(hours=1)))])

    faults.install(faults.Plan(f"{point}:raise"))
    try:
        with pytest.raises(InjectedFault):
            await processor(place).run()
    finally:
        faults.uninstall()
    await handled(place)

    reminded = [each.member_id for each in await told(place, MessageSend)]
    assert sorted(filter(None, reminded)) == [member_id(number) for number in range(1, 61)]


async def test_b2_06_of_reminders_that_an_outage_has_held_up_the_nearest_alone_is_sent(place: Bench) -> None:
    stores = stores_in(place.database)
    chats = await stores.chats.load(None, [chat_id(0)])  # type: ignore[arg-type]
    admin = type(chats[chat_id(0)])(chat_id(0), known=True, admins=frozenset({member_id(1)}), language="hi")
    community = (await stores.communities.load(None, [SCOPE]))[SCOPE]  # type: ignore[arg-type]
    numbered = type(community)(SCOPE, next_number=2)

    async def prepare(session: Any) -> None:
        await stores.chats.save(session, {chat_id(0): admin})
        await stores.communities.save(session, {SCOPE: numbered})

    await place.runtime().unit_of_work.run(prepare)
    await handled(place, writes(1, "!कार्यक्रम नया SEO वेबिनार कल शाम साढ़े सात बजे", by=1))
    await handled(place, writes(2, "हाँ", by=1), writes(3, "!शामिल 2", by=2))
    assert len(await told(place, WebinarScheduled)) == 1
    assert await place.database["_timers"].count_documents({}) == 5

    place.clock.advance(dt.timedelta(hours=32, minutes=35))
    runtime = place.runtime()
    await Timekeeper(runtime, place.database).fire()

    async def published() -> bool:
        return await place.database["_outbox"].count_documents({}) == 0

    async with running(Relay(runtime, place.database), processor(place)):
        await eventually(published, "everything published")
        await caught_up(place)
        await eventually(published, "what followed published")
    reminders = [
        decode(each.value, each.headers).data
        async for page in place.log.browse("gateway.outbound.v1")
        for each in page
        if each.headers["ce_type"] == MessageSend.TYPE.encode()
    ]
    texts = [each.text for each in reminders if isinstance(each, MessageSend) and each.member_id]
    assert len(texts) == 1
    assert texts[0].startswith("⏰")


async def test_ten_thousand_who_race_for_a_hundred_seats_leave_a_hundred_and_an_ordered_queue(
    place: Bench,
) -> None:
    people = 10_000
    for start in range(1, people + 1, 500):
        wishes = (writes(number, "!शामिल 1", by=number) for number in range(start, start + 500))
        await place.log.append([events.record(each) for each in wishes])
    async with running(processor(place)):
        await caught_up(place)

    now = await roll(place)
    order = [member_id(number) for number in range(1, people + 1)]
    assert now.taken == 100
    assert list(now.having(Seat.CONFIRMED)) == sorted(order[:100])
    assert list(now.queue) == order[100:]


async def test_b2_06_five_thousand_reminders_of_one_minute_go_out_once_though_processes_die(
    place: Bench,
) -> None:
    stores, people = stores_in(place.database), [member_id(number) for number in range(1, 5001)]
    full = Roll(WEBINAR, {member: Entry(Seat.CONFIRMED, NOW) for member in people}, taken=len(people))
    await place.runtime().unit_of_work.run(lambda session: stores.rolls.save(session, {WEBINAR: full}))
    place.clock.advance(dt.timedelta(hours=23))
    due = ReminderDue(webinar_id=WEBINAR, chat_id=chat_id(0), before_minutes=60, starts_at=STARTS)
    await place.log.append([to_record(happens(due, at=place.clock.now()))])
    relay = Relay(place.runtime(), place.database)

    async def published() -> bool:
        return await place.database["_outbox"].count_documents({}) == 0

    async with running(relay):
        for point in ("in_txn:raise@3", "after_txn_before_commit:raise@4", "mid_batch:raise@5"):
            faults.install(faults.Plan(point))
            try:
                with pytest.raises(InjectedFault):
                    await processor(place).run()
            finally:
                faults.uninstall()
        async with running(processor(place)):
            for _ in range(len(people) // 250 + 1):
                await caught_up(place)
                await eventually(published, "what was decided")

    told: list[str | None] = []
    async for page in place.log.browse("gateway.outbound.v1"):
        found = [decode(each.value, each.headers).data for each in page]
        told += [each.member_id for each in found if isinstance(each, MessageSend)]
    assert sorted(filter(None, told)) == people


async def test_what_the_rolls_come_to_is_counted_in_the_store(place: Bench) -> None:
    webinars = Webinars(place.database)
    empty = await webinars.tally(NOW)
    await handled(place, *(writes(number, "!शामिल 1", by=number) for number in range(1, 121)))
    full = await webinars.tally(NOW)

    assert (empty.taken, empty.waiting, empty.stages) == (0, 0, {"scheduled": 1})
    assert (full.taken, full.waiting) == (100, 20)


async def test_a_stream_that_is_read_again_in_any_order_says_and_changes_nothing(place: Bench) -> None:
    rng = random.Random(11)  # noqa: S311 - the same every time
    story = [
        writes(
            at, rng.choice(["!शामिल 1", "!नहीं 1", "!सवाल 1 फ़ीस कितनी?", "!कार्यक्रम 1"]), by=rng.randint(1, 40)
        )
        for at in range(1, 121)
    ]
    await handled(place, *story)
    before = await _all_that_is_known(place)
    assert before["rolls"]
    assert before["_outbox"]

    again = rng.sample(story, len(story))
    await handled(place, *again, *rng.sample(story, 30))

    assert await _all_that_is_known(place) == before


async def _all_that_is_known(place: Bench) -> dict[str, list[dict[str, Any]]]:
    names = [*await place.database.list_collection_names()]
    # How far the log was read, and what was read, is what differs.
    kept = [each for each in sorted(names) if each == "_outbox" or not each.startswith("_")]
    return {name: await place.database[name].find().sort("_id", 1).to_list() for name in kept}
