"""What a scenario does its harm to: a mongod, a log, worker processes, and ways to put in and to look."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError

from deploy.local.kafka import LocalKafka
from deploy.local.mongod import LocalMongod
from shared.errors import DependencyAway
from shared.log.backend import Backend
from shared.log.record import NewRecord
from shared.store.client import Database, Mongo, connect, database
from shared.tasks import end
from tests.chaos import ledger
from tests.chaos.load import Load
from tests.chaos.scenario import Scenario
from tests.chaos.views import KafkaView, LocalView, View
from tests.chaos.watch import Watch, history
from tests.chaos.worker import Row
from tests.chaos.workers import Worker
from tests.support.oracle import History, Report, judge
from tests.support.streams import new_log, started

APPENDED_AT_ONCE = 500


class Mongod(LocalMongod):
    """A mongod that gives up what a dead process had open after as long as a scenario wants."""

    def __init__(self, directory: Path, transaction_seconds: int) -> None:
        super().__init__(directory)
        self._transaction_seconds = transaction_seconds

    def _command(self) -> list[str]:
        ours = f"transactionLifetimeLimitSeconds={self._transaction_seconds}"
        return [
            ours if word.startswith("transactionLifetimeLimitSeconds") else word
            for word in super()._command()
        ]


@dataclass
class World:
    """One scenario's own servers, databases and processes; nothing of it outlives the scenario."""

    scenario: Scenario
    seed: int
    directory: Path
    report: Report
    mongod: Mongod
    kafka: LocalKafka | None
    mongo: Mongo
    view: View
    random: random.Random
    prefix: str = field(default_factory=lambda: f"chaos{secrets.token_hex(4)}")
    workers: list[Worker] = field(default_factory=list)
    """Every worker there ever was, the dead too."""
    watch: Watch | None = None
    """The last one that `watching` began."""

    @property
    def database(self) -> Database:
        """The database of the ledger."""
        return database(self.mongo, f"{self.prefix}_{ledger.SERVICE}")

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a worker; a scenario may put a proxy in front of what they name."""
        kafka = {"KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap} if self.kafka else {}
        return {"MONGO_URL": self.mongod.url, "MONGO_DATABASE_PREFIX": self.prefix, **kafka}

    def load(self, count: int, **options: Any) -> Load:
        """Return messages to put in; for the options see `Load`."""
        return Load(self.seed, count, **options)

    async def worker(
        self, faults: str = "", *, module: str = "tests.chaos.worker", ready: bool = True, **settings: str
    ) -> Worker:
        """Start a process and return it once it is ready, or at once.

        Args:
            faults: what `FAULTS` is to say.
            module: what to run.
            ready: wait until it has started.
            settings: more of its environment, stronger than `environment`.
        """
        environment = {**self.environment, **({"FAULTS": faults} if faults else {}), **settings}
        output = self.directory / f"worker{len(self.workers)}.log"
        made = await Worker.start(module, environment, output)
        self.workers.append(made)
        return await made.ready() if ready else made

    @property
    def living(self) -> list[Worker]:
        """The workers that run."""
        return [each for each in self.workers if each.alive]

    async def prefill(self, load: Load, *, at_once: int = APPENDED_AT_ONCE) -> None:
        """Append all of `load` to the log while no worker runs."""
        async with self._log() as log:
            for some in _chunks(load, at_once):
                await log.append(some)

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Append `records` to the log while no worker runs."""
        async with self._log() as log:
            await log.append(records)

    def _log(self) -> AbstractAsyncContextManager[Backend]:
        kind = self.kafka.bootstrap if self.kafka else "local"
        return started(new_log(kind, database(self.mongo, f"{self.prefix}_log")))

    @contextlib.asynccontextmanager
    async def appending(self) -> AsyncIterator[Callable[[list[NewRecord]], Awaitable[None]]]:
        """Yield a way to append while workers run, which goes on until the log has it.

        The local log has one owner, so it goes through a worker, whichever lives; what a worker did not
        acknowledge is appended again, as a provider would send it again.
        """
        if self.kafka is not None:
            async with self._log() as log:
                yield lambda records: _insistently(lambda: log.append(records))
            return
        yield self._append_through_worker

    async def _append_through_worker(self, records: list[NewRecord]) -> None:
        rows = [Row.of(record).model_dump() for record in records]
        while True:
            for each in self.living:
                if each.internal_url and await each.post("/chaos/v1/records", rows) == 204:
                    return
            await asyncio.sleep(0.05)

    async def feed(self, load: Load, per_second: float, *, at_once: int = 25) -> None:
        """Append `load` at a steady rate; return when all of it is in the log."""
        async with self.appending() as append:
            began, sent = time.monotonic(), 0
            for some in _chunks(load, at_once):
                await append(some)
                sent += len(some)
                await asyncio.sleep(max(0.0, began + sent / per_second - time.monotonic()))

    @contextlib.asynccontextmanager
    async def watching(self, load: Load) -> AsyncIterator[Watch]:
        """Look at commits and effects again and again, as the third thing that must hold wants it."""
        self.watch = Watch(self.view, self.database, load)
        tasks = [asyncio.create_task(self.watch.forever()), asyncio.create_task(self._count_forever())]
        try:
            yield self.watch
        finally:
            for task in tasks:
                if task.done():
                    self.report.fail(f"the watch ended: {task.exception()!r}")
            await end(*tasks)

    async def _count_forever(self) -> None:
        while True:
            await self.duplicates()
            await asyncio.sleep(0.5)

    async def kill_mongod(self, down_seconds: float = 0.0) -> None:
        """End mongod as a crash would, and start it again on the same data."""
        await fully(self.mongod.kill)
        await asyncio.sleep(down_seconds)
        await fully(self.mongod.start)

    async def until(self, holds: Callable[[], Awaitable[bool]], what: str, seconds: float) -> float:
        """Return once `holds`, and after how long; a database that is away is asked again.

        Raises:
            TimeoutError: it did not.
        """
        began = time.monotonic()
        while True:
            with contextlib.suppress(PyMongoError, DependencyAway):
                if await holds():
                    return time.monotonic() - began
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"{what} did not happen within {seconds:.0f} s")
            await asyncio.sleep(0.05)

    async def settled(self, seconds: float = 60.0) -> None:
        """Return once nothing moves any more: both consumers are at the end and the outbox is empty.

        A scenario in which this does not come about fails, and is judged by what there is.
        """
        try:
            await self.until(self._nothing_left, "the end of all work", seconds)
        except TimeoutError as late:
            self.report.fail(str(late))

    async def _nothing_left(self) -> bool:
        # In the direction in which things flow: what was at its end stays there.
        if not await self._at_end(ledger.CONSUMER, ledger.INBOUND):
            return False
        if await self.database["_outbox"].find_one({"refused": None}):
            return False
        return await self._at_end(ledger.READER, ledger.OUTBOUND)

    async def _at_end(self, group: str, topic: str) -> bool:
        ends, at = await self.view.ends(topic), await self.view.committed(group, topic)
        return all(at[partition] >= end for partition, end in ends.items())

    async def duplicates(self) -> int:
        """Return how many records all workers knew already; of a killed one what it said last."""
        return sum([await each.duplicates() for each in self.workers])

    async def judge(self, load: Load, seconds: float = 60.0) -> History:
        """Wait until all is done, let the oracle judge what came of `load`, and report it.

        What a scenario expects besides it says with `report.expect`.
        """
        await self.settled(seconds)
        if self.watch is not None:
            await self.watch.look()
        found = await history(self.view, self.database, load, self.watch)
        verdict = judge(load.inputs, found)
        self.report.add(load.inputs, verdict)
        self.report.duplicates_absorbed += await self.duplicates()
        self.report.expect(
            verdict.dead_letters == load.poison,
            f"{verdict.dead_letters} dead letters for {load.poison} poisoned messages",
        )
        if self.watch is not None:
            self.report.recovered(self.watch.recoveries)
        return found

    async def prepare(self) -> None:
        """Make the topics, so that an observer may ask for them before a worker has started."""
        if self.kafka is not None:
            async with self._log():
                pass


@contextlib.asynccontextmanager
async def world(scenario: Scenario, seed: int, directory: Path, report: Report) -> AsyncIterator[World]:
    """Start what a scenario needs, and end everything it has started.

    Raises:
        LocalPartUnavailable: something of it cannot run on this machine.
    """
    # What an earlier run has left would be taken for this one's.
    await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)
    await asyncio.to_thread(directory.mkdir, parents=True)
    kafka = LocalKafka(directory / "kafka") if scenario.log == "kafka" else None
    mongod = Mongod(directory / "mongod", scenario.transaction_seconds)
    made: World | None = None
    try:
        if kafka is not None:
            await fully(kafka.start)
        await fully(mongod.start)
        mongo = connect(mongod.url, application="chaos")
        prefix = f"chaos{secrets.token_hex(4)}"
        view: View = KafkaView(kafka.bootstrap) if kafka else LocalView(mongo, prefix)
        dice = random.Random(f"{scenario.id} {seed}")  # noqa: S311 - the same again, not a secret
        made = World(scenario, seed, directory, report, mongod, kafka, mongo, view, dice, prefix)
        await made.prepare()
        yield made
    finally:
        if made is not None:
            for each in made.living:
                await each.kill()
            with contextlib.suppress(Exception):
                await made.view.close()
            await made.mongo.close()
        await asyncio.to_thread(mongod.kill)
        if kafka is not None:
            await asyncio.to_thread(kafka.kill)


def _chunks(load: Load, size: int) -> Iterator[list[NewRecord]]:
    some: list[NewRecord] = []
    for record in load.records():
        some.append(record)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


async def fully(work: Callable[[], object]) -> None:
    """Do `work` in a thread, to its end even if nobody waits any more: a half-started server would stay."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise


async def _insistently(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except DependencyAway:
            await asyncio.sleep(0.2)
        else:
            return
