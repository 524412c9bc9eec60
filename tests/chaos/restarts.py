"""Processes that are stopped in order, frozen, and replaced one by one."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

from tests.chaos.scenario import scenario
from tests.chaos.workers import Worker
from tests.chaos.world import World

DRAIN_SECONDS = 25.0
FROZEN_SECONDS = 20.0
"""Longer than the 10 s after which a group gives up a member that is silent."""

DETECTION_SECONDS = 15.0

REPLICAS, ROUNDS = 3, 5


@scenario(
    "P6", "SIGTERM at 500 messages a second: once, twice, and during the start", logs=("local", "kafka")
)
async def stopped_in_order(world: World) -> None:
    load = world.load(8_000)
    drains: list[float] = []
    again = 0
    async with world.watching(load) as watch, asyncio.TaskGroup() as group:
        feeding = group.create_task(world.feed(load, 500))
        worker = await world.worker()
        for times in (1, 1, 2, 2):
            await asyncio.sleep(world.random.uniform(1.0, 2.0))
            for _ in range(times - 1):
                worker.signal(signal.SIGTERM)
                await asyncio.sleep(0.05)
            code, seconds = await worker.terminate()
            watch.fault()
            world.report.expect(code == 0, f"SIGTERM, {times} times: exit {code}: {worker.log()[-300:]}")
            drains.append(seconds)
            again += await watch.uncommitted()
            await _stopped_during_start(world)
            worker = await world.worker()
        await feeding
        await world.judge(load)
    world.report.expect(max(drains) <= DRAIN_SECONDS, f"a stop took {max(drains):.1f} s")
    world.report.expect(again == 0, f"{again} records with an effect were delivered again")
    world.report.note(
        f"stops took {', '.join(f'{each:.2f}' for each in drains)} s, {again} records came again"
    )


@scenario("P7", "SIGSTOP of one of two consumers, SIGCONT when its partitions are gone", logs=("kafka",))
async def frozen(world: World) -> None:
    load = world.load(20_000)
    async with world.watching(load) as watch, asyncio.TaskGroup() as group:
        first, second = await world.worker(), await world.worker()
        feeding = group.create_task(world.feed(load, 700))
        await watch.progress(2_000)
        # Not in the middle of nothing: there is work in its hands.
        first.signal(signal.SIGSTOP)
        watch.fault()
        await asyncio.sleep(FROZEN_SECONDS)
        world.report.expect(second.alive, "the other consumer ended")
        first.signal(signal.SIGCONT)
        await feeding
        found = await world.judge(load)
        world.report.expect(first.alive, "the thawed consumer ended")
    rejected = first.log().count('"kafka.commit_discarded"')
    world.report.note(
        f"{rejected} commits of the thawed one were discarded, {found.said_again} answers published again"
    )


@scenario("P8", "3 consumers replaced one by one, 5 times, batches of 2 s", logs=("kafka",), seconds=240)
async def rolled(world: World) -> None:
    load = world.load(6_000)
    await world.prefill(load)
    slow = "mid_batch:sleep=2@1+"
    drains: list[float] = []
    async with world.watching(load) as watch:
        # Two consumers that block one loop in turn would be slower than any batch is.
        running = [await world.worker(slow, CHAOS_READS_ANSWERS="false") for _ in range(REPLICAS)]
        for _ in range(ROUNDS):
            for place, old in enumerate(running):
                running[place] = await world.worker(slow, CHAOS_READS_ANSWERS="false")
                code, seconds = await old.terminate()
                world.report.expect(code == 0, f"a replaced consumer ended with {code}: {old.log()[-300:]}")
                drains.append(seconds)
        await _without_sleep(world, running)
        found = await world.judge(load, 90)
    late = sum(each.log().count('"consumer.drain_timed_out"') for each in world.workers)
    rebalances = sum(each.log().count('"kafka.assigned"') for each in world.workers)
    world.report.expect(late == 0, f"{late} rebalances did not wait for a batch")
    world.report.expect(max(drains) <= DRAIN_SECONDS, f"a stop took {max(drains):.1f} s")
    world.report.note(
        f"{rebalances} assignments, stops took at most {max(drains):.1f} s, "
        f"nothing was applied for at most {watch.stall:.1f} s, {found.said_again} answers published again"
    )


@scenario("P9", "an event loop that is blocked for good", seconds=120)
async def blocked(world: World) -> None:
    load = world.load(3_000)
    await world.prefill(load)
    async with world.watching(load) as watch:
        worker = await world.worker("mid_batch:hang@5")

        async def silent() -> bool:
            return await worker.status("/livez", seconds=1.0) == 0

        async def told() -> bool:
            return worker.said("process.stuck")

        await world.until(silent, "a process that does not answer", 30)
        watch.fault()
        began = time.monotonic()
        await world.until(told, "a word of the watchdog", DETECTION_SECONDS)
        detected = time.monotonic() - began
        code = await worker.ended(90)
        ended = time.monotonic() - began
        world.report.expect(code == 1, f"the watchdog ended the process with {code}")
        world.report.expect("faults.py" in worker.log(), "nothing says where the loop was blocked")
        await world.worker()
        await world.judge(load)
    world.report.note(f"told after {detected:.0f} s, with stacks; ended after {ended:.0f} s with {code}")


async def _without_sleep(world: World, running: list[Worker]) -> None:
    """Finish at the usual speed; that the slow ones do it too would only take longer."""
    await world.worker()
    for each in running:
        await each.terminate()


async def _stopped_during_start(world: World) -> None:
    """Stop a process as soon as it hears, long before it is ready."""
    worker = await world.worker(ready=False)

    async def hears() -> bool:
        return _catches(worker.process.pid, signal.SIGTERM)

    await world.until(hears, "a process that hears SIGTERM", 20)
    began = time.monotonic()
    worker.signal(signal.SIGTERM)
    code = await worker.ended()
    seconds = time.monotonic() - began
    world.report.expect(code == 0, f"SIGTERM during the start: exit {code}: {worker.log()[-300:]}")
    world.report.expect(seconds <= DRAIN_SECONDS, f"SIGTERM during the start took {seconds:.1f} s")


def _catches(pid: int, number: int) -> bool:
    """Tell whether a process has a handler for a signal, as the kernel sees it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(mask, 16) & (1 << (number - 1)))
