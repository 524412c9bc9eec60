"""The whole way: from a member's message to the reply that WhatsApp has accepted; and what idling costs."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil

from deploy.local.process import free_port

CHATS = 50
SECONDS = 20
PER_SECOND = 50


@dataclass(frozen=True, slots=True)
class Installation:
    """What `make run` has started."""

    launcher: psutil.Process
    public: str
    started: float


@contextmanager
def installed(data: Path) -> Iterator[Installation]:
    """Start what `make run` starts, over `data`, and stop it as Ctrl-C does."""
    port = free_port()
    started = time.perf_counter()
    launcher = subprocess.Popen(
        [sys.executable, "-m", "deploy.local.run", "--data", str(data), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        # What is measured is what we can do, not what a provider grants.
        env={**os.environ, "GATEWAY_SENDS_PER_SECOND": "1000", "GATEWAY_PAIR_SECONDS": "0"},
    )
    try:
        yield Installation(psutil.Process(launcher.pid), f"http://127.0.0.1:{port}", started)
    finally:
        launcher.send_signal(signal.SIGINT)
        launcher.wait(60)


async def first_reply(installation: Installation) -> float:
    """Return the seconds from the start until a reply has come; 'nobody has asked yet' counts as waiting."""
    async with httpx2.AsyncClient(base_url=f"{installation.public}/simulator/v1", timeout=30) as client:
        while True:
            try:
                (await client.get("/world")).raise_for_status()
                break
            except (httpx2.HTTPError, OSError):
                await asyncio.sleep(0.02)
        await client.post("/members", json={"phone": "917000000001", "name": "पहला"})
        chat = "/chats/917000000001"
        asked = (await client.post(f"{chat}/messages", json={"text": "!नियम"})).json()
        found = await client.get(f"{chat}/wait", params={"after": asked["seq"], "from": "bot", "timeout": 30})
        if not found.json()["messages"]:
            raise RuntimeError("no reply came")
    return time.perf_counter() - installation.started


async def replies(installation: Installation) -> list[float]:
    """Return, sorted, the seconds from each of `PER_SECOND` commands a second to its accepted reply."""
    async with httpx2.AsyncClient(
        base_url=f"{installation.public}/simulator/v1", timeout=60, limits=httpx2.Limits(max_connections=64)
    ) as client:
        phones = [f"9170001{number:05d}" for number in range(CHATS)]
        for phone in phones:
            await client.post("/members", json={"phone": phone, "name": f"सदस्य {phone[-2:]}"})
            await client.post(f"/chats/{phone}/messages", json={"text": "नमस्ते"})
        # The data of earlier runs is still there; only what comes now counts.
        since = (await client.get("/world")).json()["cursor"]

        async def ask(number: int) -> None:
            await asyncio.sleep(number / PER_SECOND)
            answer = await client.post(f"/chats/{phones[number % CHATS]}/messages", json={"text": "!नियम"})
            answer.raise_for_status()

        await asyncio.gather(*(ask(number) for number in range(SECONDS * PER_SECOND)))
        return sorted([each for phone in phones for each in await _pairs(client, phone, since)])


async def _pairs(client: httpx2.AsyncClient, phone: str, since: int) -> list[float]:
    asked: list[dt.datetime] = []
    answered: list[dt.datetime] = []
    deadline = time.perf_counter() + 30
    while not asked or len(answered) < len(asked):
        if time.perf_counter() > deadline:
            raise RuntimeError(f"{len(asked) - len(answered)} replies did not come")
        answer = await client.get(f"/chats/{phone}/messages", params={"after": since, "limit": 1000})
        page = answer.json()["messages"]
        asked = [_time(each) for each in page if each["text"] == "!नियम"]
        answered = [_time(each) for each in page if each["from"] == "bot" and each["kind"] == "text"]
    return [(reply - question).total_seconds() for question, reply in zip(asked, answered, strict=True)]


def _time(message: dict[str, str]) -> dt.datetime:
    return dt.datetime.fromisoformat(message["at"])


@dataclass(frozen=True, slots=True)
class Idle:
    """What doing nothing costs, mongod aside."""

    megabytes: float
    share_of_core: float


def idle(installation: Installation, seconds: float) -> Idle:
    """Return the memory and processor share of the launcher and the services while nobody says anything."""
    launcher = installation.launcher
    processes = [launcher, *(each for each in launcher.children(recursive=True) if each.name() != "mongod")]
    before = sum(_cpu(each) for each in processes)
    time.sleep(seconds)
    after = sum(_cpu(each) for each in processes)
    memory = sum(each.memory_info().rss for each in processes) / 2**20
    return Idle(memory, (after - before) / seconds)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
