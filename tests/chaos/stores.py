"""A database that dies, steps down, answers slowly, refuses a document, and has no room left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import httpx2
from pymongo.errors import PyMongoError

from deploy.local.mongod import direct_client
from deploy.local.process import LocalPartUnavailable
from shared.contracts.topics import dead_letter_topic
from shared.http.keys import new_key
from tests.chaos import ledger
from tests.chaos.scenario import scenario
from tests.chaos.workers import Worker
from tests.chaos.world import World
from tests.support import events
from tests.support.fault_proxy import FaultProxy
from tests.support.tally import HUGE

DISK_MIB = 700
"""Room for the journals of an empty database and some more."""

SPARE_MIB = 4


@scenario("M1", "kill -9 of mongod, 3 times under load", logs=("local", "kafka"))
async def killed(world: World) -> None:
    load = world.load(9_000)
    async with world.watching(load) as watch, asyncio.TaskGroup() as group:
        await world.worker()
        feeding = group.create_task(world.feed(load, 400))
        for number in range(1, 4):
            await watch.progress(2_000 * number)
            watch.fault()
            await world.kill_mongod(2.0)
        await feeding
        await world.judge(load)


@scenario("M2", "mongod is away for 30 s", logs=("kafka",), seconds=120)
async def away(world: World) -> None:
    await _away(world, 30.0)


@scenario("M2.long", "mongod is away for 120 s", logs=("kafka",), seconds=240)
async def long_away(world: World) -> None:
    await _away(world, 120.0)


async def _away(world: World, seconds: float) -> None:
    load = world.load(9_000)
    key, stored = new_key("chaos", frozenset({"policies:read"}))
    async with world.watching(load) as watch, asyncio.TaskGroup() as group:
        worker = await world.worker()
        service = await world.worker(
            module="services.moderation", MONGO_DATABASE_PREFIX=f"{world.prefix}m", API_KEYS=str(stored)
        )
        feeding = group.create_task(world.feed(load, 400))
        await watch.progress(2_000)
        before = _assignments(worker)
        gone = time.monotonic()
        await asyncio.to_thread(world.mongod.kill)
        watch.fault()
        await asyncio.sleep(5)
        while (left := gone + seconds - time.monotonic()) > 0:
            await _paused_but_alive(world, worker)
            await _refused_politely(world, service, key)
            await asyncio.sleep(min(5.0, left))
        # Before the start: all there was to do may be done when it returns.
        back, seen = time.monotonic(), watch.effects
        await asyncio.to_thread(world.mongod.start)
        await watch.progress(seen + 1)
        recovered = time.monotonic() - back
        world.report.expect(_assignments(worker) == before, "the consumers left their group")
        await world.until(lambda: _is(worker.status("/readyz"), 200), "readiness", 20)
        await feeding
        await world.judge(load)
    world.report.note(
        f"in the group all the time, the first effect {recovered:.2f} s after mongod was started again"
    )


def _assignments(worker: Worker) -> int:
    return worker.log().count('"kafka.assigned"')


async def _is(asked: Awaitable[int], wanted: int) -> bool:
    return await asked == wanted


async def _paused_but_alive(world: World, worker: Worker) -> None:
    ready, alive = await worker.status("/readyz"), await worker.status("/livez")
    paused = await worker.metric("chaupal_consumer_paused", consumer=ledger.CONSUMER)
    world.report.expect(ready == 503, f"readiness was {ready} without a database")
    world.report.expect(alive == 200, f"liveness was {alive} without a database")
    world.report.expect(paused == 1, f"chaupal_consumer_paused was {paused:.0f} without a database")


async def _refused_politely(world: World, service: Worker, key: str) -> None:
    async with httpx2.AsyncClient(base_url=service.internal_url, timeout=20) as client:
        answer = await client.get(
            f"/moderation/v1/policies/{events.chat_id(0)}", headers={"authorization": f"Bearer {key}"}
        )
    kind = answer.headers.get("content-type", "")
    world.report.expect(
        answer.status_code == 503 and kind.startswith("application/problem+json"),
        f"REST answered {answer.status_code} {kind} without a database",
    )


@scenario("M3", "the primary steps down in the middle of transactions, 3 times", logs=("local", "kafka"))
async def steps_down(world: World) -> None:
    load = world.load(4_000)
    async with world.watching(load) as watch, asyncio.TaskGroup() as group:
        # In nearly every moment a transaction is open, so it is one of them that is met.
        await world.worker("in_txn:sleep=0.2@1+")
        feeding = group.create_task(world.feed(load, 200))
        for number in range(1, 4):
            await watch.progress(800 * number)
            watch.fault()
            await asyncio.to_thread(_step_down, world.mongod.port)
        await feeding
        await world.judge(load)


def _step_down(port: int) -> None:
    with direct_client(port) as client, contextlib.suppress(PyMongoError):
        # Nobody else can be elected: it is without a primary for so many seconds.
        client.admin.command({"replSetStepDown": 2, "force": True})


# As in production: a transaction makes about nine trips, and at 1 s each may not take longer than this.
@scenario("M4", "a round trip to mongod takes 50 ms, then 1 s", logs=("kafka",), transaction_seconds=15)
async def far_away(world: World) -> None:
    load = world.load(6_000)
    await world.prefill(load)
    async with FaultProxy(world.mongod.port) as proxy, world.watching(load) as watch:
        url = f"mongodb://{proxy.address}/?directConnection=true"
        worker = await world.worker(MONGO_URL=url)
        rates: list[str] = []
        for delay, seconds in ((0.025, 6.0), (0.5, 30.0)):
            proxy.delay = delay
            spent, done, effects = *await _batches(worker), watch.effects
            await asyncio.sleep(seconds)
            more_spent, more_done = await _batches(worker)
            count = more_done - done
            mean = (more_spent - spent) / count if count else 0.0
            rates.append(
                f"{2000 * delay:.0f} ms: {(watch.effects - effects) / seconds:.0f} effects/s, "
                f"{mean:.2f} s a batch"
            )
            connections = proxy.accepted
            world.report.expect(connections <= 128, f"{connections} connections to the database")
        proxy.delay = 0.0
        await world.judge(load)
        world.report.expect(worker.alive, "the worker ended")
        world.report.expect(not worker.said("supervisor.task_ended"), "a loop ended")
    world.report.note("; ".join(rates))


async def _batches(worker: Worker) -> tuple[float, float]:
    labels = {"consumer": ledger.CONSUMER}
    spent = await worker.metric("chaupal_batch_seconds_sum", **labels)
    return spent, await worker.metric("chaupal_batch_seconds_count", **labels)


@scenario("M6", "one record of 400 leads to a document of 17 MiB", short=True)
async def too_large(world: World) -> None:
    chats = [events.chat_id(number) for number in range(1, 5)]
    bad = 217
    # It has a chat of its own: what came behind it there would have its state small again before it is saved.
    said = [events.received(number, chat=chats[number % 4], text=f"{number}") for number in range(400)]
    said[bad] = events.received(bad, chat=events.chat_id(5), text=HUGE)
    await world.append([events.record(each) for each in said])
    worker = await world.worker(module="tests.support.tally_app")

    async def heard() -> dict[str, list[str]]:
        found: list[Any] = await world.database["tallies"].find({}).to_list()
        return {str(each["_id"]): each["heard"] for each in found}

    async def done() -> bool:
        return sum(map(len, (await heard()).values())) >= len(said) - 1

    await world.until(done, "the effects of all others", 45)
    letters = dead_letter_topic(ledger.SERVICE).name

    async def set_aside() -> bool:
        return bool(await world.view.read(letters, {}))

    await world.until(set_aside, "the dead letter", 10)
    (letter,) = await world.view.read(letters, {})
    order = {
        chat: [each.data.message_id for n, each in enumerate(said) if each.data.chat_id == chat and n != bad]
        for chat in chats
    }
    found = {chat: numbers for chat, numbers in (await heard()).items() if chat in order}
    world.report.expect(found == order, "the others are not all there, or not in order")
    world.report.expect(letter.headers["ce_id"].decode() == said[bad].id, "another record was set aside")
    world.report.inputs, world.report.effects = len(said), sum(map(len, found.values()))
    world.report.dead_letters = 1
    await worker.terminate()
    world.report.note(f"set aside as {letter.headers['x-dlq-reason'].decode()}")


@scenario("M7", "mongod has no room left on its disk", logs=("kafka",), seconds=120)
async def disk_full(world: World) -> None:
    load = world.load(6_000)
    async with _small_disk(world) as disk, world.watching(load) as watch, asyncio.TaskGroup() as group:
        worker = await world.worker()
        feeding = group.create_task(world.feed(load, 300))
        await watch.progress(1_000)
        filler = disk / "filler"
        await asyncio.to_thread(_fill, filler)
        watch.fault()
        full = time.monotonic()

        async def paused() -> bool:
            if await worker.metric("chaupal_consumer_paused", consumer=ledger.CONSUMER) != 1:
                # Room for a batch or two was left in files that were made beforehand.
                await asyncio.to_thread(_fill, filler)
                return False
            return True

        await world.until(paused, "the pause", 40)
        stalled = time.monotonic() - full
        await _paused_but_alive(world, worker)
        survived = world.mongod.running
        await asyncio.sleep(3)
        freed, seen = time.monotonic(), watch.effects
        await asyncio.to_thread(filler.unlink)
        if not world.mongod.running:
            # As whoever watches over it would.
            await world.kill_mongod()
        await watch.progress(seen + 1)
        recovered = time.monotonic() - freed
        await feeding
        await world.judge(load)
    world.report.note(
        f"paused {stalled:.1f} s after the disk was full, "
        f"mongod {'stayed up' if survived else 'ended itself'}, the first effect "
        f"{recovered:.2f} s after there was room again"
    )


@contextlib.asynccontextmanager
async def _small_disk(world: World) -> AsyncIterator[Path]:
    """Let mongod go on, with the same data, on a disk of its own that is small."""
    if os.geteuid() != 0:
        raise LocalPartUnavailable("only root may mount a small disk")
    place = world.mongod.log_file.parent
    aside = place.with_name("aside")
    await asyncio.to_thread(world.mongod.stop)
    await asyncio.to_thread(shutil.move, place, aside)
    place.mkdir()
    await asyncio.to_thread(_mount, place)
    try:
        await asyncio.to_thread(shutil.copytree, aside, place, dirs_exist_ok=True)
        await asyncio.to_thread(world.mongod.start)
        yield place
    finally:
        for each in world.living:
            await each.kill()
        await asyncio.to_thread(world.mongod.kill)
        await asyncio.to_thread(_unmount, place)


def _mount(place: Path) -> None:
    asked = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(place)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalPartUnavailable(f"a small disk cannot be mounted: {done.stderr.strip()}")


def _unmount(place: Path) -> None:
    subprocess.run(["umount", str(place)], check=True)


def _fill(filler: Path) -> None:
    """Leave no room on the disk that `filler` is on."""
    chunk = bytes(2**20)
    with filler.open("ab") as file, contextlib.suppress(OSError):
        while True:
            file.write(chunk)
            file.flush()
