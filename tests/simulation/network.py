"""The ways from a process to its database and its log, on which things take time and go wrong by the seed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any, cast

from pymongo.errors import AutoReconnect, ServerSelectionTimeoutError

from shared.contracts.topics import Topic
from shared.errors import LogUnavailable
from shared.log.backend import Consumer, OnRevoke
from shared.log.embedded import Positions
from shared.log.memory import MemoryStorage
from shared.log.record import NewRecord, Partition, Record
from tests.simulation.loop import Life

if TYPE_CHECKING:
    from tests.simulation.world import World

HIDES = 0.5
"""Seconds for which a driver looks for a database that is away before it says so."""


class Killed(BaseException):
    """The process that does this is no more."""


class Weather:
    """What is away, until when, and how often a single call goes wrong."""

    def __init__(self, now: Callable[[], float], random: Random) -> None:
        self._now = now
        self._random = random
        self.store_until = 0.0
        self.log_until = 0.0
        self.breaks = 0.0
        """How likely it is that a connection breaks during a call."""

    @property
    def store_away(self) -> bool:
        return self._now() < self.store_until

    @property
    def log_away(self) -> bool:
        return self._now() < self.log_until

    def broken(self) -> bool:
        """Whether this call goes wrong."""
        return self.breaks > 0 and self._random.random() < self.breaks

    def latency(self) -> float:
        """Return how long one way takes."""
        return 0.0001 + 0.002 * self._random.random() ** 3


class DatabaseLine:
    """The connection of one process to the database."""

    def __init__(self, world: World, life: Life) -> None:
        self._world = world
        self._life = life

    async def call(self, what: str, work: Callable[[], Any], waits: Callable[[], bool] | None = None) -> Any:
        world, weather = self._world, self._world.weather
        await world.way()
        if weather.store_away:
            await asyncio.sleep(min(HIDES, weather.store_until - world.loop.time()))
            if weather.store_away:
                raise ServerSelectionTimeoutError("no primary")
        if weather.broken():
            world.trace.add(f"{what}: broke before it happened")
            raise AutoReconnect("connection reset")
        while waits is not None and waits():  # noqa: ASYNC110 - a lock of a database sets no event
            await asyncio.sleep(0.01)
        try:
            result = work()
        except Exception as error:
            world.trace.add(f"{what}: {type(error).__name__}")
            raise
        if weather.broken():
            world.trace.add(f"{what}: broke after it happened")
            raise AutoReconnect("connection reset")
        world.trace.add(what)
        await world.way(often=0.3)
        return result


class LogStorage(MemoryStorage):
    """Storage of the log that is away when the weather says so, perhaps with half of a write done."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def write(self, records: Sequence[Record]) -> None:
        await self._world.way()
        if self._away("write"):
            done = self._world.random.randrange(len(records) + 1) if self._world.random.random() < 0.5 else 0
            self._write(records[:done])
            await asyncio.sleep(self._world.random.random() * 3.0)
            raise LogUnavailable("The log is away.")
        self._write(records)

    async def read(self, partition: Partition, offset: int, limit: int) -> Sequence[Record]:
        await self._world.way()
        if self._away("read"):
            raise LogUnavailable("The log is away.")
        # A few at a time, or there would be no batches to speak of.
        return await super().read(partition, offset, min(limit, self._world.random.randint(1, 12)))

    async def save_positions(self, group: str, positions: Mapping[Partition, int]) -> None:
        await self._world.way()
        if self._away("commit"):
            raise LogUnavailable("The log is away.")
        await super().save_positions(group, positions)

    async def load_positions(self, group: str) -> Positions:
        await self._world.way()
        return await super().load_positions(group)

    async def open(self, topics: Collection[Topic]) -> Positions:
        if self._world.weather.log_away:
            raise LogUnavailable("The log is away.")
        return await super().open(topics)

    def _away(self, what: str) -> bool:
        if self._world.weather.log_away or self._world.weather.broken():
            self._world.trace.add(f"log {what}: away")
            return True
        return False

    def _write(self, records: Sequence[Record]) -> None:
        for record in records:
            self.records[record.source].append(record)
            who = record.headers.get("ce_id", b"?").decode()
            self._world.trace.add(f"appended {record.topic}/{record.partition}/{record.offset}: {who}")
        self._world.oracle.appended(records)


class ProcessLog:
    """The log as one process reaches it."""

    name = "memory"

    def __init__(self, world: World, life: Life) -> None:
        self._world = world
        self._life = life
        self.memberships: list[Membership] = []

    async def append(self, records: Sequence[NewRecord]) -> None:
        await self._world.way()
        await self._world.log.append(records)

    async def subscribe(
        self, group: str, topics: Collection[str], on_revoke: OnRevoke | None = None
    ) -> Consumer:
        await self._world.way()
        membership = Membership(self._world, self._life, group, sorted(topics), on_revoke)
        self.memberships.append(membership)
        await membership.do(membership.join())
        return cast("Consumer", membership)

    async def ping(self) -> None:
        await self._world.way()


class Membership:
    """A member of a group; that the others learn of its end takes as long as it took in life."""

    def __init__(
        self, world: World, life: Life, group: str, topics: Sequence[str], on_revoke: OnRevoke | None
    ) -> None:
        self._world = world
        self._life = life
        self.group = group
        self._topics = topics
        self._on_revoke = on_revoke
        self._member: Consumer | None = None
        self._believed: frozenset[Partition] | None = None
        """What it takes for its own while it does not know yet that it was thrown out."""
        self._closed = False
        self._generations = 0

    async def do(self, work: Any) -> None:
        """Let the log do `work`, which goes on whatever becomes of this process."""
        await asyncio.shield(self._world.spawn(work))

    @property
    def generation(self) -> int:
        now = self._member.generation if self._member is not None else 0
        return self._generations + now

    async def join(self) -> None:
        generations = self.generation
        self._member = await self._world.log.subscribe(self.group, self._topics, self._revoke)
        self._generations = generations
        self._believed = None
        if self._closed or self._life.over:
            await self._member.close()

    async def leave(self) -> None:
        self._closed = True
        if self._member is not None:
            await self._member.close()

    async def lose(self) -> None:
        """Throw it out without a word, as when its heartbeats stay out."""
        if self._member is not None and not self._closed:
            self._believed = self._member.assignment
            self._world.trace.add(f"{self._life.name} lost its place in {self.group}")
            await self._member.close()

    async def learn(self) -> None:
        """Find out that it was thrown out, and join again."""
        if self._believed is None or self._closed:
            return
        believed, self._believed = self._believed, frozenset()
        if believed:
            await self._tell(believed)
        if not self._closed and not self._life.over:
            await self.join()

    async def _revoke(self, partitions: Collection[Partition]) -> None:
        if self._believed is None and not self._life.over:
            await self._tell(partitions)

    async def _tell(self, partitions: Collection[Partition]) -> None:
        if self._on_revoke is None:
            return
        world = self._world
        world.trace.add(f"{self._life.name} is told to let go in {self.group}")

        async def drain() -> None:
            assert self._on_revoke is not None
            await self._on_revoke(partitions)

        task = world.loop.spawn(drain(), self._life, f"drain-{self._life.name}")
        world.keep(task)
        # Nobody waits for the dead, and for those who stand still only as long as a session lasts.
        waited = 0.0
        while not task.done() and not self._life.over and waited < world.SESSION_SECONDS * 2:
            await asyncio.wait([task], timeout=0.1)
            waited = 0.0 if not self._life.still else waited + 0.1

    @property
    def assignment(self) -> frozenset[Partition]:
        if self._believed is not None:
            return self._believed
        return self._member.assignment if self._member is not None else frozenset()

    async def poll(self, max_records: int, timeout_seconds: float) -> Sequence[Record]:
        await self._world.way(often=0.3)
        if self._member is None or self._believed is not None:
            await asyncio.sleep(timeout_seconds)
            return ()
        return await self._member.poll(max_records, timeout_seconds)

    async def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        await self._world.way()
        if self._member is None or self._believed is not None:
            return
        ours = {each: at for each, at in next_offsets.items() if each in self._member.assignment}
        self._world.oracle.committing(self.group, ours)
        await self._member.commit(next_offsets)
        self._world.trace.add(f"committed {self.group}: {_told(ours)}")

    async def hold(self, offsets: Mapping[Partition, int], seconds: float) -> None:
        if self._member is not None and self._believed is None:
            member: Any = self._member
            await member.hold(offsets, seconds)

    async def idle(self) -> None:
        await asyncio.sleep(0)

    async def lag(self) -> Mapping[str, int]:
        return await self._member.lag() if self._member is not None else {}

    async def close(self) -> None:
        await self._world.way()
        await self.do(self.leave())


def _told(offsets: Mapping[Partition, int]) -> str:
    return " ".join(sorted(f"{each.topic}/{each.number}@{at}" for each, at in offsets.items()))
