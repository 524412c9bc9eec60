"""More than a process can take in at once."""

from __future__ import annotations

import asyncio
import contextlib

import psutil

from tests.chaos import ledger
from tests.chaos.scenario import scenario
from tests.chaos.workers import Worker
from tests.chaos.world import World

LAG = 200_000
PEAK_MIB = 350
LOOKED_AT = 40_000
"""So much of the lag is worked off while memory is looked at; it does not change with the rest."""

LONG, LONGEST = 1_500, "अ" * 65_000
"""Messages as long as the contract allows, and three bytes to a letter."""


@scenario("P11", "a lag of 200 000 records", logs=("local", "kafka"), seconds=180)
async def far_behind(world: World) -> None:
    load = world.load(LAG, duplicates=0, poison=0)
    await world.prefill(load)
    worker = await world.worker()
    peak = await _peak(world, worker, LOOKED_AT)
    done = sum((await world.view.committed(ledger.CONSUMER, ledger.INBOUND)).values())
    world.report.inputs, world.report.effects = LAG, done
    world.report.expect(peak <= PEAK_MIB, f"the worker grew to {peak:.0f} MiB")
    world.report.note(f"at most {peak:.0f} MiB while the first {done} were applied; memory alone is judged")


@scenario("P12", "a lag of the longest messages there are", logs=("local", "kafka"), seconds=180)
async def long_messages(world: World) -> None:
    load = world.load(LONG, poison=0.01, padding=LONGEST)
    await world.prefill(load, at_once=10)
    async with world.watching(load):
        worker = await world.worker()
        peak = await _peak(world, worker, LONG)
        await world.judge(load)
    world.report.expect(peak <= PEAK_MIB, f"the worker grew to {peak:.0f} MiB")
    world.report.note(f"at most {peak:.0f} MiB")


async def _peak(world: World, worker: Worker, until: int) -> float:
    """Return the most memory, in MiB, that `worker` took until so many records were committed."""
    peak, done = 0, 0
    while worker.alive and done < until:
        for _ in range(10):
            with contextlib.suppress(psutil.Error):
                peak = max(peak, worker.rss)
            await asyncio.sleep(0.1)
        done = sum((await world.view.committed(ledger.CONSUMER, ledger.INBOUND)).values())
    world.report.expect(worker.alive, f"the worker ended by itself: {worker.log()[-300:]}")
    return peak / 2**20
