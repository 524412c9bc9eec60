from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from services.simulator.domain.messages import Status
from services.simulator.domain.receipts import Stage


@dataclass(frozen=True, slots=True, order=True)
class Arrival:
    """A message reaching people, at a moment of the loop's clock."""

    due: float
    serial: int
    message: str = field(compare=False)
    status: Status = field(compare=False)
    who: tuple[str, ...] = field(compare=False)


class Arrivals:
    """Lets messages arrive and be read, each at its time; what is due together happens together."""

    name = "simulator.arrivals"

    def __init__(self) -> None:
        self._heap: list[Arrival] = []
        self._serial = 0
        self._wake = asyncio.Event()
        self._stopping = False
        self._happen: Callable[[Sequence[Arrival]], Awaitable[None]] | None = None

    def report_to(self, happen: Callable[[Sequence[Arrival]], Awaitable[None]]) -> None:
        """Name who makes what is due happen."""
        self._happen = happen

    def expect(self, message: str, stages: Iterable[Stage]) -> None:
        """Let `stages` become of `message`, counted from now."""
        now = asyncio.get_running_loop().time()
        for each in stages:
            self._serial += 1
            heapq.heappush(
                self._heap, Arrival(now + each.after, self._serial, message, each.status, each.who)
            )
        self._wake.set()

    def forget(self) -> None:
        """Let nothing more become of anything."""
        self._heap.clear()

    async def run(self) -> None:
        """Work until stopped; what is not due by then is expected anew after the next start."""
        clock = asyncio.get_running_loop()
        while not self._stopping:
            due = self._due(clock.time())
            if due and self._happen is not None:
                await self._happen(due)
                continue
            self._wake.clear()
            pause = self._heap[0].due - clock.time() if self._heap else None
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Ask `run` to finish."""
        self._stopping = True
        self._wake.set()

    def _due(self, now: float) -> list[Arrival]:
        due: list[Arrival] = []
        while self._heap and self._heap[0].due <= now:
            due.append(heapq.heappop(self._heap))
        return due
