"""What goes wrong, and when."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from shared.contracts.topics import replay_topic
from shared.errors import LogUnavailable
from shared.faults import POINTS
from shared.stream.retry import REPLAYED, retry_record
from tests.simulation.loop import BEGINNING, LIFE
from tests.simulation.network import Killed
from tests.simulation.oracle import LETTERS, SERVICE
from tests.support.events import NOW

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World


class Luck:
    """Strikes at fault points, at the worst moment, and at any other time."""

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random
        self._over = False
        points = sorted(POINTS)
        self._planned: dict[tuple[str, int], Callable[[], None]] = {
            (random.choice(points), random.randint(1, 6)): random.choice(
                [self._kill_here, self._kill_here, self._store_away, self._log_away, self._rebalance]
            )
            for _ in range(random.choice([0, 1, 1, 2, 3]))
        }
        self._planned |= {("mid_batch", random.randint(1, 9)): self._visit_everybody for _ in range(2)}
        self._reached: dict[str, int] = {}
        world.weather.breaks = random.choice([0.0, 0.0, 0.0, 0.005, 0.02])

    def at(self, point: str) -> None:
        """Take what is planned for this point; called by the runtime."""
        self._reached[point] = reached = self._reached.get(point, 0) + 1
        plan = self._planned.pop((point, reached), None)
        if plan is not None and not self._over and LIFE.get() is not None:
            self._world.trace.add(f"at {point}:")
            plan()

    async def strike(self, working: asyncio.Task[Any]) -> None:
        """Let misfortune happen, as long as there is work and a little longer."""
        for _ in range(self._random.choice([0, 1, 2, 3, 4])):
            await asyncio.sleep(self._random.random() * 2.5)
            plan = self._random.choice(
                [
                    self._kill_somebody,
                    self._stop_somebody,
                    self._stall_somebody,
                    self._store_away,
                    self._log_away,
                    self._rebalance,
                    self._rebalance,
                    self._forget_positions,
                    self._replay_letters,
                ]
            )
            plan()
        await asyncio.wait([working], timeout=5.0)

    def end(self) -> None:
        """Do no more harm; what is away comes back."""
        self._over = True
        self._world.weather.breaks = 0.0

    # Misfortunes

    def _kill_here(self) -> None:
        life = LIFE.get()
        for process in self._world.processes:
            if process.life is life:
                self._kill(process)
                raise Killed

    def _visit_everybody(self) -> None:
        """Let states be changed by requests while a batch changes them too."""
        for process in self._world.living:
            if process.visit is not None:
                self._world.spawn(process.visit(), process.life)

    def _kill_somebody(self) -> None:
        if process := self._somebody():
            self._kill(process)

    def _kill(self, process: Process) -> None:
        process.die()
        self._world.spawn(self._start_later())

    def _stop_somebody(self) -> None:
        async def restart(process: Process) -> None:
            await process.stop()
            await self._start_later()

        if process := self._somebody():
            self._world.spawn(restart(process))

    def _stall_somebody(self) -> None:
        if process := self._somebody():
            self._world.spawn(process.stall(self._random.random() ** 2 * 24.0))

    def _rebalance(self) -> None:
        """Let one more come, and perhaps go."""

        async def visit() -> None:
            process = await self._world.start_process()
            await asyncio.sleep(self._random.random() * 4.0)
            if process.alive and not process.life.still and self._random.random() < 0.7:
                await process.stop()

        self._world.spawn(visit())

    def _store_away(self) -> None:
        seconds = self._random.random() ** 2 * 14.0
        self._world.trace.add(f"the store goes away for {seconds:.1f} s")
        self._world.weather.store_until = self._world.loop.time() + seconds

    def _log_away(self) -> None:
        seconds = self._random.random() ** 2 * 10.0
        self._world.trace.add(f"the log goes away for {seconds:.1f} s")
        self._world.weather.log_until = self._world.loop.time() + seconds

    def _forget_positions(self) -> None:
        """Take positions back, as a crash of the log does, and let everybody join again."""
        groups: Any = self._world.log
        for name, group in groups._groups.items():
            for partition in sorted(group.committed, key=str):
                back = max(0, group.committed[partition] - self._random.randrange(6))
                group.committed[partition] = self._world.storage.positions[name][partition] = back
        self._world.trace.add("the log forgets how far it was read")
        self._rebalance()

    def _replay_letters(self) -> None:
        """Let an operator send all dead letters back to where they came from."""
        world = self._world
        now = NOW + dt.timedelta(seconds=world.loop.time() - BEGINNING)
        # Once each, though it may stand there twice.
        letters = {
            tuple(
                letter.headers[f"x-dlq-{part}"] for part in ("consumer", "topic", "partition", "offset")
            ): letter
            for where, log in world.oracle.log.items()
            if where.topic == LETTERS
            for letter in log
        }
        again = [
            retry_record(
                letter,
                topic=replay_topic(SERVICE),
                consumer=letter.headers["x-dlq-consumer"].decode(),
                attempts=0,
                not_before=now,
                reason=REPLAYED,
            )
            for letter in letters.values()
        ]

        async def replay() -> None:
            # What the log does not take, the operator does not send again.
            with contextlib.suppress(LogUnavailable):
                await world.log.append(again)

        world.trace.add(f"{len(again)} dead letters are replayed")
        world.spawn(replay())

    def _somebody(self) -> Process | None:
        living = self._world.living
        return self._random.choice(living) if living else None

    async def _start_later(self) -> None:
        await asyncio.sleep(self._random.random() * 3.0)
        await self._world.start_process()
