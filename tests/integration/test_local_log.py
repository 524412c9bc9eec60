from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import time
import uuid
from collections.abc import AsyncIterator

import pytest

from deploy.local.mongod import LocalMongod
from deploy.local.process import free_port
from shared.clock import FixedClock, SystemClock
from shared.contracts.topics import Topic
from shared.errors import LogUnavailable, PermanentError
from shared.log.embedded import EmbeddedLog
from shared.log.local import local_log
from shared.log.record import NewRecord, Record
from shared.store.client import Database, connect, database
from shared.store.log import MongoLogStorage
from tests.support.events import NOW
from tests.support.processes import a_pid_of_the_past
from tests.support.streams import done, eventually, everything, forget, lost_connections, started, take

TOPIC = Topic("local.test.v1", "test", "key", "Of one test.", partitions=2, retention=dt.timedelta(days=14))


def new(number: int, key: bytes = b"key") -> NewRecord:
    return NewRecord(TOPIC.name, key, b"%d" % number)


@pytest.fixture
async def place(mongo_url: str) -> AsyncIterator[Database]:
    mongo = connect(mongo_url, application="test")
    name = f"t_{uuid.uuid4().hex[:12]}_log"
    try:
        yield database(mongo, name)
        await forget(mongo, name)
    finally:
        await mongo.close()


def open_log(place: Database) -> contextlib.AbstractAsyncContextManager[EmbeddedLog]:
    return started(local_log(MongoLogStorage(place, SystemClock())), [TOPIC])  # type: ignore[return-value]


class TestOwnership:
    async def test_a_second_owner_is_refused_with_a_sentence(
        self, place: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("shared.store.log.OWNERSHIP_SECONDS", 0.0)
        async with open_log(place) as first:
            second = local_log(MongoLogStorage(place, SystemClock()))
            with pytest.raises(LogUnavailable, match="Another process uses this local log") as refused:
                await second.ensure_topics([TOPIC])
            assert "KAFKA_BOOTSTRAP_SERVERS" in refused.value.sentence
            await first.append([new(1)])

    async def test_an_owner_that_stopped_leaves_the_log_to_the_next(self, place: Database) -> None:
        async with open_log(place) as first:
            await first.append([new(1)])
        async with open_log(place) as second:
            await second.append([new(2)])
            assert [each.offset for each in await everything(second, TOPIC.name)] == [0, 1]

    async def test_what_a_killed_owner_held_is_taken_at_once(
        self, place: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("shared.store.log.OWNERSHIP_SECONDS", 0.0)
        async with open_log(place) as first:
            await first.append([new(1)])
        gone = await asyncio.to_thread(a_pid_of_the_past)
        lasting = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        holder = {"token": "killed", "host": socket.gethostname(), "pid": gone}
        await place["leases"].update_one({"_id": "owner"}, {"$set": {**holder, "expires": lasting}})
        async with open_log(place) as second:
            assert [each.value for each in await everything(second, TOPIC.name)] == [b"1"]

    async def test_an_owner_on_another_machine_is_waited_for(
        self, place: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("shared.store.log.OWNERSHIP_SECONDS", 0.0)
        lasting = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        elsewhere = {"token": "far", "host": "elsewhere.example", "pid": 1, "expires": lasting, "epoch": 1}
        await place["leases"].insert_one({"_id": "owner", **elsewhere})
        log = local_log(MongoLogStorage(place, SystemClock()))
        with pytest.raises(LogUnavailable, match="Another process"):
            await log.ensure_topics([TOPIC])

    async def test_an_owner_that_was_overtaken_writes_nothing_more(self, place: Database) -> None:
        storage = MongoLogStorage(place, SystemClock())
        async with started(local_log(storage), [TOPIC]) as first:
            await first.append([new(1)])
            # As after a long sleep of the machine: the lease ran out, and somebody else has it.
            storage._lease._until = 0.0
            with pytest.raises(LogUnavailable):
                await first.append([new(2)])


class TestRetention:
    async def test_an_emptied_partition_goes_on_counting(self, place: Database) -> None:
        clock = FixedClock(NOW)
        storage = MongoLogStorage(place, clock)
        async with started(local_log(storage), [TOPIC]) as log:
            await log.append([new(n) for n in range(3)])
            clock.advance(dt.timedelta(days=15))
            assert await storage.sweep(TOPIC) == 3
            assert await storage.sweep(TOPIC) == 0
            clock.advance(-dt.timedelta(days=15))
        clock = FixedClock(dt.datetime.now(dt.UTC))
        async with started(local_log(MongoLogStorage(place, clock)), [TOPIC]) as log:
            consumer = await log.subscribe("late", [TOPIC.name])
            await consumer.commit(dict.fromkeys(consumer.assignment, 3))
            await consumer.close()
            await log.append([new(4)])
            consumer = await log.subscribe("late", [TOPIC.name])
            (record,) = await take(consumer, 1)
            assert (record.offset, record.value) == (3, b"4")
            await consumer.close()

    async def test_only_what_is_old_is_removed(self, place: Database) -> None:
        clock = FixedClock(NOW)
        storage = MongoLogStorage(place, clock)
        async with started(local_log(storage), [TOPIC]) as log:
            consumer = await log.subscribe("group", [TOPIC.name])
            await log.append([new(1), new(2)])
            await consumer.commit(done(await take(consumer, 2)))
            clock.advance(dt.timedelta(days=10))
            await log.append([new(3)])
            clock.advance(dt.timedelta(days=5))
            assert await storage.sweep(TOPIC) == 2
            assert [each.value for each in await take(consumer, 1)] == [b"3"]
            await consumer.close()

    @pytest.mark.parametrize("later", [True, False], ids=["something came later", "nothing came later"])
    async def test_records_removed_before_they_were_read_are_missed_aloud(
        self, place: Database, *, later: bool
    ) -> None:
        clock = FixedClock(NOW)
        storage = MongoLogStorage(place, clock)
        # Without the newest records in memory: it is about a reader that is far behind.
        async with started(EmbeddedLog("local", storage), [TOPIC]) as log:
            consumer = await log.subscribe("slow", [TOPIC.name])
            await log.append([new(1), new(2)])
            clock.advance(dt.timedelta(days=15))
            if later:
                await log.append([new(3)])
            await storage.sweep(TOPIC)
            with pytest.raises(LogUnavailable, match="removed before they were read"):
                await consumer.poll(10, 1.0)
            await consumer.close()

    async def test_a_new_group_and_whoever_browses_start_at_the_first_record_that_is_left(
        self, place: Database
    ) -> None:
        clock = FixedClock(NOW)
        storage = MongoLogStorage(place, clock)
        async with started(local_log(storage), [TOPIC]) as log:
            await log.append([new(n) for n in range(3)])
            clock.advance(dt.timedelta(days=15))
            await log.append([new(n) for n in range(3, 6)])
            await storage.sweep(TOPIC)
            consumer = await log.subscribe("new", [TOPIC.name])
            assert [each.offset for each in await take(consumer, 3)] == [3, 4, 5]
            await consumer.close()
            beside = local_log(MongoLogStorage(place, SystemClock()))
            assert [[each.offset for each in page] async for page in beside.browse(TOPIC.name)] == [[3, 4, 5]]


class TestBrowsing:
    async def test_topics_whose_names_begin_alike_are_kept_apart(self, place: Database) -> None:
        names = [TOPIC.name, f"{TOPIC.name}.more", f"{TOPIC.name}0", TOPIC.name[:-1]]
        topics = [Topic(name, "test", "key", "Of one test.", partitions=2) for name in names]
        async with started(local_log(MongoLogStorage(place, SystemClock())), topics) as log:
            await log.append([NewRecord(name, b"%d" % n, name.encode()) for name in names for n in range(4)])
            for name in names:
                found = [each async for page in log.browse(name) for each in page]
                assert [each.value for each in found] == [name.encode()] * 4

    async def test_a_database_that_is_away_is_said_so(self) -> None:
        with lost_connections():
            mongo = connect(f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0", application="test")
            log = local_log(MongoLogStorage(database(mongo, "nowhere"), SystemClock()))
            with pytest.raises(LogUnavailable):
                await anext(log.browse(TOPIC.name))
            await mongo.close()


class TestStorage:
    async def test_what_the_store_cannot_hold_is_refused_for_good_and_stops_nobody(
        self, place: Database
    ) -> None:
        async with open_log(place) as log:
            with pytest.raises(PermanentError):
                await log.append([NewRecord(TOPIC.name, b"k", b"v", {"with\0nul": b""})])
            await log.append([new(1)])
            assert [each.value for each in await everything(log, TOPIC.name)] == [b"1"]

    async def test_waiting_appends_share_a_write(self, place: Database) -> None:
        writes: list[int] = []

        class Counted(MongoLogStorage):
            async def write(self, records) -> None:
                writes.append(len(records))
                await super().write(records)

        async with started(local_log(Counted(place, SystemClock())), [TOPIC]) as log:
            await asyncio.gather(*(log.append([new(n)]) for n in range(100)))
            assert sum(writes) == 100
            assert len(writes) < 10

    async def test_what_nobody_waits_for_any_more_is_not_written(self, place: Database) -> None:
        hold = asyncio.Event()

        class Slow(MongoLogStorage):
            async def write(self, records) -> None:
                await hold.wait()
                await super().write(records)

        log = EmbeddedLog("local", Slow(place, SystemClock()), append_timeout_seconds=0.05)
        async with started(log, [TOPIC]):
            first = asyncio.create_task(log.append([new(1)]))
            second = asyncio.create_task(log.append([new(2)]))
            for each in (first, second):
                with pytest.raises(LogUnavailable):
                    await each
            with pytest.raises(LogUnavailable):
                await log.append([new(3)])
            hold.set()
            await log.append([new(4)])
            written = [each.value for each in await everything(log, TOPIC.name)]
        # The first two were with the storage already; the third had not been.
        assert written == [b"1", b"2", b"4"]


class TestDatabaseAway:
    @pytest.mark.parametrize("end", ["stop", "kill"])
    async def test_x02_while_the_database_is_away_nothing_is_acknowledged_and_later_nothing_is_missing(
        self, mongod: LocalMongod, end: str
    ) -> None:
        mongo = connect(mongod.url, application="test")
        acknowledged: list[int] = []
        refused: list[int] = []

        async def append(log: EmbeddedLog, number: int) -> bool:
            try:
                await log.append([new(number, b"%d" % (number % 5))])
            except LogUnavailable:
                refused.append(number)
                return False
            acknowledged.append(number)
            return True

        numbers = iter(range(10_000))
        async with open_log(database(mongo, "away_log")) as log:
            assert await append(log, next(numbers))
            # Some are under way when it goes.
            under_way = [asyncio.create_task(append(log, next(numbers))) for _ in range(50)]
            await asyncio.to_thread(getattr(mongod, end))
            await asyncio.gather(*under_way)
            began = time.monotonic()
            assert not await append(log, next(numbers))
            assert time.monotonic() - began < 3.0
            await asyncio.to_thread(mongod.start)
            await eventually(lambda: append(log, next(numbers)), "an acknowledgement")
            for _ in range(20):
                assert await append(log, next(numbers))
            kept = await everything(log, TOPIC.name)
        await mongo.close()
        assert refused
        found = [int(each.value) for each in kept]
        assert sorted(acknowledged) == [each for each in sorted(found) if each in set(acknowledged)]
        assert len(found) == len(set(found))
        for partition in range(TOPIC.partitions):
            offsets = [each.offset for each in kept if each.partition == partition]
            assert offsets == list(range(len(offsets)))

    async def test_a_reader_is_told_and_reads_on_where_it_was(self, mongod: LocalMongod) -> None:
        mongo = connect(mongod.url, application="test")
        # Without the newest records in memory: it is about a reader that is far behind.
        storage = MongoLogStorage(database(mongo, "away_log"), SystemClock())
        async with started(EmbeddedLog("local", storage), [TOPIC]) as log:
            consumer = await log.subscribe("group", [TOPIC.name])
            await log.append([new(n) for n in range(4)])
            await consumer.commit(done((await take(consumer, 2))[:2]))
            await asyncio.to_thread(mongod.kill)
            with pytest.raises(LogUnavailable):
                await consumer.poll(10, 0.5)
            await asyncio.to_thread(mongod.start)

            async def answers() -> bool:
                try:
                    found.extend(await consumer.poll(10, 0.5))
                except LogUnavailable:
                    return False
                return bool(found)

            found: list[Record] = []
            await eventually(answers, "the rest of the records")
            assert [each.value for each in found] == [b"2", b"3"]
            await consumer.close()
        await mongo.close()
