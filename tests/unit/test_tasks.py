from __future__ import annotations

import asyncio
import contextlib

from shared.tasks import end


async def test_a_task_is_ended_however_often_a_cancellation_is_lost_on_the_way():
    lost = 0

    async def deaf() -> None:
        nonlocal lost
        while lost < 3:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            lost += 1
        await asyncio.Event().wait()

    tasks = [asyncio.create_task(deaf()), asyncio.create_task(asyncio.Event().wait())]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end(*tasks)
    assert lost == 3
    assert all(task.cancelled() for task in tasks)


async def test_how_a_task_ended_is_no_concern():
    async def fails() -> None:
        raise ZeroDivisionError

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await end(task)
    await end()
    assert task.done()
