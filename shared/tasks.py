"""Ends background tasks for certain."""

from __future__ import annotations

import asyncio
from typing import Any

AGAIN_SECONDS = 0.1


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel `tasks` and return once each of them has ended, however it did.

    One cancellation is not enough: `asyncio.wait_for` of Python 3.11, which the database driver uses, loses
    it when what it waits for comes in the same moment, and the task goes on as if nothing had been said.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
