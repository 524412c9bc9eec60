"""One process of the service, from its start to its end, orderly or not."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from shared.log.backend import Backend
from shared.observability.health import Health
from shared.service import Loop
from shared.store.client import Database as RealDatabase
from shared.store.client import Mongo
from shared.stream.effects import Effects
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.runtime import Runtime
from shared.stream.timekeeper import Timekeeper
from tests.simulation.application import SimulatedTallies, effect, subscription, visit
from tests.simulation.driver import Client, Database
from tests.simulation.loop import BEGINNING, Life
from tests.simulation.network import DatabaseLine, ProcessLog
from tests.support.events import NOW

if TYPE_CHECKING:
    from tests.simulation.world import World

STOP_SECONDS = 25.0
"""After which a process that was asked to stop is killed."""


class WorldClock:
    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> dt.datetime:
        return NOW + dt.timedelta(seconds=self._world.loop.time() - BEGINNING)


class Process:
    """The real loops of a service on a database and a log that are not."""

    def __init__(self, world: World, number: int) -> None:
        self.life = Life(f"p{number}")
        self.pid = number
        self.host = f"host{number % 2}"
        self._world = world
        line = DatabaseLine(world, self.life)
        self.log = ProcessLog(world, self.life)
        self._database = Database(world.store, line)
        self._mongo = Client(world.store, line)
        self._loops: list[Loop] = []
        self.visit: Callable[[], Coroutine[Any, Any, None]] | None = None
        """Let somebody ask something of it."""
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def alive(self) -> bool:
        """Whether it has started and nothing has ended it."""
        return bool(self._tasks) and not self.life.over

    async def start(self) -> None:
        """Start all loops."""
        self._world.spawn(self._start(), self.life)

    async def _start(self) -> None:
        database = cast("RealDatabase", self._database)
        runtime = Runtime.of(
            "moderation",
            backend=cast("Backend", self.log),
            mongo=cast("Mongo", self._mongo),
            database=database,
            clock=WorldClock(self._world),
            health=Health(),
        )
        script = self._world.script
        tallies = SimulatedTallies(self._database, script)
        self._loops = [
            Relay(runtime, database),
            Timekeeper(runtime, database),
            Processor(subscription(tallies, script), runtime),
            Effects(effect(self._world, self._database, script), runtime),
        ]
        self.visit = lambda: visit(self._world, runtime, tallies)
        for loop in self._loops:
            task = self._world.spawn(loop.run(), self.life, f"{self.life.name} {loop.name}")
            self._tasks.append(task)
            self._world.spawn(self._watch(loop, task), None)

    async def _watch(self, loop: Loop, task: asyncio.Task[None]) -> None:
        await asyncio.wait([task])
        if self.life.over or loop not in self._loops:
            return
        error = None if task.cancelled() else task.exception()
        self._world.violated(f"{loop.name} of {self.life.name} ended by itself: {error!r}")

    def die(self) -> None:
        """Be no more: from now on nothing it does is felt by anybody."""
        if not self.life.over:
            self.life.over = self.life.still = True
            self._world.trace.add(f"{self.life.name} dies")
            self._world.spawn(self._forgotten(), None)

    async def _forgotten(self) -> None:
        await asyncio.sleep(self._world.random.uniform(0.5, self._world.SESSION_SECONDS))
        for membership in self.log.memberships:
            await membership.leave()

    async def stop(self) -> None:
        """Stop the loops one by one, the last started first."""
        self._world.trace.add(f"{self.life.name} is asked to stop")
        loops, self._loops = self._loops, []
        begun = self._world.loop.time()
        for loop, task in reversed(list(zip(loops, self._tasks, strict=True))):
            self._world.call(loop.stop, self.life)
            left = max(0.1, STOP_SECONDS - (self._world.loop.time() - begun))
            await asyncio.wait([task], timeout=left)
        late = [task for task in self._tasks if not task.done()]
        self._world.trace.add(f"{self.life.name} has stopped{', not in time' if late else ''}")
        for task in self._tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) and not self.life.over:
                self._world.violated(f"{self.life.name} did not stop cleanly: {error!r}")
        self.die()

    async def stall(self, seconds: float) -> None:
        """Stand still, all of it, and go on as if nothing had happened."""
        world = self._world
        world.trace.add(f"{self.life.name} stands still for {seconds:.1f} s")
        self.life.still = True
        lost = seconds > world.SESSION_SECONDS
        await asyncio.sleep(min(seconds, world.SESSION_SECONDS))
        memberships: list[Any] = [each for each in self.log.memberships if lost]
        for membership in memberships:
            await membership.lose()
        await asyncio.sleep(max(0.0, seconds - world.SESSION_SECONDS))
        if self.life.over:
            return
        world.trace.add(f"{self.life.name} goes on")
        world.loop.thaw(self.life)
        await asyncio.sleep(world.random.random() * 0.3)
        for membership in memberships:
            await membership.learn()
