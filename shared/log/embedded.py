"""A log inside one process: groups, positions and waking; where records are kept is a storage's business."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol
from zlib import crc32

from shared.contracts.topics import Topic
from shared.errors import LogUnavailable, PermanentError
from shared.log.backend import Consumer, OnRevoke
from shared.log.record import MAX_RECORD_BYTES, NewRecord, Partition, Record
from shared.observability.logs import get_logger
from shared.observability.metrics import LOG_APPENDED

log = get_logger(__name__)

PAGE = 500
"""Records that are browsed at once."""

Positions = dict[Partition, int]


class Storage(Protocol):
    """Where an embedded log keeps its records and the groups' positions."""

    async def open(self, topics: Collection[Topic]) -> Positions:
        """Return, for every partition that holds or held records, the offset its next record gets."""
        ...

    async def write(self, records: Sequence[Record]) -> None:
        """Make `records` durable, in order; on failure a prefix of them may have been."""
        ...

    async def read(self, partition: Partition, offset: int, limit: int) -> Sequence[Record]:
        """Return up to `limit` records from `offset` on."""
        ...

    async def starts(self) -> Positions:
        """Return the first offset still kept of each partition that does not begin at 0 any more."""
        ...

    def browse(self, topic: str) -> AsyncIterator[Sequence[Record]]:
        """Return what stands in `topic` now, whoever has opened the storage; see `Backend.browse`."""
        ...

    async def save_positions(self, group: str, positions: Mapping[Partition, int]) -> None:
        """Make the positions of `group` durable."""
        ...

    async def load_positions(self, group: str) -> Positions:
        """Return the positions last saved for `group`."""
        ...

    async def close(self) -> None:
        """Release what `open` took."""
        ...


class _Append(NamedTuple):
    """Records that somebody waits to have written."""

    records: Sequence[NewRecord]
    done: asyncio.Future[None]
    deadline: float
    """By the clock of the event loop: when to stop waiting."""


class EmbeddedLog:
    """A backend for one process.

    A single writer coalesces the appends that wait into one write, which is what makes a durable log
    cheap: many callers share one round trip to the disk.
    """

    MAX_WRITE = 1000

    def __init__(self, name: str, storage: Storage, append_timeout_seconds: float = 2.0) -> None:
        self.name = name
        self._storage = storage
        self._timeout = append_timeout_seconds
        self._partitions: dict[str, int] = {}
        self._ends: Positions = {}
        self._waiting: deque[_Append] = deque()
        self._writing: list[_Append] = []
        self._timer: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._groups: dict[str, _Group] = {}
        self._stopping = False

    async def start(self) -> None:
        """Do nothing: `ensure_topics` opens the storage, which depends on the topics."""

    async def ensure_topics(self, topics: Collection[Topic]) -> None:
        """Open the storage for `topics`."""
        self._partitions |= {topic.name: topic.partitions for topic in topics}
        everywhere = {Partition(name, n): 0 for name, count in self._partitions.items() for n in range(count)}
        # In place: the groups look at this very dictionary.
        self._ends.update(everywhere | self._ends | await self._storage.open(topics))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_forever(), name=f"{self.name}-log-writer")

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Return once every record is durable; see `Backend.append`."""
        for record in records:
            if record.topic not in self._partitions:
                raise PermanentError(f"There is no topic {record.topic}.")
            if record.size > MAX_RECORD_BYTES:
                raise PermanentError("The record is larger than the log accepts.")
        if not records:
            return
        if self._stopping or self._writer is None:
            raise LogUnavailable("The log is stopping.")
        loop = asyncio.get_running_loop()
        append = _Append(records, loop.create_future(), loop.time() + self._timeout)
        self._waiting.append(append)
        self._wake.set()
        if self._timer is None:
            self._timer = loop.call_at(append.deadline, self._expire)
        await append.done

    async def subscribe(
        self, group: str, topics: Collection[str], on_revoke: OnRevoke | None = None
    ) -> Consumer:
        """Join `group`; its members of this process share the partitions."""
        if unknown := set(topics) - self._partitions.keys():
            raise PermanentError(f"There is no topic {min(unknown)}.")
        if group not in self._groups:
            positions = await self._storage.load_positions(group)
            # Somebody may have joined meanwhile; two groups of one name would each read everything.
            self._groups.setdefault(group, _Group(group, self._storage, self._ends, positions))
        partitions = [
            Partition(topic, number) for topic in sorted(topics) for number in range(self._partitions[topic])
        ]
        return await self._groups[group].join(partitions, on_revoke, await self._storage.starts())

    def browse(self, topic: str) -> AsyncIterator[Sequence[Record]]:
        """Return what stands in `topic` now; see `Backend.browse`."""
        return self._storage.browse(topic)

    async def ping(self) -> None:
        """Raise `LogUnavailable` once the log has stopped."""
        if self._stopping or self._writer is None or self._writer.done():
            raise LogUnavailable("The log is not running.")

    async def stop(self) -> None:
        """Write what waits, then release the storage."""
        self._stopping = True
        self._wake.set()
        if self._writer is not None:
            await self._writer
        if self._timer is not None:
            self._timer.cancel()
        await self._storage.close()

    def _expire(self) -> None:
        """Tell those who have waited too long; one timer is there for all, and goes off for the oldest."""
        loop = asyncio.get_running_loop()
        left = [each for each in (*self._writing, *self._waiting) if not each.done.done()]
        for each in left:
            if each.deadline <= loop.time():
                each.done.set_exception(LogUnavailable("The log did not acknowledge in time."))
        next_ = min((each.deadline for each in left if not each.done.done()), default=None)
        self._timer = None if next_ is None else loop.call_at(next_, self._expire)

    async def _write_forever(self) -> None:
        while not (self._stopping and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._write_some()

    async def _write_some(self) -> None:
        batch: list[_Append] = []
        size = 0
        while self._waiting and size < self.MAX_WRITE:
            append = self._waiting.popleft()
            # Whoever gave up waiting was told that it failed, and will append it again.
            if not append.done.done():
                batch.append(append)
                size += len(append.records)
        self._writing = batch
        placed = [record for append in batch for record in self._place(append.records)]
        try:
            await self._storage.write(placed)
        except Exception as error:  # noqa: BLE001 - each caller is told, and decides
            await self._recover(error, [append.done for append in batch])
            return
        for append in batch:
            if not append.done.done():
                append.done.set_result(None)
        self._writing = []
        written: dict[str, int] = {}
        for record in placed:
            written[record.topic] = written.get(record.topic, 0) + 1
        for topic, count in written.items():
            LOG_APPENDED.labels(self.name, topic).inc(count)
        self._wake_readers(written.keys())

    def _place(self, records: Sequence[NewRecord]) -> list[Record]:
        placed = []
        for record in records:
            where = Partition(record.topic, crc32(record.key) % self._partitions[record.topic])
            offset = self._ends[where]
            self._ends[where] = offset + 1
            placed.append(Record(where.topic, where.number, offset, record.key, record.value, record.headers))
        return placed

    async def _recover(self, error: Exception, waiting: Sequence[asyncio.Future[None]]) -> None:
        """Learn again where the partitions end: part of the failed write may be there.

        Until that is known nothing is placed, for an offset given twice would hide a record.
        """
        failure = (
            error if isinstance(error, PermanentError) else LogUnavailable("The log could not be written.")
        )
        for done in waiting:
            if not done.done():
                done.set_exception(failure)
        while not self._stopping:
            with contextlib.suppress(Exception):
                self._ends.update(dict.fromkeys(self._ends, 0) | await self._storage.open(()))
                self._wake_readers(self._partitions.keys())
                return
            await asyncio.sleep(0.2)

    def _wake_readers(self, topics: Collection[str]) -> None:
        for group in self._groups.values():
            group.wake(topics)


class _Group:
    """Members that share partitions and positions."""

    def __init__(self, name: str, storage: Storage, ends: Positions, committed: Positions) -> None:
        self.name = name
        self.storage = storage
        self.ends = ends
        self.committed = committed
        self.starts: Positions = {}
        self._members: list[_Member] = []
        self._partitions: list[Partition] = []
        self._rebalancing = asyncio.Lock()

    async def join(
        self, partitions: list[Partition], on_revoke: OnRevoke | None, starts: Positions
    ) -> _Member:
        member = _Member(self, on_revoke)
        self._partitions = partitions
        self.starts = starts
        await self._rebalance(lambda members: [*members, member])
        return member

    async def leave(self, member: _Member) -> None:
        await self._rebalance(lambda members: [each for each in members if each is not member])

    async def _rebalance(self, change: Callable[[list[_Member]], list[_Member]]) -> None:
        async with self._rebalancing:
            for member in self._members:
                await member.revoke()
            # Only now: somebody else may have come or gone while we waited for our turn.
            self._members = members = change(self._members)
            for index, member in enumerate(members):
                member.assign(self._partitions[index :: len(members)])
            if len(members) > len(self._partitions):
                log.warning("log.idle_member", group=self.name, partitions=len(self._partitions))

    def wake(self, topics: Collection[str]) -> None:
        for member in self._members:
            if any(partition.topic in topics for partition in member.assignment):
                member.wake.set()


class _Member:
    def __init__(self, group: _Group, on_revoke: OnRevoke | None) -> None:
        self._group = group
        self._on_revoke = on_revoke
        self._positions: Positions = {}
        self._held: dict[Partition, float] = {}
        self._turn = 0
        self.generation = 0
        self.wake = asyncio.Event()

    @property
    def assignment(self) -> frozenset[Partition]:
        return frozenset(self._positions)

    def assign(self, partitions: Sequence[Partition]) -> None:
        self.generation += 1
        committed, starts = self._group.committed, self._group.starts
        self._positions = {each: committed.get(each, starts.get(each, 0)) for each in partitions}
        self.wake.set()

    async def revoke(self) -> None:
        if self._positions and self._on_revoke is not None:
            await self._on_revoke(self.assignment)
        self._positions = {}
        self._held = {}

    async def poll(self, max_records: int, timeout_seconds: float) -> Sequence[Record]:
        now = asyncio.get_running_loop().time
        deadline = now() + timeout_seconds
        while True:
            self.wake.clear()
            if found := await self._read(max_records):
                return found
            # What was appended while we read has set the event again.
            until = min([deadline, *self._held.values()])
            try:
                await asyncio.wait_for(self.wake.wait(), max(0.0, until - now()))
            except TimeoutError:
                if now() >= deadline:
                    return ()

    async def _read(self, max_records: int) -> Sequence[Record]:
        now = asyncio.get_running_loop().time()
        self._held = {each: until for each, until in self._held.items() if until > now}
        behind = [
            each
            for each, at in self._positions.items()
            if at < self._group.ends.get(each, 0) and each not in self._held
        ]
        # Start with another partition each time, or a busy first one would starve the rest.
        self._turn += 1
        start = self._turn % len(behind) if behind else 0
        read: list[tuple[Partition, int, Sequence[Record]]] = []
        room = max_records
        for partition in behind[start:] + behind[:start]:
            if room <= 0:
                break
            position = self._positions.get(partition)
            if position is None:
                continue
            records = await self._group.storage.read(partition, position, room)
            read.append((partition, position, records))
            room -= len(records)
        # Only now: had one of the reads failed, what the others brought would be passed over for good.
        found: list[Record] = []
        for partition, position, records in read:
            if records and self._positions.get(partition) == position and partition not in self._held:
                self._positions[partition] = records[-1].next_offset
                found += records
        return found

    async def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        ours = {each: offset for each, offset in next_offsets.items() if each in self._positions}
        if ours:
            await self._group.storage.save_positions(self._group.name, ours)
            self._group.committed.update(ours)

    async def hold(self, next_offsets: Mapping[Partition, int], seconds: float) -> None:
        until = asyncio.get_running_loop().time() + seconds
        for partition, offset in next_offsets.items():
            if partition in self._positions:
                self._positions[partition] = offset
                self._held[partition] = until
        self.wake.set()

    async def idle(self) -> None:
        await asyncio.sleep(0)

    async def lag(self) -> Mapping[str, int]:
        behind: dict[str, int] = {}
        for partition, position in self._positions.items():
            distance = max(0, self._group.ends.get(partition, 0) - position)
            behind[partition.topic] = behind.get(partition.topic, 0) + distance
        return behind

    async def close(self) -> None:
        await self._group.leave(self)
