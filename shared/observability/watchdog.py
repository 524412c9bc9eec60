"""Finds what stands still, for "ready but idle" helps nobody: the event loop, or one loop within it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from types import FrameType
from typing import Any

from shared.observability.health import STALLED_SECONDS, Health
from shared.observability.logs import get_logger
from shared.observability.metrics import STALLS

log = get_logger(__name__)

FRAMES = 25
"""How many frames are written of a stack, the innermost first."""

LAST_WORDS_SECONDS = 1.0
"""How long the end waits for its log line: what blocks the process may be the very stream it writes to."""

EVENT_LOOP = "event loop"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long what stands still is borne."""

    look_seconds: float = 1.0
    """How often the watchdog looks, and the event loop beats."""
    told_seconds: float = 10.0
    """By then a webhook has gone unanswered and Kafka begins to wonder: somebody should know why."""
    ended_seconds: float = 60.0
    """Past Kafka's session, nothing this process holds is its own any more: a new one does better."""
    ending_seconds: float = 30.0
    """What the end of a process may take beyond its drain: the last listener, the log's flush."""
    stalled_seconds: float = STALLED_SECONDS
    """How long a loop that has stalled may take to go on: the database may have kept it for once."""


class Watchdog(threading.Thread):
    """Expects the event loop to beat; tells where it stands when it does not, and at last ends the process.

    It counts its own looks rather than the clock: when the whole process stood still, as in a virtual machine
    that was paused, it did not look either, and nobody is to blame.
    """

    def __init__(self, limits: Limits, end: Callable[[int], object] = os._exit) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._limits = limits
        self._end = end
        self._over = threading.Event()
        self._beaten = True
        self._missed = 0
        self._told = False
        self._left: int | None = None
        self._next: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Begin to watch the running event loop."""
        self._beat(asyncio.get_running_loop())
        self.start()

    def expect_end(self, seconds: float) -> None:
        """End the process unless `stop` is called within `seconds`, and as much more as an end may take."""
        self._left = self._looks(seconds + self._limits.ending_seconds)

    def stop(self) -> None:
        """Watch no longer."""
        self._over.set()
        if self._next is not None:
            self._next.cancel()

    def run(self) -> None:
        """Look until stopped."""
        while not self._over.wait(self._limits.look_seconds):
            self.look()

    def look(self) -> None:
        """Look once."""
        if self._beaten:
            self._beaten, self._missed, self._told = False, 0, False
        else:
            self._missed += 1
        if self._left is not None:
            self._left -= 1
        if self._left == 0:
            self._give_up("it does not end")
        elif self._missed >= self._looks(self._limits.ended_seconds):
            self._give_up("the event loop is blocked")
        elif self._missed >= self._looks(self._limits.told_seconds) and not self._told:
            self._told = True
            STALLS.labels(EVENT_LOOP).inc()
            self._say("process.stuck", seconds=self._limits.told_seconds)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        self._beaten = True
        self._next = loop.call_later(self._limits.look_seconds, self._beat, loop)

    def _looks(self, seconds: float) -> int:
        return max(1, round(seconds / self._limits.look_seconds))

    def _give_up(self, why: str) -> None:
        self._say("process.given_up", why=why).join(LAST_WORDS_SECONDS)
        self._end(1)

    def _say(self, event: str, **what: str | float) -> threading.Thread:
        """Log the stacks from a thread of its own, which may block where this one must not."""
        what_and_where = {**what, "threads": stacks()}
        saying = threading.Thread(
            target=log.critical, args=(event,), kwargs=what_and_where, name="watchdog-log", daemon=True
        )
        saying.start()
        return saying


class Stalls:
    """Looks for loops that have stopped going round while the event loop beats."""

    def __init__(self, health: Health, limits: Limits) -> None:
        self._health = health
        self._limits = limits
        self._since: dict[str, float] = {}

    async def until_hopeless(self) -> None:
        """Return once a loop has stood still for so long that only a new process helps."""
        while not self.look(asyncio.get_running_loop().time(), asyncio.all_tasks()):  # noqa: ASYNC110
            await asyncio.sleep(self._limits.look_seconds)

    def look(self, now: float, tasks: set[asyncio.Task[Any]]) -> bool:
        """Tell of each loop that has come to a stand, once; return whether one has not gone on for too long.

        Args:
            now: the time on any clock that only goes forward.
            tasks: where to find the loops, which are known by their names.
        """
        stalled = self._health.alive()
        for name in stalled.keys() - self._since.keys():
            STALLS.labels(name).inc()
            where = [each for task in tasks if task.get_name() == name for each in stack_of(task)]
            log.error("loop.stalled", loop=name, where=where)
        self._since = {name: self._since.get(name, now) for name in stalled}
        latest = now - self._limits.stalled_seconds
        hopeless = [name for name, since in self._since.items() if since <= latest]
        for name in hopeless:
            log.critical("loop.given_up", loop=name)
        return bool(hopeless)


def stacks() -> dict[str, list[str]]:
    """Return where each other thread stands, by its number and name, without any value."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    frames = sys._current_frames().items()  # noqa: SLF001 - there is no other way
    return {
        f"{number} {names.get(ident, 'unknown')}": [_place(each) for each in islice(_outwards(frame), FRAMES)]
        for number, (ident, frame) in enumerate(frames)
        if ident != threading.get_ident()
    }


def stack_of(task: asyncio.Task[Any]) -> list[str]:
    """Return where `task` waits, the innermost place first, without any value."""
    return [_place(each) for each in list(_inwards(task.get_coro()))[: -FRAMES - 1 : -1]]


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _inwards(waiting: Any) -> Iterator[FrameType]:
    # A task itself knows only its outermost frame; what that awaits leads on to what it waits for.
    while waiting is not None:
        frame = getattr(waiting, "cr_frame", None) or getattr(waiting, "gi_frame", None)
        if frame is not None:
            yield frame
        waiting = getattr(waiting, "cr_await", None) or getattr(waiting, "gi_yieldfrom", None)


def _place(frame: FrameType) -> str:
    return f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"
