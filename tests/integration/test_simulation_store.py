"""The store of the simulation must not lie: what holds on MongoDB holds on it, and no more."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import pytest

from shared.clock import FixedClock
from shared.errors import Conflict, PermanentError
from shared.log.record import NewRecord, Record
from shared.store.client import Database, Mongo, connect, database
from shared.store.lease import Lease
from shared.store.mailboxes import Inbox, Outbox
from shared.store.migrations import collections, migrate
from shared.store.parking import Parking
from shared.store.timers import Timer, Timers
from shared.store.unit_of_work import UnitOfWork
from tests.simulation import driver
from tests.simulation.store import Store
from tests.support.events import NOW
from tests.support.streams import forget
from tests.support.tally import Tallies, Tally

MINUTE = dt.timedelta(minutes=1)


@dataclass
class Place:
    mongo: Mongo
    database: Database
    clock: FixedClock

    @property
    def unit(self) -> UnitOfWork:
        return UnitOfWork(self.mongo)

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.database, self.clock)

    @property
    def parking(self) -> Parking:
        return Parking(self.database, self.clock)


@pytest.fixture(params=["mongodb", "simulated"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    clock = FixedClock(NOW)
    if request.param == "simulated":
        made, line = Store(asyncio.get_running_loop().time), driver.Straight()
        yield Place(
            cast("Mongo", driver.Client(made, line)), cast("Database", driver.Database(made, line)), clock
        )
        return
    name = f"t_{uuid.uuid4().hex[:12]}"
    mongo = connect(request.getfixturevalue("mongo_url"), application="test")
    try:
        place = database(mongo, name)
        await migrate(place, clock, [collections("0001_simulation", tallies=[], deliveries=[])])
        yield Place(mongo, place, clock)
    finally:
        await forget(mongo, name)
        await mongo.close()


class Turns:
    """Two transactions that meet: each opens its gates and waits at those of the other one."""

    def __init__(self) -> None:
        self._gates: dict[str, asyncio.Event] = {}

    def open(self, gate: str) -> None:
        self._gates.setdefault(gate, asyncio.Event()).set()

    async def wait(self, gate: str) -> None:
        async with asyncio.timeout(20):
            await self._gates.setdefault(gate, asyncio.Event()).wait()


def row(number: int, topic: str = "topic") -> NewRecord:
    return NewRecord(topic, b"key\x00\xff", f"value {number}".encode(), {"ce_id": f"{number}".encode()})


def record(number: int, key: bytes = b"k") -> Record:
    return Record("topic", 1, number, key, f"value {number}".encode(), {"ce_id": f"{number}".encode()})


def timer(name: str, minutes: float) -> Timer:
    return Timer(name, NOW + minutes * MINUTE, NOW + (minutes + 60) * MINUTE, row(1))


class TestInbox:
    async def test_an_id_is_taken_once(self, store: Place) -> None:
        await store.unit.run(lambda session: store.inbox.add(session, "a", ["1", "2"]))
        await store.unit.run(lambda session: store.inbox.add(session, "b", ["1"]))
        with pytest.raises(Conflict):
            await store.unit.run(lambda session: store.inbox.add(session, "a", ["3", "2"]))
        seen = await store.unit.run(lambda session: store.inbox.seen(session, "a", ["1", "2", "3"]))
        assert seen == {"1", "2"}

    async def test_a_transaction_sees_what_it_has_written_itself(self, store: Place) -> None:
        async def work(session: Any) -> frozenset[str]:
            await store.inbox.add(session, "a", ["1"])
            return await store.inbox.seen(session, "a", ["1", "2"])

        assert await store.unit.run(work) == {"1"}

    async def test_of_two_that_take_an_id_at_once_one_runs_again_and_meets_it(self, store: Place) -> None:
        turns, tries = Turns(), [0, 0]

        async def first(session: Any) -> None:
            tries[0] += 1
            await store.inbox.add(session, "a", ["1"])
            turns.open("first wrote")
            await turns.wait("second failed")

        async def second(session: Any) -> None:
            tries[1] += 1
            await turns.wait("first wrote")
            try:
                await store.inbox.add(session, "a", ["1"])
            finally:
                turns.open("second failed")

        outcomes = await asyncio.gather(store.unit.run(first), store.unit.run(second), return_exceptions=True)
        assert outcomes[0] is None
        assert isinstance(outcomes[1], Conflict)
        assert tries[0] == 1
        assert tries[1] > 1

    async def test_what_was_committed_after_the_snapshot_is_a_race_and_not_a_duplicate(
        self, store: Place
    ) -> None:
        tries = 0

        async def late(session: Any) -> bool:
            nonlocal tries
            tries += 1
            seen = await store.inbox.seen(session, "a", ["1"])
            if tries == 1:
                await store.unit.run(lambda other: store.inbox.add(other, "a", ["1"]))
            if not seen:
                await store.inbox.add(session, "a", ["1"])
            return bool(seen)

        assert await store.unit.run(late)
        assert tries == 2


class TestStates:
    async def test_a_snapshot_does_not_change_under_its_reader(self, store: Place) -> None:
        tallies = Tallies(store.database)

        async def work(session: Any) -> list[tuple[str, ...]]:
            found = [(await tallies.load(session, ["c"]))["c"].heard]
            await store.unit.run(lambda other: tallies.save(other, {"c": Tally("c", ("1",))}))
            found.append((await tallies.load(session, ["c"]))["c"].heard)
            return found

        assert await store.unit.run(work) == [(), ()]
        assert (await tallies.of("c")).heard == ("1",)

    async def test_of_two_that_change_a_state_both_changes_stay(self, store: Place) -> None:
        tallies, turns = Tallies(store.database), Turns()
        tries = 0

        def hearing(name: str, mine: str, other: str):
            async def work(session: Any) -> None:
                nonlocal tries
                tries += 1
                heard = (await tallies.load(session, ["c"]))["c"].heard
                turns.open(mine)
                await turns.wait(other)
                await tallies.save(session, {"c": Tally("c", (*heard, name))})

            return work

        await asyncio.gather(store.unit.run(hearing("1", "a", "b")), store.unit.run(hearing("2", "b", "a")))
        assert sorted((await tallies.of("c")).heard) == ["1", "2"]
        assert tries > 2

    async def test_what_fails_leaves_nothing(self, store: Place) -> None:
        tallies = Tallies(store.database)

        async def work(session: Any) -> None:
            await store.inbox.add(session, "a", ["1"])
            await tallies.save(session, {"c": Tally("c", ("1",))})
            assert (await tallies.of("c")).heard == ()
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await store.unit.run(work)
        assert (await tallies.of("c")).heard == ()
        await store.unit.run(lambda session: store.inbox.add(session, "a", ["1"]))

    async def test_what_no_document_holds_is_refused(self, store: Place) -> None:
        tallies = Tallies(store.database)
        huge = Tally("c", note="x" * 17 * 1024 * 1024)
        with pytest.raises(PermanentError):
            await store.unit.run(lambda session: tallies.save(session, {"c": huge}))

    async def test_who_writes_without_a_transaction_waits_for_the_one_that_wrote(self, store: Place) -> None:
        deliveries, written, order = store.database["deliveries"], asyncio.Event(), []

        async def work(session: Any) -> None:
            await deliveries.update_one({"_id": "1"}, {"$set": {"by": "work"}}, upsert=True, session=session)
            written.set()
            await asyncio.sleep(0.2)
            order.append("transaction")

        async def beside() -> None:
            await written.wait()
            await deliveries.update_one({"_id": "1"}, {"$set": {"by": "beside"}}, upsert=True)
            order.append("beside")

        await asyncio.gather(store.unit.run(work), beside())
        assert order == ["transaction", "beside"]
        assert (await deliveries.find_one({"_id": "1"}) or {})["by"] == "beside"


class TestOutbox:
    async def test_rows_come_in_the_order_of_their_decisions_until_they_are_deleted(
        self, store: Place
    ) -> None:
        first, second = (Outbox(store.database, store.clock) for _ in range(2))
        await store.unit.run(lambda session: first.add(session, [row(1), row(2)]))
        store.clock.advance(MINUTE)
        await store.unit.run(lambda session: second.add(session, [row(3)]))
        found = await first.next(2)
        assert [each.record for each in found] == [row(1), row(2)]
        assert found[0].at == NOW
        await first.delete([each.id for each in found])
        assert [each.record for each in await first.next(10)] == [row(3)]

    async def test_a_refused_row_waits_until_it_is_offered_again(self, store: Place) -> None:
        outbox = Outbox(store.database, store.clock)
        await store.unit.run(lambda session: outbox.add(session, [row(1), row(2)]))
        first, second = await outbox.next(10)
        await outbox.refuse(first.id, "permanent")
        assert await outbox.next(10) == [second]
        await outbox.offer_again("another")
        assert await outbox.next(10) == [second]
        await outbox.offer_again("topic")
        assert await outbox.next(10) == [first, second]


class TestParking:
    async def test_who_waits_is_called_in_order(self, store: Place) -> None:
        parking = store.parking
        await store.unit.run(lambda session: parking.hold_up(session, "a", b"\xff", "head"))
        records = [record(n, b"\xff") for n in range(3)]
        assert await store.unit.run(lambda session: parking.add(session, "a", records[:2]))
        assert await store.unit.run(lambda session: parking.add(session, "a", records[2:]))
        assert await parking.keys("a") == {b"\xff"}
        assert await parking.keys("b") == frozenset()
        heads = await store.unit.run(lambda session: parking.heads(session, "a", [b"\xff", b"k"]))
        assert heads == {b"\xff": "head"}
        waiting = await store.unit.run(lambda session: parking.waiting(session, "a", b"\xff", 2))
        assert [each.record for each in waiting] == records[:2]
        await store.unit.run(lambda session: parking.remove(session, [each.id for each in waiting]))
        (last,) = await store.unit.run(lambda session: parking.waiting(session, "a", b"\xff", 2))
        assert last.record == records[2]
        await store.unit.run(lambda session: parking.give_up(session, "a", b"\xff"))
        assert not await store.unit.run(lambda session: parking.add(session, "a", records[:1]))

    async def test_another_head_takes_the_place_of_the_one_it_is_told_of_and_of_no_other(
        self, store: Place
    ) -> None:
        parking = store.parking

        async def hold_up(head: str, instead_of: str | None = None) -> str:
            await store.unit.run(
                partial(parking.hold_up, consumer="a", key=b"k", head=head, instead_of=instead_of)
            )
            assert await store.unit.run(lambda session: parking.add(session, "a", [record(1)]))
            return (await store.unit.run(lambda session: parking.heads(session, "a", [b"k"])))[b"k"]

        assert await hold_up("1") == "1"
        assert await hold_up("2") == "1"
        assert await hold_up("2", instead_of="0") == "1"
        assert await hold_up("2", instead_of="1") == "2"

    async def test_nobody_is_left_behind_in_a_queue_that_is_given_up(self, store: Place) -> None:
        parking, turns = store.parking, Turns()
        await store.unit.run(lambda session: parking.hold_up(session, "a", b"k", "head"))

        async def give_up(session: Any) -> None:
            assert not await parking.waiting(session, "a", b"k", 1)
            await parking.give_up(session, "a", b"k")
            turns.open("given up")
            await turns.wait("tried")

        async def add(session: Any) -> bool:
            await turns.wait("given up")
            try:
                return await parking.add(session, "a", [record(1)])
            finally:
                turns.open("tried")

        _, added = await asyncio.gather(store.unit.run(give_up), store.unit.run(add))
        assert not added
        assert not await store.unit.run(lambda session: parking.waiting(session, "a", b"k", 1))


class TestTimers:
    async def test_a_timer_is_set_moved_cancelled_and_taken_away(self, store: Place) -> None:
        timers = Timers(store.database)
        changes = {"a": timer("a", 5), "b": timer("b", 1), "c": timer("c", 2)}
        await store.unit.run(lambda session: timers.apply(session, changes))
        await store.unit.run(
            lambda session: timers.apply(session, {"a": timer("a", 0.5), "c": None, "d": None})
        )
        assert await timers.next_due() == NOW + 0.5 * MINUTE
        due = await store.unit.run(lambda session: timers.due(session, NOW + MINUTE, 10))
        assert due == [timer("a", 0.5), timer("b", 1)]
        first = await store.unit.run(lambda session: timers.due(session, NOW + MINUTE, 1))
        assert first == due[:1]
        await store.unit.run(lambda session: timers.remove(session, ["a", "b", "x"]))
        assert await timers.next_due() is None

    async def test_of_two_that_fire_a_timer_one_does(self, store: Place) -> None:
        timers, turns = Timers(store.database), Turns()
        await store.unit.run(lambda session: timers.apply(session, {"a": timer("a", 1)}))

        def firing(mine: str, other: str):
            async def work(session: Any) -> list[str]:
                due = [each.name for each in await timers.due(session, NOW + MINUTE, 10)]
                turns.open(mine)
                await turns.wait(other)
                if due:
                    await timers.remove(session, due)
                return due

            return work

        fired = await asyncio.gather(store.unit.run(firing("a", "b")), store.unit.run(firing("b", "a")))
        assert sorted(fired) == [[], ["a"]]


class TestLease:
    async def test_one_holds_it_until_it_lets_go(self, store: Place) -> None:
        first, second = (Lease(store.database["_leases"], "relay", store.clock) for _ in range(2))
        assert await first.hold()
        assert not await second.hold()
        assert await first.hold()
        await first.release()
        assert await second.hold()
        assert not await first.hold()
        assert (first.epoch, second.epoch) == (1, 2)

    async def test_it_ends_by_itself(self, store: Place) -> None:
        first, second = (Lease(store.database["_leases"], "relay", store.clock) for _ in range(2))
        assert await first.hold()
        store.clock.advance(MINUTE)
        assert await second.hold()
        await first.release()
        assert await second.hold()
