"""The claim on which everything rests: nothing is lost and nothing happens twice, whatever is killed."""

from __future__ import annotations

import time
from functools import partial

from tests.chaos.scenario import scenario
from tests.chaos.workers import Worker
from tests.chaos.world import World

CONSUMERS = 2
"""In each worker: one enters, one reads the answers."""

RECORDS = 50_000
CONSUMER_KILLS, MONGOD_KILLS = 20, 5


@scenario("H1", "20 × kill -9 of the consumer, 5 × of mongod, one process", seconds=180)
async def one_process(world: World) -> None:
    await _killed(world, 1)


@scenario("H1.kafka", "20 × kill -9 of consumers, 5 × of mongod, two processes", logs=("kafka",), seconds=420)
async def two_processes(world: World) -> None:
    await _killed(world, 2)


def _works(worker: Worker) -> bool:
    """Tell whether both consumers of a worker have their partitions; one killed meanwhile never will."""
    assigned = worker.log().count('"kafka.assigned"') >= CONSUMERS
    return not worker.alive or assigned


async def _killed(world: World, consumers: int) -> None:
    """Kill by progress: a kill whenever another part of the records has been applied."""
    load = world.load(RECORDS)
    await world.prefill(load)
    kills = ["consumer"] * CONSUMER_KILLS + ["mongod"] * MONGOD_KILLS
    world.random.shuffle(kills)
    async with world.watching(load) as watch:
        running = [await world.worker() for _ in range(consumers)]
        for number, victim in enumerate(kills, 1):
            await watch.progress(RECORDS * number // (len(kills) + 2))
            if victim == "mongod":
                began = time.monotonic()
                await world.kill_mongod(0.5)
                watch.fault(lambda: True, at=began)
            else:
                place = world.random.randrange(consumers)
                await running[place].kill()
                running[place] = again = await world.worker(ready=False)
                watch.fault(partial(_works, again) if world.kafka else lambda: True)
                await again.ready()
            world.report.expect(all(each.alive for each in running), "a consumer ended by itself")
        await world.judge(load, 120)
    world.report.note(f"{load.copies} copies and {load.poison} poisoned among the inputs")
