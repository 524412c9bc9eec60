"""Keeps the local log in MongoDB: one collection of records, one of positions, one owner at a time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence

from bson.errors import BSONError
from pymongo import ASCENDING, DESCENDING, UpdateOne, WriteConcern
from pymongo.errors import PyMongoError

from shared.clock import Clock
from shared.contracts.topics import Topic
from shared.errors import LogUnavailable, PermanentError
from shared.log.embedded import PAGE
from shared.log.record import Partition, Record
from shared.observability.logs import get_logger
from shared.store.client import Database, Document
from shared.store.lease import Lease
from shared.tasks import end

log = get_logger(__name__)

OWNERSHIP_SECONDS = 10.0
"""How long to wait for another owner: longer than its lease, should it have died on another machine."""

RENEW_SECONDS = 1.5
FLUSH_SECONDS = 0.25
SWEEP_SECONDS = 600.0

_AFTER_DIGITS = ":"
"""Sorts behind every number."""


class MongoLogStorage:
    """Storage of the local log.

    A record's `_id` sorts by topic, partition and offset, so one index serves uniqueness and reading.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._records = database["records"]
        self._positions = database["positions"].with_options(write_concern=WriteConcern(1))
        self._ends = database["ends"]
        self._lease = Lease(database["leases"], "owner", clock)
        self._clock = clock
        self._unsaved: dict[tuple[str, Partition], int] = {}
        self._chores: list[asyncio.Task[None]] = []
        self._topics: dict[str, Topic] = {}

    async def open(self, topics: Collection[Topic]) -> dict[Partition, int]:
        """Become the owner of the log and return where each partition ends.

        Raises:
            LogUnavailable: another process owns the log, or the database does not answer.
        """
        self._topics |= {topic.name: topic for topic in topics}
        with _translated():
            await self._take_ownership()
            ends = {_partition(str(doc["_id"])): int(str(doc["next"])) async for doc in self._ends.find()}
            wanted = [
                Partition(topic.name, n) for topic in self._topics.values() for n in range(topic.partitions)
            ]
            for partition, last in zip(
                wanted, await asyncio.gather(*map(self._last_offset, wanted)), strict=True
            ):
                ends[partition] = max(ends.get(partition, 0), last + 1)
        if not self._chores:
            self._chores = [
                asyncio.create_task(self._renew_forever(), name="local-log-lease"),
                asyncio.create_task(self._sweep_forever(), name="local-log-retention"),
                asyncio.create_task(self._flush_forever(), name="local-log-positions"),
            ]
        return ends

    async def write(self, records: Sequence[Record]) -> None:
        """Insert `records` in order, journaled on a majority."""
        if not self._lease.held:
            raise LogUnavailable("This process no longer owns the local log.")
        now = self._clock.now()
        documents: list[Document] = [
            {
                "_id": _record_id(record.source, record.offset),
                "key": record.key,
                "value": record.value,
                "headers": record.headers,
                "at": now,
            }
            for record in records
        ]
        with _translated():
            await self._records.insert_many(documents, ordered=True)

    async def read(self, partition: Partition, offset: int, limit: int) -> Sequence[Record]:
        """Return up to `limit` records from `offset` on.

        Raises:
            LogUnavailable: the database does not answer, or retention has removed the record at `offset`
                before it was read: going on silently would lose it.
        """
        span = {"$gte": _record_id(partition, offset), "$lt": _record_id(partition, 10**16 - 1)}
        with _translated():
            found = await self._records.find({"_id": span}).sort("_id", ASCENDING).limit(limit).to_list()
        records = [_to_record(partition, document) for document in found]
        gap = not records or records[0].offset > offset
        if gap and await self._removed_before(partition) > offset:
            raise LogUnavailable(f"Records of {partition.topic} were removed before they were read.")
        # A write in flight may show a later record first; what follows a gap is read once it is closed.
        return [record for place, record in enumerate(records) if record.offset == offset + place]

    async def starts(self) -> dict[Partition, int]:
        """Return the first offset that retention has left, where it has removed any."""
        with _translated():
            return {_partition(str(doc["_id"])): int(str(doc["first"])) async for doc in self._ends.find()}

    async def browse(self, topic: str) -> AsyncIterator[Sequence[Record]]:
        """Yield what stands in `topic` now; see `Backend.browse`.

        Asks for no ownership, so that it works beside the process that has it.
        """
        with _translated():
            last_ids = [last async for last in self._last_ids(topic)]
        for last_id in last_ids:
            partition = _partition(last_id.rsplit("/", 1)[0])
            after = {"$gte": _record_id(partition, 0)}
            while True:
                with _translated():
                    cursor = self._records.find({"_id": {**after, "$lte": last_id}}).sort("_id", ASCENDING)
                    found = await cursor.limit(PAGE).to_list()
                if not found:
                    break
                yield [_to_record(partition, document) for document in found]
                after = {"$gt": str(found[-1]["_id"])}

    async def _last_ids(self, topic: str) -> AsyncIterator[str]:
        """Yield the id of the last record of each partition of `topic`, going from one to the next."""
        beyond = f"{topic}/"
        while first := await self._records.find_one(
            {"_id": {"$gt": beyond, "$lt": f"{topic}/{_AFTER_DIGITS}"}}, {"_id": 1}, sort=[("_id", ASCENDING)]
        ):
            partition = _partition(str(first["_id"]).rsplit("/", 1)[0])
            yield _record_id(partition, await self._last_offset(partition))
            beyond = _record_id(partition, 10**16 - 1)

    async def save_positions(self, group: str, positions: Mapping[Partition, int]) -> None:
        """Take note of the positions of `group`; they are stored within `FLUSH_SECONDS`.

        What a crash loses of them only causes redelivery, which every inbox absorbs.
        """
        self._unsaved |= {(group, partition): next_offset for partition, next_offset in positions.items()}

    async def _flush_positions(self) -> None:
        unsaved, self._unsaved = self._unsaved, {}
        if not unsaved:
            return
        try:
            await self._positions.bulk_write(
                [
                    UpdateOne(
                        {"_id": f"{group}|{_partition_id(partition)}"},
                        {"$set": {"group": group, "next": next_offset}},
                        upsert=True,
                    )
                    for (group, partition), next_offset in unsaved.items()
                ],
                ordered=False,
            )
        except BaseException as error:
            # Cancelled too: the last flush, at the stop, makes up for it.
            self._unsaved = unsaved | self._unsaved
            if not isinstance(error, PyMongoError):
                raise
            log.warning("local_log.positions_not_saved", error=type(error).__name__)

    async def _flush_forever(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self._flush_positions()

    async def load_positions(self, group: str) -> dict[Partition, int]:
        """Return the positions of `group`."""
        await self._flush_positions()
        with _translated():
            found = await self._positions.find({"group": group}).to_list()
        return {_partition(str(doc["_id"]).split("|", 1)[1]): int(str(doc["next"])) for doc in found}

    async def close(self) -> None:
        """Give up ownership, so that the next process can start at once."""
        await end(*self._chores)
        await self._flush_positions()
        with contextlib.suppress(PyMongoError):
            await self._lease.release()

    async def _last_offset(self, partition: Partition) -> int:
        span = {"$gte": _record_id(partition, 0), "$lt": _record_id(partition, 10**16 - 1)}
        last = await self._records.find_one({"_id": span}, {"_id": 1}, sort=[("_id", DESCENDING)])
        return int(str(last["_id"]).rsplit("/", 1)[1]) if last else -1

    async def _removed_before(self, partition: Partition) -> int:
        with _translated():
            end = await self._ends.find_one({"_id": _partition_id(partition)})
        return int(str(end["first"])) if end else 0

    async def _take_ownership(self) -> None:
        deadline = time.monotonic() + OWNERSHIP_SECONDS
        while not await self._lease.hold():
            if time.monotonic() > deadline:
                raise LogUnavailable(
                    "Another process uses this local log. Stop it, or run several on KAFKA_BOOTSTRAP_SERVERS."
                )
            await asyncio.sleep(0.1)

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                if not await self._lease.hold():
                    log.error("local_log.ownership_lost")
            except PyMongoError as error:
                log.warning("local_log.lease_not_renewed", error=type(error).__name__)

    async def _sweep_forever(self) -> None:
        while True:
            for topic in list(self._topics.values()):
                try:
                    await self.sweep(topic)
                except PyMongoError as error:
                    log.warning("local_log.not_swept", topic=topic.name, error=type(error).__name__)
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self, topic: Topic) -> int:
        """Remove what is older than the retention of `topic`; return how many records that were.

        Where a partition begins and ends is written down first: an emptied one must not count from 0 again.
        """
        oldest = self._clock.now() - topic.retention
        removed = 0
        for partition in (Partition(topic.name, number) for number in range(topic.partitions)):
            last = await self._last_offset(partition)
            span = {"$gte": _record_id(partition, 0), "$lte": _record_id(partition, max(last, 0))}
            kept = await self._records.find_one(
                {"_id": span, "at": {"$gte": oldest}}, {"_id": 1}, sort=[("_id", ASCENDING)]
            )
            first = int(str(kept["_id"]).rsplit("/", 1)[1]) if kept else last + 1
            if last < 0 or first == 0:
                continue
            await self._ends.update_one(
                {"_id": _partition_id(partition)}, {"$max": {"next": last + 1, "first": first}}, upsert=True
            )
            below = {"$gte": _record_id(partition, 0), "$lt": _record_id(partition, first)}
            removed += (await self._records.delete_many({"_id": below})).deleted_count
        return removed


def _partition_id(partition: Partition) -> str:
    return f"{partition.topic}/{partition.number:05d}"


def _record_id(partition: Partition, offset: int) -> str:
    return f"{partition.topic}/{partition.number:05d}/{offset:016d}"


def _partition(text: str) -> Partition:
    topic, number = text.rsplit("/", 1)
    return Partition(topic, int(number))


def _to_record(partition: Partition, document: Document) -> Record:
    headers = document["headers"]
    offset = int(str(document["_id"]).rsplit("/", 1)[1])
    key, value = document["key"], document["value"]
    assert isinstance(key, bytes) and isinstance(value, bytes) and isinstance(headers, dict)  # noqa: S101, PT018
    return Record(partition.topic, partition.number, offset, key, value, headers)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BSONError, OverflowError) as error:
        raise PermanentError(f"The local log cannot hold this record: {type(error).__name__}.") from error
    except PyMongoError as error:
        raise LogUnavailable(
            f"The database of the local log does not answer: {type(error).__name__}."
        ) from error
