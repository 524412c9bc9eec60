"""The newest records of a log in memory: a consumer that keeps up need not ask the database for them."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from itertools import islice

from shared.contracts.topics import Topic
from shared.log.embedded import Positions, Storage
from shared.log.record import Partition, Record

KEPT = 4096
"""Records in all: more than come in a second, for which consumers that collect batches rest."""

LARGEST = 8 * 1024
"""Bytes of the largest value kept; with `KEPT` it bounds the memory, whatever is written."""


class Tail:
    """A storage in front of another one, which stays the only truth: what is here has been written there."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._newest: defaultdict[Partition, deque[Record]] = defaultdict(deque)
        self._in_order: deque[Record] = deque()
        """As they were written, whichever partition they are in; the first one makes room."""

    async def open(self, topics: Collection[Topic]) -> Positions:
        """Forget the newest records, for the storage may know better, and open it."""
        self._newest.clear()
        self._in_order.clear()
        return await self._storage.open(topics)

    async def write(self, records: Sequence[Record]) -> None:
        """Write to the storage, then keep what is small enough."""
        await self._storage.write(records)
        for record in records:
            newest = self._newest[record.source]
            if newest and newest[-1].next_offset != record.offset:
                newest.clear()
            if len(record.value) <= LARGEST:
                newest.append(record)
                self._in_order.append(record)
            else:
                # A gap in here would be taken for the end of the partition.
                newest.clear()
        while len(self._in_order) > KEPT:
            oldest = self._in_order.popleft()
            newest = self._newest[oldest.source]
            if newest and newest[0] is oldest:
                newest.popleft()

    async def read(self, partition: Partition, offset: int, limit: int) -> Sequence[Record]:
        """Return up to `limit` records from `offset` on, from memory if they are there."""
        newest = self._newest.get(partition)
        if not newest or offset < newest[0].offset:
            return await self._storage.read(partition, offset, limit)
        start = offset - newest[0].offset
        return list(islice(newest, start, start + limit))

    async def starts(self) -> Positions:
        """Return what the storage knows."""
        return await self._storage.starts()

    def browse(self, topic: str) -> AsyncIterator[Sequence[Record]]:
        """Return what the storage holds: whoever browses wants the oldest first."""
        return self._storage.browse(topic)

    async def save_positions(self, group: str, positions: Mapping[Partition, int]) -> None:
        """Pass the positions on."""
        await self._storage.save_positions(group, positions)

    async def load_positions(self, group: str) -> Positions:
        """Return what the storage knows."""
        return await self._storage.load_positions(group)

    async def close(self) -> None:
        """Close the storage."""
        await self._storage.close()
