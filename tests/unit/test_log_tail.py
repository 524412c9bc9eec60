from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared.log.memory import MemoryStorage
from shared.log.record import Partition, Record
from shared.log.tail import KEPT, LARGEST, Tail

QUIET, BUSY = Partition("chaupal.quiet", 0), Partition("chaupal.busy", 3)


class Storage(MemoryStorage):
    """Counts how often it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def read(self, partition: Partition, offset: int, limit: int) -> Sequence[Record]:
        self.reads += 1
        return await super().read(partition, offset, limit)


def records(where: Partition, count: int, start: int = 0, size: int = 1) -> list[Record]:
    return [
        Record(where.topic, where.number, offset, b"key", b"x" * size, {})
        for offset in range(start, start + count)
    ]


async def test_who_keeps_up_asks_the_storage_for_nothing():
    storage = Storage()
    tail = Tail(storage)
    await tail.write(records(BUSY, KEPT))
    assert await tail.read(BUSY, 0, 2 * KEPT) == records(BUSY, KEPT)
    assert await tail.read(BUSY, KEPT - 3, 2) == records(BUSY, 2, KEPT - 3)
    assert storage.reads == 0


async def test_all_partitions_together_keep_no_more_than_the_bound_and_lose_nothing():
    storage = Storage()
    tail = Tail(storage)
    await tail.write(records(QUIET, 2))
    await tail.write(records(BUSY, KEPT - 1))
    assert await tail.read(QUIET, 1, 10) == records(QUIET, 1, 1)
    assert storage.reads == 0
    assert await tail.read(QUIET, 0, 10) == records(QUIET, 2)
    assert storage.reads == 1
    await tail.write(records(BUSY, 1, KEPT - 1))
    assert await tail.read(QUIET, 1, 10) == records(QUIET, 1, 1)
    assert storage.reads == 2


@pytest.mark.parametrize("size", [LARGEST + 1, 10 * LARGEST])
async def test_behind_a_record_too_large_to_keep_nothing_is_taken_for_the_end(size):
    storage = Storage()
    tail = Tail(storage)
    await tail.write([*records(BUSY, 2), *records(BUSY, 1, 2, size), *records(BUSY, KEPT, 3)])
    assert await tail.read(BUSY, 1, 3) == [
        *records(BUSY, 1, 1),
        *records(BUSY, 1, 2, size),
        *records(BUSY, 1, 3),
    ]
    assert storage.reads == 1
    assert await tail.read(BUSY, 3, 10) == records(BUSY, 10, 3)
    assert storage.reads == 1
    # Room is made by what is kept, not by what was let go of already.
    await tail.write(records(BUSY, 5, KEPT + 3))
    assert await tail.read(BUSY, 8, 1) == records(BUSY, 1, 8)
    assert storage.reads == 1
