"""A log in memory: as fast as a test wants it, gone with the process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from shared.contracts.topics import Topic
from shared.log.embedded import PAGE, EmbeddedLog, Positions
from shared.log.record import Partition, Record


class MemoryStorage:
    """Keeps everything in dictionaries; a log opened on it later finds what an earlier one left."""

    def __init__(self) -> None:
        self.records: defaultdict[Partition, list[Record]] = defaultdict(list)
        self.positions: defaultdict[str, Positions] = defaultdict(dict)

    async def open(self, topics: Collection[Topic]) -> Positions:
        """Return where each partition ends."""
        del topics
        return {partition: len(records) for partition, records in self.records.items()}

    async def write(self, records: Sequence[Record]) -> None:
        """Keep `records`."""
        for record in records:
            self.records[record.source].append(record)

    async def read(self, partition: Partition, offset: int, limit: int) -> Sequence[Record]:
        """Return up to `limit` records from `offset` on."""
        return self.records[partition][offset : offset + limit]

    async def starts(self) -> Positions:
        """Return nothing: all partitions begin at 0, for nothing is ever removed."""
        return {}

    async def browse(self, topic: str) -> AsyncIterator[Sequence[Record]]:
        """Yield what stands in `topic` now; see `Backend.browse`."""
        for records in [list(kept) for partition, kept in self.records.items() if partition.topic == topic]:
            for start in range(0, len(records), PAGE):
                yield records[start : start + PAGE]

    async def save_positions(self, group: str, positions: Mapping[Partition, int]) -> None:
        """Keep the positions of `group`."""
        self.positions[group].update(positions)

    async def load_positions(self, group: str) -> Positions:
        """Return the positions of `group`."""
        return dict(self.positions[group])

    async def close(self) -> None:
        """Keep everything for whoever opens it next."""


def memory_log(storage: MemoryStorage | None = None) -> EmbeddedLog:
    """Return a log on `storage`, or on a new one."""
    return EmbeddedLog("memory", storage or MemoryStorage())
