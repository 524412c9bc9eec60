"""Looks at a log from outside, without taking part in it: what stands there, and how far each group is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.clock import SystemClock
from shared.contracts.topics import topic_named
from shared.log.record import Partition, Record
from shared.store.client import Mongo, database
from shared.store.log import MongoLogStorage

PAGE = 2_000


class View(Protocol):
    """What an observer may ask."""

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        """Return the offset that the next record of each partition gets."""
        ...

    async def committed(self, group: str, topic: str) -> Mapping[Partition, int]:
        """Return where `group` goes on in each partition; 0 where it has not begun."""
        ...

    async def read(self, topic: str, since: Mapping[Partition, int]) -> Sequence[Record]:
        """Return what stands in `topic` from these offsets on, in order within each partition."""
        ...

    async def close(self) -> None:
        """Let go of what the observer needed."""
        ...


def partitions_of(topic: str) -> list[Partition]:
    return [Partition(topic, number) for number in range(topic_named(topic).partitions)]


class LocalView:
    """Looks at a local log through its collections; who owns it makes no difference."""

    def __init__(self, mongo: Mongo, prefix: str) -> None:
        self._database = database(mongo, f"{prefix}_log")
        self._storage = MongoLogStorage(self._database, SystemClock())

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        return {each: await self._end(each) for each in partitions_of(topic)}

    async def committed(self, group: str, topic: str) -> Mapping[Partition, int]:
        positions = await self._storage.load_positions(group)
        return {each: positions.get(each, 0) for each in partitions_of(topic)}

    async def read(self, topic: str, since: Mapping[Partition, int]) -> Sequence[Record]:
        found: list[Record] = []
        for partition in partitions_of(topic):
            position = since.get(partition, 0)
            while page := await self._storage.read(partition, position, PAGE):
                found += page
                position = page[-1].next_offset
        return found

    async def close(self) -> None:
        """Do nothing: the connection is somebody else's."""

    async def _end(self, partition: Partition) -> int:
        name = f"{partition.topic}/{partition.number:05d}"
        span = {"$gt": f"{name}/", "$lt": f"{name}0"}
        last = await self._database["records"].find_one({"_id": span}, {"_id": 1}, sort=[("_id", -1)])
        return int(str(last["_id"]).rsplit("/", 1)[1]) + 1 if last else 0


class KafkaView:
    """Looks at a Kafka log as a reader that is in no group."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._admin: AIOKafkaAdminClient | None = None
        self._reader: AIOKafkaConsumer | None = None

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        reader = await self._reading()
        wanted = [TopicPartition(topic, each.number) for each in partitions_of(topic)]
        return {
            Partition(topic, each.partition): end for each, end in (await reader.end_offsets(wanted)).items()
        }

    async def committed(self, group: str, topic: str) -> Mapping[Partition, int]:
        if self._admin is None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
            await admin.start()
            self._admin = admin
        found = await self._admin.list_consumer_group_offsets(group)
        positions = {Partition(each.topic, each.partition): max(0, at.offset) for each, at in found.items()}
        return {each: positions.get(each, 0) for each in partitions_of(topic)}

    async def read(self, topic: str, since: Mapping[Partition, int]) -> Sequence[Record]:
        reader, ends = await self._reading(), await self.ends(topic)
        wanted = {
            TopicPartition(topic, each.number): since.get(each, 0)
            for each, end in ends.items()
            if since.get(each, 0) < end
        }
        if not wanted:
            return []
        reader.assign(list(wanted))
        for where, offset in wanted.items():
            reader.seek(where, offset)
        found: list[Record] = []
        while any(offset < ends[Partition(topic, where.partition)] for where, offset in wanted.items()):
            for where, records in (await reader.getmany(timeout_ms=1000)).items():
                wanted[where] = records[-1].offset + 1
                found += [
                    Record(
                        topic,
                        where.partition,
                        each.offset,
                        each.key or b"",
                        each.value or b"",
                        {name: value or b"" for name, value in each.headers},
                    )
                    for each in records
                ]
        return found

    async def close(self) -> None:
        if self._reader is not None:
            await self._reader.stop()
        if self._admin is not None:
            await self._admin.close()

    async def _reading(self) -> AIOKafkaConsumer:
        if self._reader is None:
            reader = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap, group_id=None, enable_auto_commit=False
            )
            await reader.start()
            self._reader = reader
        return self._reader
