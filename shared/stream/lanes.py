"""Work in order per key and side by side across keys, within a bound."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class Lanes(Generic[ItemT]):
    """A queue per key: a slow key delays nobody but itself.

    Args:
        work: what is done with each item; it must handle its own errors.
        limit: how many items may be queued or at work; above it `free` waits, which is what bounds memory.
    """

    def __init__(self, work: Callable[[ItemT], Awaitable[None]], limit: int) -> None:
        self._work = work
        self._limit = limit
        self._queues: dict[bytes, deque[ItemT]] = {}
        self._runners: set[asyncio.Task[None]] = set()
        self._held = 0
        self._changed = asyncio.Condition()
        self._closing = False
        self.failure: BaseException | None = None

    @property
    def room(self) -> int:
        """How many more items may be put in."""
        return max(0, self._limit - self._held)

    def put(self, key: bytes, item: ItemT) -> None:
        """Add `item` behind the others of `key`."""
        self._held += 1
        queue = self._queues.get(key)
        if queue is not None:
            queue.append(item)
            return
        self._queues[key] = deque([item])
        runner = asyncio.create_task(self._run(key))
        self._runners.add(runner)
        runner.add_done_callback(self._runners.discard)

    def behind(self, key: bytes) -> int:
        """Return how many items wait behind the one of `key` that is at work."""
        return max(0, len(self._queues.get(key, ())) - 1)

    async def free(self) -> None:
        """Return once there is room."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.room > 0 or self.failure is not None)

    async def idle(self) -> None:
        """Return once nothing is queued or at work."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._held or self.failure is not None)

    async def close(self) -> None:
        """Finish what is at work and forget what is queued: it was not committed and comes again."""
        self._closing = True
        if self._runners:
            await asyncio.wait(self._runners)

    async def _run(self, key: bytes) -> None:
        queue = self._queues[key]
        try:
            while queue and not self._closing:
                await self._work(queue[0])
                queue.popleft()
                await self._release(1)
        except Exception as error:  # noqa: BLE001 - told to whoever asks for room
            self.failure = error
        del self._queues[key]
        await self._release(len(queue))

    async def _release(self, count: int) -> None:
        async with self._changed:
            self._held -= count
            self._changed.notify_all()
