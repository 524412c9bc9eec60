"""Input that is bad, doubled, or late; and what an operator does about it afterwards."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
import time
from collections import Counter
from dataclasses import replace

import httpx2
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.contracts.envelope import LATE, originate
from shared.contracts.gateway import MessageSend, SendClass
from shared.contracts.topics import dead_letter_topic
from shared.ids import deterministic_id
from shared.log.record import MAX_RECORD_BYTES, Record
from shared.store.timers import Timer, Timers
from shared.store.unit_of_work import Session, UnitOfWork
from shared.stream.rows import to_record
from tests.chaos import ledger
from tests.chaos.poison import TABLE, PoisonLoad
from tests.chaos.scenario import scenario
from tests.chaos.webhooks import deliver, gateway, simulator, text
from tests.chaos.workers import REPOSITORY, Worker
from tests.chaos.world import World

LETTERS = dead_letter_topic(ledger.SERVICE).name
LONGEST_BATCH = 2.5
"""Seconds for which one bad record may hold up its partition: those of the batch it is in."""

HALT_BELOW = 50
COPIES, MESSAGES = 10, 8
TIMERS = 5_000


@scenario("D1", "records that nobody can read, in every way", logs=("local", "kafka"), short=True)
async def unreadable(world: World) -> None:
    load = PoisonLoad(world.seed, 1_000, TABLE, poison=0.02)
    await world.prefill(load)
    worker = await world.worker()
    await world.judge(load)
    wrong = []
    reasons: Counter[str] = Counter()
    for letter in await world.view.read(LETTERS, {}):
        stamp, reason = load.stamp(letter), _reason(letter)
        reasons[reason] += 1
        if stamp is not None and load.kind(stamp).reason != reason:
            wrong.append(f"{load.kind(stamp).name} was set aside as {reason}")
    world.report.expect(not wrong, "; ".join(wrong))
    longest = await _longest_batch(worker)
    world.report.expect(longest <= LONGEST_BATCH, f"a batch took {longest} s")
    world.report.note(f"{dict(reasons)}; no batch took longer than {longest} s")


async def _longest_batch(worker: Worker) -> float:
    """Return the smallest limit of the histogram that no batch was above."""
    count = await worker.metric("chaupal_batch_seconds_count", consumer=ledger.CONSUMER)
    for limit in (0.1, 0.25, 0.5, 1.0, 2.5, 5.0):
        below = await worker.metric("chaupal_batch_seconds_bucket", consumer=ledger.CONSUMER, le=str(limit))
        if below == count:
            return limit
    return float("inf")


def _reason(letter: Record) -> str:
    return letter.headers["x-dlq-reason"].decode()


@scenario("D2", "a rule that raises for some records", logs=("local", "kafka"), short=True)
async def rule_raises(world: World) -> None:
    load = PoisonLoad(world.seed, 1_000, (), poison=0.02)
    await world.prefill(load)
    await world.worker()
    await world.judge(load)
    reasons = {_reason(letter) for letter in await world.view.read(LETTERS, {})}
    world.report.expect(reasons == {"domain_error"}, f"they were set aside as {reasons}")


@scenario("D3", "a release for which every record is bad", logs=("local", "kafka"))
async def all_bad(world: World) -> None:
    load = PoisonLoad(world.seed, 5_000, (), poison=1.0, duplicates=0)
    await world.prefill(load)
    worker = await world.worker()

    async def halted() -> bool:
        return worker.said("consumer.halted") and await worker.status("/readyz") == 503

    seconds = await world.until(halted, "the halt", 20)
    await _quiet(world)
    letters = await world.view.read(LETTERS, {})
    at = await world.view.committed(ledger.CONSUMER, ledger.INBOUND)
    world.report.inputs, world.report.dead_letters = len(load.inputs), len(letters)
    world.report.expect(20 <= len(letters) < HALT_BELOW, f"{len(letters)} dead letters")
    world.report.expect(sum(at.values()) == len(letters), f"{sum(at.values())} records were committed")
    world.report.expect(await worker.status("/livez") == 200, "the halted worker was not alive")
    await worker.terminate()

    mended = await world.worker(module="tests.chaos.mended")

    async def done() -> bool:
        ends = await world.view.ends(ledger.INBOUND)
        return await world.view.committed(ledger.CONSUMER, ledger.INBOUND) == ends

    recovered = await world.until(done, "the rest, by a release that is mended", 40)
    world.report.effects = await _points(world)
    expected = len(load.inputs) - len(letters)
    world.report.lost = abs(expected - world.report.effects)
    world.report.expect(world.report.effects == expected, f"{world.report.effects} effects of {expected}")
    world.report.expect(mended.alive, "the mended worker ended")
    world.report.note(
        f"halted within {seconds:.1f} s, not ready and alive; "
        f"the next release did the rest in {recovered:.1f} s"
    )


async def _quiet(world: World) -> None:
    """Return once there are no more dead letters for a while."""
    before = -1
    while (now := sum((await world.view.ends(LETTERS)).values())) != before:
        before = now
        await asyncio.sleep(2)


async def _points(world: World) -> int:
    """Return how much all accounts hold; what was mended is worth one point."""
    found = await world.database[ledger.ACCOUNTS].find({}).to_list()
    return sum(ledger.account_of(each).points for each in found)


@scenario("D4", "the topic of the dead letters takes none", logs=("kafka",))
async def letters_refused(world: World) -> None:
    load = PoisonLoad(world.seed, 2_000, (), poison=0.02, duplicates=0)
    records = list(load.records())
    await _accept_up_to(world, 100)
    worker = await world.worker()
    await world.append(records[:100])

    async def refused() -> bool:
        return worker.said("relay.refused")

    async def stands() -> bool:
        return await worker.metric("chaupal_consumer_paused", consumer=ledger.CONSUMER) == 1

    # What was decided before anybody knew is decided; nothing more may be.
    await world.until(refused, "the first refusal", 20)
    decided = await world.database["_outbox"].count_documents({"topic": LETTERS})
    await world.append(records[100:])
    await world.until(stands, "the halt", 20)
    await asyncio.sleep(3)
    at = await world.view.committed(ledger.CONSUMER, ledger.INBOUND)
    handled = await world.database["_inbox"].count_documents({})
    letters = await world.database["_outbox"].count_documents({"topic": LETTERS})
    world.report.expect(await worker.status("/readyz") == 503, "it was ready while it stood still")
    world.report.expect(not await world.view.read(LETTERS, {}), "a dead letter was taken after all")
    world.report.expect(sum(at.values()) < len(load.inputs), "nothing was held back")
    world.report.expect(letters == decided, f"{letters - decided} dead letters after the first")
    await asyncio.sleep(2)
    later = await world.view.committed(ledger.CONSUMER, ledger.INBOUND)
    world.report.expect(later == at, "it went on although nobody took its dead letters")
    await _accept_up_to(world, 2 * MAX_RECORD_BYTES)
    back = time.monotonic()

    async def goes_on() -> bool:
        return await world.database["_inbox"].count_documents({}) > handled

    await world.until(goes_on, "the next effect", 30)
    recovered = time.monotonic() - back
    await world.judge(load)
    world.report.note(
        f"halted with {sum(at.values())} of {len(load.inputs)} committed and {letters} dead letters waiting "
        f"in the outbox; went on {recovered:.1f} s after the topic took them again"
    )


async def _accept_up_to(world: World, size: int) -> None:
    assert world.kafka is not None
    admin = AIOKafkaAdminClient(bootstrap_servers=world.kafka.bootstrap)
    await admin.start()
    wanted = {"max.message.bytes": str(size)}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, LETTERS, wanted)])
    await admin.close()


@scenario("D5", "every webhook 10 times at once, at 2 gateways", logs=("kafka",))
async def doubled(world: World) -> None:
    ready = await simulator(world, "http://127.0.0.1:1")
    provider = int(ready.public_url.rsplit(":", 1)[1])
    fronts = [await gateway(world, provider) for _ in range(2)]
    await world.worker()
    async with httpx2.AsyncClient(base_url=f"{ready.public_url}/simulator/v1", timeout=20) as script:
        await script.post("/members", json={"phone": "918888800001", "name": "Asha"})
        asked = {"subject": "Title tags", "members": ["918888800001"], "admins": ["918888800001"]}
        group = (await script.post("/groups", json=asked)).json()["id"]
        # Nobody may be written to who has not written before.
        await script.post(f"/chats/{group}/messages", json={"from": "918888800001", "text": "नमस्ते"})
        statuses: Counter[int] = Counter()
        for number in range(MESSAGES):
            body = text(f"{world.prefix}{number}", f"{number} 5", group=group)
            async with (
                httpx2.AsyncClient(base_url=fronts[0].public_url) as one,
                httpx2.AsyncClient(base_url=fronts[1].public_url) as two,
            ):
                answers = await asyncio.gather(
                    *(deliver((one, two)[copy % 2], body) for copy in range(COPIES))
                )
            statuses += Counter(each.status for each in answers)

        async def sent() -> list[str]:
            found = (await script.get("/sends")).json()["messages"]
            return [each["text"] for each in found if each["kind"] == "text"]

        async def answered() -> bool:
            return len(set(await sent())) >= MESSAGES

        await world.until(answered, "an answer to each message", 30)
        await world.settled()
        replies = Counter(await sent())
    accounts = await world.database[ledger.ACCOUNTS].find({}).to_list()
    heard = [number for each in accounts for number in ledger.account_of(each).heard]
    world.report.inputs, world.report.effects = MESSAGES, len(heard)
    world.report.double = len(heard) - len(set(heard)) + sum(replies.values()) - len(replies)
    world.report.lost = MESSAGES - len(set(heard))
    world.report.duplicates_absorbed = await world.duplicates()
    world.report.expect(statuses == {200: COPIES * MESSAGES}, f"the webhooks were answered with {statuses}")
    world.report.expect(heard == list(range(MESSAGES)), f"these had an effect, in this order: {heard}")
    world.report.expect(set(replies.values()) == {1}, f"answers were sent so often: {dict(replies)}")
    world.report.note(f"{COPIES * MESSAGES} deliveries, {sum(replies.values())} replies")


@scenario("D7", "all dead letters replayed, twice", logs=("kafka",))
async def replayed(world: World) -> None:
    load = PoisonLoad(world.seed, 1_000, (), poison=0.02, duplicates=0)
    await world.prefill(load)
    worker = await world.worker()
    await world.judge(load)
    await worker.terminate()
    mended = await world.worker(module="tests.chaos.mended")
    before = await _points(world)
    deltas: list[int] = []
    for again in ((), ("--again",)):
        code, said = await _dead_letters(world, "run", ledger.SERVICE, "--all", *again)
        world.report.expect(code == 0, f"the replay ended with {code}: {said[-300:]}")

        async def handled() -> bool:
            topic = f"{ledger.SERVICE}.replay.v1"
            ends = await world.view.ends(topic)
            at = await world.view.committed(ledger.CONSUMER, topic)
            return sum(ends.values()) >= load.poison * (len(deltas) + 1) and at == ends

        await world.until(handled, "the end of the replay", 30)
        after = await _points(world)
        deltas.append(after - before)
        before = after
    absorbed = await mended.metric(
        "chaupal_records_handled_total", consumer=ledger.CONSUMER, outcome="duplicate"
    )
    world.report.duplicates_absorbed += int(absorbed)
    world.report.expect(deltas == [load.poison, 0], f"the balances changed by {deltas}")
    world.report.note(
        f"{load.poison} letters: the first replay changed {deltas[0]} points, the second {deltas[1]}"
    )


async def _dead_letters(world: World, *arguments: str) -> tuple[int, str]:
    """Run the command an operator would."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.chaos.mended", "dlq", *arguments),
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], **world.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, said.decode()


@scenario("D11", "5 000 timers due at once, half of them while nobody is there", logs=("kafka",))
async def timers(world: World) -> None:
    worker = await world.worker(module="tests.chaos.mended")
    await worker.terminate()
    now = dt.datetime.now(dt.UTC)
    missed, coming = now - 2 * LATE, now + dt.timedelta(seconds=12)
    planned = [_timer(world, number, missed if number % 2 else coming) for number in range(TIMERS)]
    kept = Timers(world.database)
    for start in range(0, TIMERS, 1_000):
        some = {each.name: each for each in planned[start : start + 1_000]}

        async def work(session: Session, some: dict[str, Timer] = some) -> None:
            await kept.apply(session, some)

        await UnitOfWork(world.mongo).run(work)
    began = time.monotonic()
    worker = await world.worker(module="tests.chaos.mended")

    async def fired() -> bool:
        return sum((await world.view.ends(ledger.OUTBOUND)).values()) >= TIMERS

    await world.until(fired, "all timers", 60)
    took = time.monotonic() - began
    await asyncio.sleep(2)
    records = await world.view.read(ledger.OUTBOUND, {})
    times = Counter(each.headers["ce_id"] for each in records)
    late = [_lateness(each) for each in records if _lateness(each) > LATE]
    on_time = sorted(_lateness(each).total_seconds() for each in records if _lateness(each) <= LATE)
    counted = await worker.metric("chaupal_timers_total", service=ledger.SERVICE, outcome="late")
    world.report.inputs, world.report.effects = TIMERS, len(times)
    world.report.lost = TIMERS - len(times)
    world.report.double = len(records) - len(times)
    world.report.expect(len(times) == TIMERS, f"{len(times)} of {TIMERS} timers fired")
    world.report.expect(len(records) == len(times), f"{len(records) - len(times)} fired twice")
    world.report.expect(len(late) == TIMERS // 2, f"{len(late)} were late")
    world.report.expect(counted == len(late), f"{counted:.0f} were counted as late")
    p99 = on_time[int(len(on_time) * 0.99) - 1] if on_time else float("inf")
    world.report.expect(p99 <= LATE.total_seconds() / 6, f"the slowest were {p99:.1f} s late")
    world.report.note(
        f"all fired {took:.1f} s after the start; of those due while it ran, late by "
        f"{on_time[len(on_time) // 2]:.2f} s p50, {p99:.2f} s p99"
    )


def _lateness(record: Record) -> dt.timedelta:
    at, due = (dt.datetime.fromisoformat(record.headers[name].decode()) for name in ("ce_time", "ce_due"))
    return at - due


def _timer(world: World, number: int, due: dt.datetime) -> Timer:
    chat = f"c_{number % 50:020x}"
    data = MessageSend(
        chat_id=chat, text=f"{number} 0", send_class=SendClass.REPLY, not_after=due + dt.timedelta(hours=6)
    )
    identity = deterministic_id("chaos timer", str(world.seed), str(number))
    event = originate(data, event_id=identity, source="/chaos", key=chat, time=due)
    return Timer(f"chaos/{number}", due, due + dt.timedelta(hours=6), to_record(replace(event, due=due)))
