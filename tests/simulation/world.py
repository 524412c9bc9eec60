"""A few processes, a day's work and a run of bad luck, all drawn from one seed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from shared.contracts.topics import TOPICS
from shared.log.backend import Backend
from shared.log.memory import memory_log
from tests.simulation import misfortune, workload
from tests.simulation.application import Script
from tests.simulation.dice import dice
from tests.simulation.loop import LIFE, Life, SimulationLoop, call_in
from tests.simulation.network import Killed, LogStorage, Weather
from tests.simulation.oracle import AGAIN, GROUPS, Oracle
from tests.simulation.process import Process
from tests.simulation.store import Store
from tests.simulation.trace import Trace
from tests.simulation.verdict import complaints

ResultT = TypeVar("ResultT")

PARTITIONS = 2
REST_SECONDS = 600.0
"""Virtual seconds after the last misfortune within which everything must have come to rest."""


class World:
    """Everything there is in one simulation."""

    SESSION_SECONDS = 4.0
    """After which a member that is not heard of is thrown out of its group."""

    def __init__(self, seed: int, loop: SimulationLoop) -> None:
        self.loop = loop
        self.random = dice("world", seed)
        self.trace = Trace(loop.time)
        self.oracle = Oracle(self.violated)
        self.oracle.now = loop.time
        self.weather = Weather(loop.time, dice("weather", seed))
        self.store = Store(loop.time, self.oracle.committed)
        self.storage = LogStorage(self)
        self.script = Script(dice("script", seed))
        self.luck = misfortune.Luck(self, dice("luck", seed))
        self.log: Backend = memory_log(self.storage)
        self.processes: list[Process] = []
        self.violations: list[str] = []
        self.over = False
        self._kept: list[asyncio.Task[Any]] = []

    # Services to those who live in it

    async def way(self, often: float = 1.0) -> None:
        """Take the time of one way over the network, perhaps for ever."""
        if often >= 1.0 or self.random.random() < often:
            await asyncio.sleep(self.weather.latency())
        life = LIFE.get()
        if self.over or (life is not None and life.over):
            raise Killed

    def spawn(
        self, work: Coroutine[Any, Any, ResultT], life: Life | None = None, name: str | None = None
    ) -> asyncio.Task[ResultT]:
        """Start `work`, in nobody's life if none is given."""
        task = self.loop.spawn(work, life, name or f"task-{len(self._kept):06d}")
        self.keep(task)
        return task

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Hold on to `task`, so that the collector does not end it at a time of its own."""
        self._kept.append(task)

    def call(self, work: Callable[[], ResultT], life: Life) -> ResultT:
        """Return what `work` returns when `life` does it."""
        return call_in(life, work)

    def violated(self, what: str) -> None:
        """End the simulation: something happened that must not."""
        if self.over:
            return
        self.trace.add(f"VIOLATED: {what}")
        self.violations.append(what)
        self.loop.halt = what

    # What happens

    async def run(self) -> None:
        """Live from the first start to the last rest."""
        topics = [workload.narrowed(topic, PARTITIONS) for topic in TOPICS]
        await self.log.ensure_topics(topics)
        for _ in range(self.random.randint(1, 3)):
            await self.start_process()
        writing = self.spawn(workload.write(self, dice("work", self.random.random())))
        await self.luck.strike(writing)
        await writing
        self.trace.add("from now on all is well")
        self.luck.end()
        await self._come_to_rest()
        for complaint in complaints(self.oracle):
            self.violated(complaint)
        self.trace.add("at rest")

    async def start_process(self) -> Process:
        """Start one more process."""
        process = Process(self, len(self.processes) + 1)
        self.processes.append(process)
        self.trace.add(f"{process.life.name} starts on {process.host}")
        await process.start()
        return process

    @property
    def living(self) -> list[Process]:
        """The processes that could do something now."""
        return [each for each in self.processes if each.alive and not each.life.still]

    async def _come_to_rest(self) -> None:
        deadline = self.loop.time() + REST_SECONDS
        while missing := self._unrest():
            if self.loop.time() > deadline:
                self.violated(f"it does not come to rest: {missing}")
            await asyncio.sleep(0.5)
            if not self.living:
                await self.start_process()

    def _unrest(self) -> str | None:
        """Return what is still to be done."""
        for collection in ("_outbox", "_timers", "_parked"):
            if left := [each["_id"] for each in self.store.all(collection)]:
                return f"{collection} holds {len(left)}: {left[:3]}"
        for partition, records in sorted(self.oracle.log.items(), key=lambda each: str(each[0])):
            for group in GROUPS:
                if self._reads(group, partition.topic):
                    position = self.storage.positions[group].get(partition, 0)
                    if position < len(records):
                        return f"{group} is at {position} of {len(records)} in {partition}"
        return None

    def _reads(self, group: str, topic: str) -> bool:
        return topic == GROUPS[group] or topic in AGAIN


def process_of(world: World) -> Process | None:
    """Return the process that is doing something just now."""
    life = LIFE.get()
    return next((each for each in world.processes if each.life is life), None)
