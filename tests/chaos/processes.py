"""Processes that die: at any moment, at the worst moments, and of their own mistakes."""

from __future__ import annotations

import asyncio
import time

from tests.chaos import ledger
from tests.chaos.scenario import scenario
from tests.chaos.workers import Worker
from tests.chaos.world import World

KILLED = -9
POINTS = ("after_poll", "mid_batch", "in_txn", "after_txn_before_commit", "after_send_before_delete")
LEAVES_SECONDS = 5.0
"""How long a process may go on in which a loop has failed."""


@scenario("P1", "kill -9 of the consumer, 20 times at random")
async def killed_at_random(world: World) -> None:
    load = world.load(20_000)
    await world.prefill(load)
    worker = await world.worker()
    async with world.watching(load) as watch:
        for kill in range(1, 21):
            await watch.progress(len(load.inputs) * kill // 21 - world.random.randrange(500))
            await worker.kill()
            watch.fault(lambda: True)
            worker = await world.worker()
        await world.judge(load)


@scenario("P2", "kill -9 between transaction and commit", short=True)
async def killed_before_commit(world: World) -> None:
    load = world.load(600, duplicates=0, poison=0)
    await world.prefill(load)
    async with world.watching(load) as watch:
        worker = await _dies(world, "after_txn_before_commit:kill9@2")
        watch.fault()
        again = await watch.uncommitted()
        world.report.expect(again > 0, "nothing was to be delivered again")
        worker = await world.worker()
        await world.judge(load)
        absorbed = await worker.metric(
            "chaupal_records_handled_total", consumer=ledger.CONSUMER, outcome="duplicate"
        )
    world.report.expect(absorbed == again, f"{again} came again and {absorbed:.0f} were absorbed")
    world.report.note(f"{again} records came again, all absorbed, none of them said anything new")


@scenario("P3", "kill -9 inside the transaction", transaction_seconds=10)
async def killed_inside_the_transaction(world: World) -> None:
    load = world.load(400, duplicates=0)
    await world.prefill(load)
    async with world.watching(load) as watch:
        await _dies(world, "in_txn:kill9@1")
        died = time.monotonic()
        watch.fault()
        for name in (ledger.ACCOUNTS, "_inbox", "_outbox"):
            seen = await world.database[name].count_documents({})
            world.report.expect(seen == 0, f"{seen} documents of a transaction that never was, in {name}")
        await world.worker()
        await watch.progress(1)
        blocked = time.monotonic() - died
        await world.judge(load)
    # The database looks for transactions that are too old every half of that time, and a consumer that waits
    # looks every 5 seconds.
    limit = world.scenario.transaction_seconds * 1.5 + 6
    world.report.expect(blocked <= limit, f"writers of the same keys were blocked {blocked:.1f} s")
    world.report.note(f"writers of the same keys went on {blocked:.1f} s after the death")


@scenario("P4", "kill -9 between append and delete of the relay", short=True)
async def killed_before_delete(world: World) -> None:
    load = world.load(600)
    await world.prefill(load)
    async with world.watching(load) as watch:
        await _dies(world, "after_send_before_delete:kill9@1")
        watch.fault()
        await world.worker()
        found = await world.judge(load)
    again = found.said_again
    world.report.expect(again > 0, "the crash was to publish some answers twice")
    world.report.note(f"{again} answers stand on the topic twice, under the same id")


@scenario("P10", "an error nobody expects, in every kind of loop", short=True)
async def unexpected_errors(world: World) -> None:
    load = world.load(2_000)
    slowest = 0.0
    async with asyncio.TaskGroup() as group:
        feeding = group.create_task(world.feed(load, 200))
        for point in POINTS:
            worker = await world.worker(f"{point}:raise@2")
            slowest = max(slowest, await _leaves(world, worker, point))
        worker = await world.worker()
        world.report.expect(await worker.post("/chaos/v1/fail") == 204, "the loop was not told to fail")
        slowest = max(slowest, await _leaves(world, worker, "a loop that raises"))
        await world.worker()
        await feeding
    await world.judge(load)
    world.report.note(f"every process left at most {slowest:.1f} s after its loop had failed")


async def _dies(world: World, faults: str) -> Worker:
    """Return a worker that has killed itself where it was told to; it alone reads the inputs."""
    worker = await world.worker(faults, ready=False, CHAOS_READS_ANSWERS="false")
    code = await worker.ended()
    world.report.expect(code == KILLED, f"the worker ended with {code}: {worker.log()[-300:]}")
    return worker


async def _leaves(world: World, worker: Worker, what: str) -> float:
    """Return how long after the failure of a loop its process was gone."""

    async def failed() -> bool:
        return worker.said("supervisor.task_ended") or not worker.alive

    await world.until(failed, f"{what}: the end of the loop", 30)
    began = time.monotonic()
    code = await worker.ended()
    took = time.monotonic() - began
    world.report.expect(code > 0, f"{what}: the process ended with {code}")
    world.report.expect(took <= LEAVES_SECONDS, f"{what}: the process stayed {took:.1f} s")
    return took
