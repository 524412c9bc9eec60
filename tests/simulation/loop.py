"""An event loop without a clock: time jumps to the next timer, and a seed decides who goes on first."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context, ContextVar, copy_context
from random import Random
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")

STEP_SECONDS = 0.000_02
"""The most a step of the loop takes: never nothing, or two processes would decide in the same instant."""

BEGINNING = 1000.0


class Life:
    """What a callback belongs to, a process for example; while it stands still none of its callbacks run."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.still = False
        self.over = False
        """Whether it stands still for good: nothing it does may be felt by anybody."""


LIFE: ContextVar[Life | None] = ContextVar("LIFE", default=None)


def in_life(life: Life | None) -> Context:
    """Return a context in which whatever is started belongs to `life`."""
    context = copy_context()
    context.run(LIFE.set, life)
    return context


class Halted(BaseException):
    """The simulation ends here, for this reason."""


class SimulationLoop(asyncio.BaseEventLoop):
    """Runs one ready callback at a time, chosen by the seed."""

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, random: Random, max_steps: int = 400_000) -> None:
        super().__init__()
        self._random = random
        self._now = BEGINNING
        self._left = max_steps
        self._standing: list[asyncio.Handle] = []
        self._quiet = False
        self.steps = 0
        self.halt: str | None = None
        """Set to end the simulation at the next step."""

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._now

    def thaw(self, life: Life) -> None:
        """Let `life` go on."""
        life.still = False
        held, self._standing = self._standing, []
        self._ready.extend(held)

    def spawn(
        self, work: Coroutine[Any, Any, ResultT], life: Life | None, name: str | None = None
    ) -> asyncio.Task[ResultT]:
        """Start `work` as a task of `life`."""
        return asyncio.Task(work, loop=self, name=name, context=in_life(life))

    def end_all(self) -> None:
        """Cancel every task and run until each has ended, so that nothing is left to the collector."""
        self.halt = None
        self._quiet = True
        self._left = 100_000
        while pending := sorted(asyncio.all_tasks(self), key=lambda task: task.get_name()):
            for task in pending:
                task.cancel()
            self._run_for(1.0)
        closing = self.create_task(self.shutdown_asyncgens())
        while not closing.done():
            self._run_for(1.0)
        self.close()

    def _run_for(self, seconds: float) -> None:
        """Run, perhaps shorter: a run that was halted may have left a wish to stop behind."""
        end = self.call_later(seconds, self.stop)
        self.run_forever()
        end.cancel()

    def call_exception_handler(self, context: Mapping[str, Any]) -> None:
        """Say nothing of tasks that ended by a crash nobody was left to see."""

    def _write_to_self(self) -> None:
        """Do nothing: there is no selector to wake."""

    def _process_events(self, event_list: object) -> None:
        """Do nothing: there are no sockets."""

    def _run_once(self) -> None:
        if self.halt is not None:
            raise Halted(self.halt)
        if self._left <= 0:
            raise Halted("It goes round and round without an end.")
        self._left -= 1
        self._wake_timers()
        if not self._ready:
            raise Halted("Everybody waits, and nothing will ever happen.")
        handle = self._choose()
        if handle.cancelled():
            return
        life = _life_of(handle)
        if life is not None and life.still and not self._quiet:
            self._standing.append(handle)
            return
        self.steps += 1
        self._now += self._random.random() * STEP_SECONDS
        handle._run()

    def _wake_timers(self) -> None:
        if self._quiet and self._standing:
            held, self._standing = self._standing, []
            self._ready.extend(held)
        scheduled = self._scheduled
        while scheduled and scheduled[0].cancelled():
            self._pop_timer()
        if not self._ready and scheduled:
            self._now = max(self._now, scheduled[0].when())
        while scheduled and scheduled[0].when() <= self._now:
            self._ready.append(self._pop_timer())

    def _pop_timer(self) -> asyncio.TimerHandle:
        handle = heapq.heappop(self._scheduled)
        handle._scheduled = False  # type: ignore[attr-defined]
        return handle

    def _choose(self) -> asyncio.Handle:
        ready = self._ready
        if len(ready) > 1:
            chosen = int(self._random.random() * len(ready))
            ready[chosen], ready[-1] = ready[-1], ready[chosen]
        return ready.pop()


def _life_of(handle: asyncio.Handle) -> Life | None:
    context: Context = handle._context  # type: ignore[attr-defined]
    return context.get(LIFE)


def call_in(life: Life | None, work: Callable[[], ResultT]) -> ResultT:
    """Return what `work` returns when `life` does it."""
    return in_life(life).run(work)
