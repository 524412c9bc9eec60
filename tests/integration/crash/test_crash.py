from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import secrets
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pymongo import MongoClient

from deploy.local.mongod import LocalMongod, find_mongod
from deploy.local.process import LocalPartUnavailable
from shared.contracts.topics import OUTBOUND
from shared.log.record import Record
from shared.store.client import Mongo, connect, database
from tests.support import events
from tests.support.streams import everything, new_log, started
from tests.support.tally import Tallies

ResultT = TypeVar("ResultT")

REPOSITORY = Path(__file__).parents[3]
POINTS = ["in_txn", "after_txn_before_commit", "after_send_before_delete"]
CHATS, MESSAGES = 4, 24
PRIVATE = "आशा देवी 98765 43210"


@dataclass
class Crash:
    """What a killed and restarted process left behind."""

    killed: int | None
    ended: int | None
    numbers: dict[str, list[int]]
    """By chat, which messages were sent to it."""
    database: str
    published: list[Record]
    log: str


@pytest.fixture(scope="module")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalMongod]:
    try:
        find_mongod()
    except LocalPartUnavailable as unavailable:
        pytest.skip(unavailable.sentence)
    with LocalMongod(tmp_path_factory.mktemp("mongod")) as own:
        with MongoClient[dict[str, Any]](own.url) as client:
            # For so long what a killed process had open blocks others; a minute if nobody says otherwise.
            client.admin.command({"setParameter": 1, "transactionLifetimeLimitSeconds": 3})
        yield own


async def crash(mongod: LocalMongod, kafka: str | None, module: str, point: str, path: Path) -> Crash:
    """Kill a process at `point`, start it again, and stop it once it has done all there was."""
    run = secrets.token_hex(5)
    mongo = connect(mongod.url, application="test")
    numbers: dict[str, list[int]] = {}
    envelopes = []
    for number in range(MESSAGES):
        chat = f"c_{run}{number % CHATS:010x}"
        numbers.setdefault(chat, []).append(number)
        envelopes.append(events.received(number, chat=chat, text=f"!help {PRIVATE}"))
    try:
        log_database = database(mongo, f"t{run}_log")
        async with started(new_log(kafka or "local", log_database)) as log:
            await log.append([events.record(each) for each in envelopes])
        environment = {
            "PATH": os.environ["PATH"],
            "MONGO_URL": mongod.url,
            "MONGO_DATABASE_PREFIX": f"t{run}",
            "PUBLIC_PORT": "0",
            "INTERNAL_PORT": "0",
            **({"KAFKA_BOOTSTRAP_SERVERS": kafka} if kafka else {}),
            **({"TALLY_CONSUMER": f"tally.{run}", "TALLY_CHATS": f"c_{run}"} if "tally" in module else {}),
        }
        with path.open("wb") as output:
            async with _process(module, {**environment, "FAULTS": f"{point}:kill9"}, output) as first:
                killed = await _in_time(first.wait(), "the crash", path)
            # Whoever waits for these leases to end waits too long: the holder is seen to be dead.
            lasting = {"$set": {"expires": dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)}}
            await log_database["leases"].update_many({}, lasting)
            await mongo[f"t{run}_moderation"]["_leases"].update_many({}, lasting)
            async with _process(module, environment, output) as second:
                await _in_time(
                    _done(mongo, f"t{run}_moderation", "tally" in module, second), "the rest", path
                )
                second.send_signal(signal.SIGTERM)
                ended = await _in_time(second.wait(), "the end", path)
        async with started(new_log(kafka or "local", log_database)) as log:
            published = [
                each for each in await everything(log, OUTBOUND.name) if each.key.decode() in numbers
            ]
    finally:
        await mongo.close()
    return Crash(killed, ended, numbers, f"t{run}_moderation", published, _text(path))


async def _in_time(work: Awaitable[ResultT], what: str, path: Path) -> ResultT:
    try:
        return await asyncio.wait_for(work, 40)
    except TimeoutError:
        raise AssertionError(f"{what} did not come:\n{_text(path)}") from None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@contextlib.asynccontextmanager
async def _process(
    module: str, environment: dict[str, str], output
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, cwd=REPOSITORY, env=environment, stdout=output, stderr=output
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _done(mongo: Mongo, name: str, tally: bool, process: asyncio.subprocess.Process) -> None:  # noqa: FBT001
    place = mongo[name]
    wanted = MESSAGES * (2 if tally else 1)
    while True:
        assert process.returncode is None, "the restarted process ended"
        own = {"_id": {"$not": {"$regex": "/"}}}
        if await place["_inbox"].count_documents(own) >= wanted and not await place[
            "_outbox"
        ].count_documents({}):
            if not tally:
                return
            found: list[Any] = await place["tallies"].find().to_list()
            if sum(len(each["answers"]) for each in found) >= MESSAGES:
                return
        await asyncio.sleep(0.05)


class Crashes:
    """All crashes of one log, side by side: most of a crash is waiting."""

    def __init__(self, mongod: LocalMongod, kafka: str | None, directory: Path) -> None:
        runs = [("tests.support.tally_app", point) for point in POINTS]
        if kafka is None:
            runs.append(("services.moderation", "in_txn"))
        self._tasks = {
            (module, point): asyncio.create_task(
                crash(mongod, kafka, module, point, directory / f"{module}.{point}.log")
            )
            for module, point in runs
        }

    async def of(self, point: str, module: str = "tests.support.tally_app") -> Crash:
        return await self._tasks[module, point]

    async def end(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


@pytest.fixture(scope="module", params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def crashes(
    request: pytest.FixtureRequest, mongod: LocalMongod, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Crashes]:
    kafka = request.getfixturevalue("kafka_bootstrap") if request.param == "kafka" else None
    made = Crashes(mongod, kafka, tmp_path_factory.mktemp("crash"))
    yield made
    await made.end()


@pytest.mark.parametrize("point", POINTS)
async def test_x03_killed_between_doing_and_committing_each_message_has_one_effect_and_one_answer(
    crashes: Crashes, mongod: LocalMongod, point: str
) -> None:
    found = await crashes.of(point)
    assert found.killed == -signal.SIGKILL, found.log
    assert found.ended == 0, found.log
    ids = Counter(each.headers["ce_id"].decode() for each in found.published)
    assert len(ids) == MESSAGES
    if point == "after_send_before_delete":
        assert max(ids.values()) > 1, "the crash was to publish some twice"
    contents = {
        (each.headers["ce_id"], each.value, each.headers["ce_causationid"]) for each in found.published
    }
    assert len(contents) == MESSAGES, "what is published again is the same again"
    mongo = connect(mongod.url, application="test")
    tallies = Tallies(database(mongo, found.database))
    for chat, numbers in found.numbers.items():
        heard = (await tallies.of(chat)).heard
        assert heard == tuple(events.message_id(number) for number in numbers)
        answers = (await tallies.of(f"answers to {chat}")).answers
        order = list(
            dict.fromkeys(e.headers["ce_id"].decode() for e in found.published if e.key.decode() == chat)
        )
        assert list(answers) == order, "each answer had its effect once, and in order"
    letters = await mongo[found.database]["_outbox"].count_documents({})
    await mongo.close()
    assert letters == 0


@pytest.mark.parametrize("crashes", ["local"], indirect=True)
async def test_x03_moderation_killed_and_restarted_answers_each_question_once(crashes: Crashes) -> None:
    found = await crashes.of("in_txn", "services.moderation")
    assert (found.killed, found.ended) == (-signal.SIGKILL, 0), found.log
    answers: dict[str, set[str]] = {}
    for each in found.published:
        # The same question again and again is a flood, and is told so too.
        if "!नियम" not in each.value.decode():
            continue
        answers.setdefault(each.headers["ce_causationid"].decode(), set()).add(each.headers["ce_id"].decode())
    asked = {
        events.received(number, chat=chat).id for chat, numbers in found.numbers.items() for number in numbers
    }
    assert set(answers) == asked
    assert all(len(ids) == 1 for ids in answers.values())
    assert "consumer.decided" in found.log
    for private in ("आशा", "98765", "43210", "help"):
        assert private not in found.log.replace("help_shown", ""), "nothing of what was written is logged"
