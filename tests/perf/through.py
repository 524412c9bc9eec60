"""How fast a service handles records, from a log in memory to its own tables on a real database."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

from shared.clock import DEFAULT_ZONE, Clock
from shared.contracts.topics import TOPICS
from shared.i18n import Catalogue, Language
from shared.log.memory import MemoryStorage, memory_log
from shared.log.record import NewRecord
from shared.observability.health import Health
from shared.process import settle_memory
from shared.replies import Speaker
from shared.store.client import Database, connect, database
from shared.store.migrations import Migration, migrate
from shared.stream.processor import Processor
from shared.stream.runtime import Runtime
from shared.stream.subscription import Subscription

AT_ONCE = 500
"""Records that are put onto the log at once."""

Table: TypeAlias = Callable[[Database, Runtime], Awaitable[Subscription]]
"""Prepares an empty database, and returns what listens."""


async def per_second(
    mongo_url: str,
    service: ModuleType,
    table: Table,
    records: Sequence[NewRecord],
    *,
    migrations: Sequence[Migration],
    clock: Clock,
    warm_up: int,
    handled: Callable[[Database], Awaitable[int]],
) -> float:
    """Return how many records a second a service handles, those it warms up with left out.

    Args:
        mongo_url: where a database is made and dropped.
        service: its package, for its texts.
        table: what listens.
        records: in order, those to warm up with first.
        migrations: of the service.
        clock: the time it is.
        warm_up: how many to warm up with.
        handled: counts what there is of them in the database at the end.

    Raises:
        RuntimeError: a record was lost, or handled twice.
    """
    mongo = connect(mongo_url, application="bench")
    place = database(mongo, f"bench_{uuid.uuid4().hex[:10]}")
    await migrate(place, clock, migrations)
    storage = MemoryStorage()
    log = memory_log(storage)
    await log.start()
    await log.ensure_topics(TOPICS)
    runtime = Runtime.of("bench", backend=log, mongo=mongo, database=place, clock=clock, health=Health())
    voice = Speaker(Catalogue.load(Path(service.__path__[0]) / "locale"), Language.HI, DEFAULT_ZONE)
    subscription = await table(place, runtime)
    processor = Processor(subscription, runtime, voice)
    settle_memory()
    running = asyncio.create_task(processor.run())

    async def handle(part: Sequence[NewRecord], total: int) -> float:
        for start in range(0, len(part), AT_ONCE):
            await log.append(part[start : start + AT_ONCE])
        began = time.perf_counter()
        # A processor that fails ends the measurement, instead of being waited for.
        while not running.done() and sum(storage.positions[subscription.consumer].values()) < total:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        return time.perf_counter() - began

    await handle(records[:warm_up], warm_up)
    seconds = await handle(records[warm_up:], len(records))
    processor.stop()
    await running
    if await handled(place) != len(records):
        raise RuntimeError(f"{subscription.consumer} lost or doubled records")
    await log.stop()
    await mongo.drop_database(place.name)
    await mongo.close()
    return (len(records) - warm_up) / seconds
