"""Logs, stores and loops for the tests, and ways to wait for what they do."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import uuid
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from shared.clock import FixedClock, SystemClock
from shared.contracts.topics import TOPICS, Topic
from shared.log.backend import Backend, Consumer
from shared.log.kafka import KafkaLog
from shared.log.local import local_log
from shared.log.memory import MemoryStorage, memory_log
from shared.log.record import Partition, Record
from shared.observability.health import Health
from shared.store.client import Database, Mongo, connect, database
from shared.store.log import MongoLogStorage
from shared.store.migrations import migrate
from shared.stream.runtime import Runtime
from tests.support.events import NOW

PATIENCE = 30.0
"""Seconds after which a test stops waiting for what does not come."""


class Loop(Protocol):
    async def run(self) -> None: ...

    def stop(self) -> None: ...


@contextlib.asynccontextmanager
async def running(*loops: Loop) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Run `loops`; a failure of one fails the test."""
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    try:
        yield tasks
    finally:
        for loop in loops:
            loop.stop()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*tasks)


async def eventually(condition: Callable[[], Awaitable[bool]], what: str = "what was waited for") -> None:
    """Return once `condition` holds, asking again and again."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not await condition():  # noqa: ASYNC110 - a database sets no event here
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"{what} did not happen within {PATIENCE:.0f} s") from None


async def turns(count: int = 20) -> None:
    """Let everything that can go on go on."""
    for _ in range(count):
        await asyncio.sleep(0)


async def take(consumer: Consumer, count: int) -> list[Record]:
    """Return the next `count` records."""
    found: list[Record] = []
    try:
        async with asyncio.timeout(PATIENCE):
            while len(found) < count:
                found += await consumer.poll(count - len(found), 1.0)
    except TimeoutError:
        raise AssertionError(f"{len(found)} of {count} records came within {PATIENCE:.0f} s") from None
    return found


async def everything(backend: Backend, topic: str) -> list[Record]:
    """Return all that stands in `topic`, read by a group of its own."""
    consumer = await backend.subscribe(f"look.{uuid.uuid4().hex}", [topic])
    found: list[Record] = []
    try:
        while records := await consumer.poll(1000, 0.05 if backend.name != "kafka" else 2.0):
            found += records
    finally:
        await consumer.close()
    return found


def done(records: Sequence[Record]) -> dict[Partition, int]:
    """Return what to commit once `records` are done."""
    return {record.source: record.next_offset for record in records}


@contextlib.asynccontextmanager
async def started(backend: Backend, topics: Collection[Topic] = TOPICS) -> AsyncIterator[Backend]:
    await backend.start()
    await backend.ensure_topics(topics)
    try:
        yield backend
    finally:
        await backend.stop()


def new_log(kind: str, place: Database) -> Backend:
    if kind == "memory":
        return memory_log(MemoryStorage())
    if kind == "local":
        return local_log(MongoLogStorage(place, SystemClock()))
    return KafkaLog(kind, "test")


@dataclass
class Bench:
    """One service's place to work: a store, a log and the senses."""

    mongo: Mongo
    database: Database
    log: Backend
    health: Health = field(default_factory=Health)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    service: str = "moderation"

    _runtime: Runtime | None = field(default=None, init=False)

    def runtime(self, *, health: Health | None = None, log: Backend | None = None) -> Runtime:
        """Return what the loops share; with `health` or `log` it is another process at the same bench."""
        if self._runtime is None:
            self._runtime = Runtime.of(
                self.service,
                backend=self.log,
                mongo=self.mongo,
                database=self.database,
                clock=self.clock,
                health=self.health,
            )
        return replace(self._runtime, backend=log or self.log, health=health or self.health)


async def forget(mongo: Mongo, *databases: str) -> None:
    """Remove `databases` from a server that outlives the tests; one of ours goes away whole."""
    if os.environ.get("MONGO_TEST_URL"):
        for name in databases:
            await mongo.drop_database(name)


@contextlib.contextmanager
def lost_connections() -> Iterator[None]:
    """Forgive the driver the sockets it leaves to the collector when a server goes away."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@contextlib.asynccontextmanager
async def bench(mongo_url: str, kind: str) -> AsyncIterator[Bench]:
    """Give a bench on databases of its own, with the topics of the registry."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    mongo = connect(mongo_url, application="test")
    try:
        place = database(mongo, f"{name}_moderation")
        async with started(new_log(kind, database(mongo, f"{name}_log"))) as log:
            made = Bench(mongo, place, log)
            await migrate(place, made.clock)
            await place.create_collection("tallies")
            yield made
    finally:
        await forget(mongo, f"{name}_moderation", f"{name}_log")
        await mongo.close()
