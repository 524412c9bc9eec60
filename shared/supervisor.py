"""Runs loops until told to stop; a loop that fails ends the process, for "ready but idle" helps nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shared.observability.logs import get_logger
from shared.observability.metrics import TASK_FAILURES
from shared.service import Loop
from shared.tasks import end

log = get_logger(__name__)


class Supervisor:
    """Owns the tasks of a process."""

    def __init__(self) -> None:
        self._tasks: list[tuple[Loop, asyncio.Task[None]]] = []
        self._failed = asyncio.Event()

    @property
    def failed(self) -> asyncio.Event:
        """Set once a loop has ended by itself."""
        return self._failed

    def start(self, loops: Sequence[Loop]) -> None:
        """Start `loops`, in order."""
        for loop in loops:
            task = asyncio.create_task(loop.run(), name=loop.name)
            self._tasks.append((loop, task))
            task.add_done_callback(self._ended)

    async def stop(self, seconds: float) -> bool:
        """Stop the loops one by one, the last started first; return whether all ended in time."""
        in_time = True
        deadline = asyncio.get_running_loop().time() + seconds
        for loop, task in reversed(self._tasks):
            task.remove_done_callback(self._ended)
            loop.stop()
            left = max(0.1, deadline - asyncio.get_running_loop().time())
            _, pending = await asyncio.wait([task], timeout=left)
            if pending:
                in_time = False
                log.error("supervisor.not_stopped_in_time", task=loop.name)
                await end(task)
        return in_time

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        TASK_FAILURES.labels(task.get_name()).inc()
        log.critical("supervisor.task_ended", task=task.get_name(), exc_info=error)
        self._failed.set()
