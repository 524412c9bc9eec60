"""A broker that goes away, comes back, reports errors and forgets; a group that grows and shrinks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from deploy.local.kafka import LocalKafka
from deploy.local.process import free_port
from tests.chaos import ledger
from tests.chaos.load import Load
from tests.chaos.scenario import scenario
from tests.chaos.webhooks import Provider, gateway
from tests.chaos.workers import Worker
from tests.chaos.world import World
from tests.support.kafka_proxy import Api, Code, KafkaProxy
from tests.support.oracle import History

DOWN_SECONDS = (5.0, 20.0)
REFUSED_WITHIN = 2.5
"""The log gives up after 2 s; the rest is the way through the gateway on a busy machine."""

AFTER_RETURN = 20.0
DRAIN_SECONDS = 10.0


@scenario("K1", "the broker is away for 5 s and for 20 s", logs=("kafka",), seconds=150)
async def broker_away(world: World) -> None:
    kafka = _broker(world)
    load = world.load(6_000, poison=0)
    front, worker = await gateway(world), await world.worker()
    provider = Provider(front.public_url, world.prefix)
    refusals: list[int] = []
    async with world.watching(load) as watch, asyncio.TaskGroup() as group:
        feeding = group.create_task(world.feed(load, 200))
        delivering = group.create_task(provider.run(10))
        for number, seconds in enumerate(DOWN_SECONDS, 1):
            await watch.progress(1_500 * number)
            gone = time.monotonic()
            await asyncio.to_thread(kafka.stop)
            watch.fault()
            await asyncio.sleep(max(4.0, seconds - time.monotonic() + gone))
            await _unready_but_alive(world, worker)
            back = time.monotonic()
            await asyncio.to_thread(kafka.start)
            started = time.monotonic()
            success = await _first_success(provider, back)
            refused = [each for each in provider.between(gone, success) if each.status != 200]
            refusals.append(len(refused))
            _told_to_come_again(world, provider, gone + 2.0, back)
            world.report.expect(
                success - started <= AFTER_RETURN, f"the first success was {success - started:.1f} s late"
            )
            world.report.note(
                f"down {back - gone:.0f} s: {len(refused)} webhooks refused in at most "
                f"{max((each.seconds for each in refused), default=0):.2f} s, "
                f"the first accepted {success - started:.2f} s after the broker was back"
            )
        await feeding
        provider.stop()
        await delivering
        await world.judge(load)
    world.report.expect(all(refusals), "an outage without a refused webhook")
    records = await world.view.read(ledger.INBOUND, {})
    kept = {each.headers["ce_id"] for each in records if each.headers["ce_type"] == b"reaction.changed"}
    lost = provider.accepted - len(kept)
    world.report.lost += max(0, lost)
    world.report.expect(lost <= 0, f"{lost} webhooks were answered with 200 and are nowhere")
    world.report.note(f"{provider.accepted} webhooks accepted, all of them on the log")


def _told_to_come_again(world: World, provider: Provider, since: float, until: float) -> None:
    """Look at what was answered while the broker was certainly away."""
    answers = provider.between(since, until)
    slowest = max((each.seconds for each in answers), default=0.0)
    strange = {each.status for each in answers} - {503}
    world.report.expect(not strange, f"webhooks were answered with {strange} while the broker was away")
    world.report.expect(slowest <= REFUSED_WITHIN, f"a webhook was refused only after {slowest:.2f} s")
    hints = {each.retry_after for each in answers if each.status == 503}
    world.report.expect(None not in hints, "a refusal without Retry-After")


async def _first_success(provider: Provider, since: float) -> float:
    while True:
        if found := [each.at for each in provider.answers if each.status == 200 and each.at >= since]:
            return min(found)
        await asyncio.sleep(0.02)


async def _unready_but_alive(world: World, worker: Worker) -> None:
    ready, alive = await worker.status("/readyz"), await worker.status("/livez")
    world.report.expect(ready == 503, f"readiness was {ready} while something is away")
    world.report.expect(alive == 200, f"liveness was {alive} while something is away")


@scenario("K2", "the broker restarted: SIGTERM, then SIGKILL", logs=("kafka",))
async def broker_restarted(world: World) -> None:
    kafka = _broker(world)
    load = world.load(9_000, duplicates=0, poison=0)
    async with world.watching(load) as watch, asyncio.TaskGroup() as group:
        await world.worker()
        feeding = group.create_task(world.feed(load, 400))
        for number, end in enumerate((kafka.stop, kafka.kill), 1):
            await watch.progress(2_500 * number)
            await asyncio.to_thread(end)
            watch.fault()
            await asyncio.to_thread(kafka.start)
        await feeding
        found = await world.judge(load)
    inputs = await world.view.read(ledger.INBOUND, {})
    twice = len(inputs) - len({each.headers["ce_id"] for each in inputs})
    world.report.note(
        f"appended again because nobody had acknowledged it: {twice} inputs, {_said_again(found)} answers"
    )


@contextlib.asynccontextmanager
async def _proxied(world: World) -> AsyncIterator[KafkaProxy]:
    """Yield a proxy in front of the broker; who asks the broker itself goes past it."""
    kafka = _broker(world)
    await asyncio.to_thread(kafka.stop)
    kafka.advertised_port = free_port()
    await asyncio.to_thread(kafka.start)
    async with KafkaProxy(kafka.proxied_port, port=kafka.advertised_port) as proxy:
        yield proxy


@scenario("K3", "the broker reports errors to those who write", logs=("kafka",))
async def produce_errors(world: World) -> None:
    load = world.load(4_000, poison=0)
    await world.prefill(load)
    async with _proxied(world) as proxy, world.watching(load) as watch:
        worker = await world.worker(KAFKA_BOOTSTRAP_SERVERS=proxy.address)
        slowest = 0.0
        for number, code in enumerate(
            (Code.NOT_LEADER_OR_FOLLOWER, Code.REQUEST_TIMED_OUT, Code.NOT_ENOUGH_REPLICAS)
        ):
            await watch.progress(1 + number * 1_000)
            slowest = max(slowest, await _reported(world, proxy, Api.PRODUCE, code, 4))
        found = await world.judge(load)
        world.report.expect(_said_again(found) == 0, f"{_said_again(found)} answers stand there twice")
        await _too_large(world, proxy, worker)
    world.report.note(f"4 errors of each kind were over after at most {slowest:.2f} s")


async def _reported(world: World, proxy: KafkaProxy, api: Api, code: Code, times: int) -> float:
    """Let the broker report an error so often, and return after how long it had."""
    proxy.fail(api, code, times)

    async def said() -> bool:
        return proxy.changed[api, code] >= times

    return await world.until(said, f"{times} times {code.name}", 30)


async def _too_large(world: World, proxy: KafkaProxy, worker: Worker) -> None:
    """Let one answer be refused for good: it is surfaced, and the next one is published."""
    proxy.fail(Api.PRODUCE, Code.MESSAGE_TOO_LARGE)
    refused, next_one = (Load(world.seed + more, 1, duplicates=0, poison=0) for more in (1, 2))
    await world.prefill(refused)

    async def surfaced() -> bool:
        rows = await world.database["_outbox"].count_documents({"refused": {"$exists": True, "$ne": None}})
        return rows == 1

    await world.until(surfaced, "the refused answer", 20)
    dead = await worker.metric("chaupal_dead_letters_total", consumer=f"{ledger.SERVICE}.relay")
    world.report.expect(dead == 1, f"{dead:.0f} refused answers were counted")
    before = sum((await world.view.ends(ledger.OUTBOUND)).values())
    await world.prefill(next_one)

    async def published() -> bool:
        return sum((await world.view.ends(ledger.OUTBOUND)).values()) > before

    seconds = await world.until(published, "the answer after the refused one", 20)
    world.report.note(f"a record refused for good is kept and counted, the next goes out in {seconds:.2f} s")


@scenario("K4", "the broker reports errors to those who commit", logs=("kafka",))
async def commit_errors(world: World) -> None:
    load = world.load(8_000)
    await world.prefill(load)
    async with _proxied(world) as proxy, world.watching(load) as watch:
        worker = await world.worker(KAFKA_BOOTSTRAP_SERVERS=proxy.address)
        for number, code in enumerate((Code.REBALANCE_IN_PROGRESS, Code.ILLEGAL_GENERATION)):
            await watch.progress(1_000 + number * 3_000)
            await _reported(world, proxy, Api.OFFSET_COMMIT, code, 1)
            watch.fault()
        await world.judge(load)
        world.report.expect(worker.alive, "the worker ended")
    discarded = worker.log().count('"kafka.commit_discarded"')
    world.report.expect(discarded >= 1, "no commit was discarded")
    world.report.note(f"{discarded} commits were discarded")


@scenario("K6", "2, then 6, then 1 consumers", logs=("kafka",), seconds=120)
async def grows_and_shrinks(world: World) -> None:
    load = world.load(12_000)
    drains: list[float] = []
    async with world.watching(load) as watch, asyncio.TaskGroup() as group:
        running = list(await asyncio.gather(world.worker(), world.worker()))
        feeding = group.create_task(world.feed(load, 500))
        await watch.progress(1_000)
        running += await asyncio.gather(*(world.worker() for _ in range(4)))
        watch.fault()
        await asyncio.sleep(5)
        for leaving in running[1:]:
            code, seconds = await leaving.terminate()
            world.report.expect(code == 0, f"a consumer that left ended with {code}: {leaving.log()[-300:]}")
            drains.append(seconds)
        watch.fault()
        await feeding
        await world.judge(load)
    rebalances = sum(each.log().count('"kafka.assigned"') for each in world.workers)
    world.report.expect(max(drains) <= DRAIN_SECONDS, f"a consumer took {max(drains):.1f} s to leave")
    world.report.note(f"{rebalances} assignments; leaving took at most {max(drains):.2f} s")


@scenario("K7", "retention removes records before they are read", logs=("kafka",))
async def out_of_range(world: World) -> None:
    load = world.load(2_000, duplicates=0, poison=0)
    worker = await world.worker()
    await world.prefill(load)
    await world.settled()
    await worker.terminate()
    later = Load(world.seed + 1, 2_000, chats=1, duplicates=0, poison=0)
    await world.prefill(later)
    ends, at = (
        await world.view.ends(ledger.INBOUND),
        await world.view.committed(ledger.CONSUMER, ledger.INBOUND),
    )
    (partition,) = [each for each, end in ends.items() if end > at[each] + 1_000]
    gone = at[partition] + 500
    await _remove_before(world, TopicPartition(partition.topic, partition.number), gone)

    worker = await world.worker()

    async def halted() -> bool:
        return "were removed before they were read" in worker.log() and await worker.status("/readyz") == 503

    await world.until(halted, "the halt", 20)
    paused = await worker.metric("chaupal_consumer_paused", consumer=ledger.CONSUMER)
    world.report.expect(paused == 1, f"chaupal_consumer_paused was {paused:.0f} while halted")
    world.report.note("halted, not ready and chaupal_consumer_paused 1 until the position was moved by hand")
    await asyncio.sleep(3)
    after = await world.view.committed(ledger.CONSUMER, ledger.INBOUND)
    world.report.expect(after == at, "something was skipped although nobody had said so")
    world.report.expect(await worker.status("/livez") == 200, "the halted worker was not alive")
    await worker.terminate()

    await _go_on_at(world, TopicPartition(partition.topic, partition.number), gone)
    await world.worker()
    await world.settled()
    world.report.inputs, world.report.effects = 4_000, 3_500
    document = await world.database[ledger.ACCOUNTS].find_one({"_id": later.chats[0]})
    heard = len(ledger.account_of(document).heard) if document else 0
    world.report.expect(heard == 1_500, f"{heard} of the 1500 that were left had an effect")


async def _remove_before(world: World, where: TopicPartition, offset: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=_broker(world).bootstrap)
    await admin.start()
    await admin.delete_records({where: RecordsToDelete(before_offset=offset)})
    await admin.close()


async def _go_on_at(world: World, where: TopicPartition, offset: int) -> None:
    """Do what Kafka's own tool does when an operator has decided."""
    by_hand = AIOKafkaConsumer(bootstrap_servers=_broker(world).bootstrap, group_id=ledger.CONSUMER)
    by_hand.assign([where])
    await by_hand.start()
    await by_hand.commit({where: offset})
    await by_hand.stop()


def _broker(world: World) -> LocalKafka:
    assert world.kafka is not None
    return world.kafka


def _said_again(found: History) -> int:
    times = Counter(reply.id for reply in found.replies or ())
    return sum(count - 1 for count in times.values())
