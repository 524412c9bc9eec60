from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from deploy.local.process import free_port
from services.moderation.app import RECIPE as MODERATION
from shared.contracts.topics import INBOUND
from shared.errors import DependencyAway, SettingsError
from shared.log.backend import Backend
from shared.log.record import Record
from shared.observability import tracing
from shared.observability.metrics import REGISTRY
from shared.observability.watchdog import Limits
from shared.process import Process
from shared.service import Platform, Recipe, Service
from shared.settings import SharedSettings, load
from shared.store.client import connect, database
from tests.support import events
from tests.support.streams import done, eventually, forget, lost_connections, new_log, started, take
from tests.support.tally import Tallies
from tests.support.tally_app import RECIPE as TALLY
from tests.support.tally_app import TallySettings, build

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
async def environment(mongo_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, str]]:
    prefix = f"t{uuid.uuid4().hex[:10]}"
    values = {
        "MONGO_URL": mongo_url,
        "MONGO_DATABASE_PREFIX": prefix,
        "PUBLIC_PORT": "0",
        "INTERNAL_PORT": "0",
    }
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "FAULTS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    yield {**values, "PATH": os.environ["PATH"]}
    mongo = connect(mongo_url, application="test")
    await forget(mongo, *(name for name in await mongo.list_database_names() if name.startswith(prefix)))
    await mongo.close()


def process(*recipes: Recipe[Any], limits: Limits = Limits()) -> Process:  # noqa: B008 - it is frozen
    nowhere = Path("/nonexistent/.env")
    settings = load(SharedSettings, *(recipe.settings for recipe in recipes), dotenv=nowhere)
    return Process("test", settings, recipes, nowhere, limits)


def holding(log: list[Backend]) -> Recipe[TallySettings]:
    """Return the tally, and the log it is given."""

    @contextlib.asynccontextmanager
    async def built(platform: Platform, settings: TallySettings) -> AsyncIterator[Service]:
        log.append(platform.log)
        async with build(platform, settings) as service:
            yield service

    return Recipe("tally", TallySettings, built)


def traced() -> bool:
    return tracing._tracer is not None


@contextlib.asynccontextmanager
async def run(made: Process) -> AsyncIterator[asyncio.Task[bool]]:
    running = asyncio.create_task(made.run())
    try:
        starting = asyncio.create_task(made.ready.wait())
        async with asyncio.timeout(30):
            await asyncio.wait([running, starting], return_when=asyncio.FIRST_COMPLETED)
        starting.cancel()
        if running.done():
            await running
        yield running
    finally:
        made.stop()
        async with asyncio.timeout(30):
            await asyncio.wait([running])


async def status(url: str, path: str) -> int:
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
        return (await client.get(path)).status_code


async def test_services_start_become_ready_work_and_stop(environment: dict[str, str]) -> None:
    log: list[Backend] = []
    made = process(holding(log), MODERATION)
    chat = events.chat_id(1)
    async with run(made) as running:

        async def ready() -> bool:
            return await status(made.public_url, "/readyz") == 200

        await eventually(ready, "readiness")
        assert await status(made.public_url, "/livez") == 200
        await log[0].append([events.record(events.received(n, chat=chat, text="!help")) for n in range(5)])
        mongo = connect(environment["MONGO_URL"], application="test")
        tallies = Tallies(database(mongo, f"{environment['MONGO_DATABASE_PREFIX']}_moderation"))

        async def answered() -> bool:
            # Its own answers, and those of moderation.
            return len((await tallies.of(f"answers to {chat}")).answers) == 10

        await eventually(answered, "ten answers")
        await mongo.close()
        made.stop()
        assert await asyncio.wait_for(asyncio.shield(running), 30) is True
    with pytest.raises(httpx2.ConnectError):
        await status(made.public_url, "/livez")


async def test_what_is_internal_is_not_public(environment: dict[str, str]) -> None:
    made = process(MODERATION)
    path = f"/moderation/v1/policies/{events.chat_id(1)}"
    async with run(made):
        assert made.public_url != made.internal_url
        for only_internal in ("/metrics", path, "/moderation/openapi.json"):
            assert await status(made.public_url, only_internal) == 404
        assert await status(made.internal_url, "/metrics") == 200
        assert await status(made.internal_url, path) == 401
        assert await status(made.internal_url, "/moderation/openapi.json") == 200


class Failing:
    name = "a loop that fails"

    def __init__(self, *, ends: bool = False) -> None:
        self.go = asyncio.Event()
        self._ends = ends

    async def run(self) -> None:
        await self.go.wait()
        if not self._ends:
            raise ZeroDivisionError

    def stop(self) -> None:
        self.go.set()


@pytest.mark.parametrize("ends", [False, True], ids=["it raises", "it just ends"])
async def test_a_loop_that_fails_ends_the_process(environment: dict[str, str], *, ends: bool) -> None:
    loop = Failing(ends=ends)

    @contextlib.asynccontextmanager
    async def built(platform: Platform, settings: TallySettings) -> AsyncIterator[Service]:
        async with build(platform, settings) as service:
            yield Service("tally", service.api, loops=[*service.loops, loop])

    before = REGISTRY.get_sample_value("chaupal_task_failures_total", {"task": loop.name}) or 0.0
    made = process(Recipe("tally", TallySettings, built))
    async with run(made) as running:
        loop.go.set()
        assert await asyncio.wait_for(asyncio.shield(running), 30) is False
    assert REGISTRY.get_sample_value("chaupal_task_failures_total", {"task": loop.name}) == before + 1


async def test_a_loop_that_does_not_end_in_time_is_ended_and_told(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUTDOWN_SECONDS", "0.2")

    class Endless(Failing):
        async def run(self) -> None:
            await asyncio.Event().wait()

    @contextlib.asynccontextmanager
    async def built(platform: Platform, settings: TallySettings) -> AsyncIterator[Service]:
        async with build(platform, settings) as service:
            yield Service("tally", service.api, loops=[Endless()])

    made = process(Recipe("tally", TallySettings, built))
    async with run(made) as running:
        made.stop()
        assert await asyncio.wait_for(asyncio.shield(running), 10) is False


async def test_a_loop_that_stands_still_ends_the_process(environment: dict[str, str]) -> None:
    class Standing(Failing):
        name = "consumer standing"

        def __init__(self, platform: Platform) -> None:
            super().__init__(ends=True)
            check = platform.health.check(self.name)
            check.seconds = 0.01
            check.beat()

    @contextlib.asynccontextmanager
    async def built(platform: Platform, settings: TallySettings) -> AsyncIterator[Service]:
        async with build(platform, settings) as service:
            yield Service("tally", service.api, loops=[*service.loops, Standing(platform)])

    limits = Limits(look_seconds=0.01, told_seconds=10, ended_seconds=60, stalled_seconds=0.05)
    made = process(Recipe("tally", TallySettings, built), limits=limits)
    async with run(made) as running:
        assert await asyncio.wait_for(asyncio.shield(running), 30) is False
    labels = {"task": "consumer standing"}
    assert (REGISTRY.get_sample_value("chaupal_stalls_total", labels) or 0) >= 1


async def test_traces_are_sent_only_where_a_collector_is_named(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with run(process(TALLY)):
        assert not traced()
    monkeypatch.setattr(tracing, "FLUSH_SECONDS", 0.05)
    monkeypatch.setenv("OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    made = process(TALLY)
    async with run(made) as running:
        assert traced()
        made.stop()
        assert await asyncio.wait_for(asyncio.shield(running), 30) is True
    assert not traced()


@pytest.mark.parametrize("name", ["PUBLIC_PORT", "INTERNAL_PORT"])
async def test_a_port_that_is_taken_is_named_and_the_other_given_back(
    environment: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for each in ("PUBLIC_PORT", "INTERNAL_PORT"):
            monkeypatch.setenv(each, str(port if each == name else other))
        with pytest.raises(SettingsError, match=f"Port {port} on 127.0.0.1 cannot be used"):
            await process(TALLY).run()
    with socket.socket() as free:
        free.bind(("127.0.0.1", other))


async def test_x02_without_a_database_the_start_is_given_up_with_a_sentence(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGO_URL", f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0")
    monkeypatch.setattr("shared.process.START_SECONDS", 0.0)
    with lost_connections(), pytest.raises(DependencyAway, match="database"):
        await process(TALLY).run()


async def test_what_was_handled_is_not_handled_again_after_a_clean_stop(environment: dict[str, str]) -> None:
    chat = events.chat_id(1)
    log: list[Backend] = []
    made = process(holding(log))
    async with run(made):
        await log[-1].append([events.record(events.received(n, chat=chat)) for n in range(20)])
        group = await log[-1].subscribe("look", [INBOUND.name])
        await group.commit(done(await take(group, 20)))
        await group.close()

        async def handled() -> bool:
            members = log[-1]._groups.get("tally.hears")  # type: ignore[attr-defined]
            return members is not None and sum(members.committed.values()) == 20

        await eventually(handled, "the end of the log")
    made = process(holding(log))
    async with run(made):
        for name in ("tally.hears", "look"):
            consumer = await log[-1].subscribe(name, [INBOUND.name])
            again: list[Record] = [*await consumer.poll(100, 0.1)]
            assert not again
            await consumer.close()


class TestCommandLine:
    def start(self, module: str, environment: dict[str, str], cwd: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", module],
            cwd=cwd,
            env={**environment, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @pytest.mark.parametrize("module", ["services", "services.moderation"])
    def test_a_misspelt_setting_stops_the_start_with_one_sentence(
        self, environment: dict[str, str], module: str, tmp_path: Path
    ) -> None:
        with self.start(module, {**environment, "MONGO_URI": "mongodb://secret@db"}, tmp_path) as run_:
            out, error = run_.communicate(timeout=60)
        assert run_.returncode == 1
        assert error.rstrip().endswith("MONGO_URI is not a setting of this process. Did you mean MONGO_URL?")
        assert len(error.splitlines()) == 1
        assert not out
        assert "secret" not in error

    async def test_a_loop_that_fails_ends_the_process_with_an_error(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        mongo = connect(environment["MONGO_URL"], application="test")
        place = database(mongo, f"{environment['MONGO_DATABASE_PREFIX']}_log")
        async with started(new_log("local", place)) as log:
            await log.append([events.record(events.received(1))])
        await mongo.close()
        with self.start(
            "tests.support.tally_app", {**environment, "FAULTS": "after_poll:raise"}, tmp_path
        ) as run_:
            out, _ = await asyncio.to_thread(run_.communicate, timeout=60)
        assert run_.returncode == 1
        assert "supervisor.task_ended" in out
        assert "InjectedFault" in out
        assert "process.stopped" in out

    def test_a_process_whose_event_loop_is_blocked_says_where_and_ends_with_an_error(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        with self.start("tests.support.stuck_app", environment, tmp_path) as run_:
            out, _ = run_.communicate(timeout=60)
        assert run_.returncode == 1
        lines = [orjson.loads(line) for line in out.splitlines()]
        stuck = next(line for line in lines if line["event"] == "process.stuck")
        (main,) = [stack for name, stack in stuck["threads"].items() if name.endswith("MainThread")]
        assert main[0].endswith("in Blocking.hold_the_loop")
        assert lines[-1]["event"] == "process.given_up"
        assert lines[-1]["why"] == "the event loop is blocked"
        assert "canary" not in out

    def test_asked_to_stop_it_ends_without_an_error(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        with self.start("services", environment, tmp_path) as run_:
            assert run_.stdout is not None
            for line in run_.stdout:
                if "process.started" in line:
                    break
            run_.send_signal(signal.SIGTERM)
            out, error = run_.communicate(timeout=30)
        assert run_.returncode == 0, error
        assert "process.stopped" in out
