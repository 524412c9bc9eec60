from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

import pytest

from shared.contracts.topics import Topic
from shared.errors import LogUnavailable
from shared.log.embedded import EmbeddedLog
from shared.log.memory import MemoryStorage
from shared.log.record import NewRecord, Partition, Record

TOPIC = Topic("test.embedded.v1", "test", "key", "For this test.", partitions=4)


class Faltering(MemoryStorage):
    """A storage that is away for one read after so many."""

    def __init__(self) -> None:
        super().__init__()
        self.reads_left: int | None = None

    async def read(self, partition: Partition, offset: int, limit: int) -> Sequence[Record]:
        if self.reads_left is not None:
            if self.reads_left == 0:
                self.reads_left = None
                raise LogUnavailable("The storage is away.")
            self.reads_left -= 1
        return await super().read(partition, offset, limit)


@pytest.mark.parametrize("reads", [0, 1, 2, 3])
async def test_a_storage_that_fails_between_two_partitions_hides_no_record(reads: int):
    storage = Faltering()
    log = EmbeddedLog("memory", storage)
    await log.ensure_topics([TOPIC])
    written = {f"{number}".encode() for number in range(40)}
    await log.append([NewRecord(TOPIC.name, value, value) for value in sorted(written)])
    assert len(storage.records) == TOPIC.partitions
    consumer = await log.subscribe("group", [TOPIC.name])
    storage.reads_left = reads
    with pytest.raises(LogUnavailable):
        await consumer.poll(100, 0)
    assert {record.value for record in await consumer.poll(100, 0)} == written
    await consumer.close()
    await log.stop()


class Waiting(MemoryStorage):
    """A storage whose reads wait until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def read(self, partition: Partition, offset: int, limit: int) -> Sequence[Record]:
        await self.go.wait()
        return await super().read(partition, offset, limit)


async def test_what_is_held_while_it_is_being_read_is_not_returned():
    storage = Waiting()
    log = EmbeddedLog("memory", storage)
    await log.ensure_topics([TOPIC])
    await log.append([NewRecord(TOPIC.name, b"key", b"value")])
    consumer = await log.subscribe("group", [TOPIC.name])
    polling = asyncio.create_task(consumer.poll(10, 0))
    await asyncio.sleep(0)
    (partition,) = storage.records
    await consumer.hold({partition: 0}, math.inf)
    storage.go.set()
    assert not await polling
    await consumer.hold({partition: 0}, 0)
    assert [record.value for record in await consumer.poll(10, 0)] == [b"value"]
    await consumer.close()
    await log.stop()


async def test_a_hold_that_is_shortened_is_noticed_by_a_poll_that_waits():
    log = EmbeddedLog("memory", MemoryStorage())
    await log.ensure_topics([TOPIC])
    await log.append([NewRecord(TOPIC.name, b"key", b"value")])
    consumer = await log.subscribe("group", [TOPIC.name])
    (record,) = await consumer.poll(10, 0)
    await consumer.hold({record.source: 0}, math.inf)
    polling = asyncio.create_task(consumer.poll(10, 30))
    await asyncio.sleep(0)
    await consumer.hold({record.source: 0}, 0)
    async with asyncio.timeout(5):
        assert [each.value for each in await polling] == [b"value"]
    await consumer.close()
    await log.stop()


class Silent(MemoryStorage):
    """Answers only once it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.answering = asyncio.Event()

    async def write(self, records: Sequence[Record]) -> None:
        await self.answering.wait()
        await super().write(records)


async def test_x02_each_append_gives_up_in_its_time_and_the_log_goes_on_when_it_can():
    storage = Silent()
    log = EmbeddedLog("test", storage, append_timeout_seconds=0.02)
    await log.ensure_topics([TOPIC])

    async def later(value: bytes, after: asyncio.Task[None]) -> None:
        await asyncio.wait([after])
        await log.append([NewRecord(TOPIC.name, b"key", value)])

    in_flight = asyncio.create_task(log.append([NewRecord(TOPIC.name, b"key", b"in flight")]))
    waiting = asyncio.create_task(later(b"given up", in_flight))
    outcomes = await asyncio.gather(in_flight, waiting, return_exceptions=True)
    assert [type(each) for each in outcomes] == [LogUnavailable, LogUnavailable]
    storage.answering.set()
    await log.append([NewRecord(TOPIC.name, b"key", b"after it")])
    # What was being written may be there all the same; what only waited may not.
    kept = [record.value for records in storage.records.values() for record in records]
    assert kept == [b"in flight", b"after it"]
    await log.stop()
