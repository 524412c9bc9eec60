"""Webhooks as a busy number gets them: three statuses of outgoing ones for each incoming, at a fixed pace."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import uvloop

from deploy.local.process import free_port
from tests.perf.ingest import SECRET, webhook
from tests.support.keys import ADDRESS_KEY

PER_SECOND = 300
STATUSES = ("sent", "delivered", "read")
CONNECTIONS = 64
BATCH = 1000
LARGE = 3 * 1024 * 1024
REPEATS = 10
"""How often a single large body is sent: few, for each is worth a thousand others."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a kind of request was answered."""

    latencies: list[float]
    """In seconds from when it was due, sorted: what waits for its turn is late too."""
    refused: int
    """Answers other than 2xx, and requests that got none."""

    def milliseconds(self, share: float) -> float:
        """Return the latency that `share` of the requests did not exceed."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))] * 1000


def mixture(run: str) -> Iterator[bytes]:
    """Yield bodies: three statuses of one message of ours, then a message of a member."""
    number = 0
    while True:
        number += 1
        for status in STATUSES:
            yield _body({"statuses": [_status(f"wamid.{run}out{number}", number, status)]})
        yield json.dumps(webhook(f"wamid.{run}in{number}", number)).encode()


def batch(run: str, size: int = BATCH) -> bytes:
    """Return one body with `size` updates in it, a quarter of them messages."""
    several = [webhook(f"wamid.{run}b{number}", number)["entry"][0] for number in range(size // 4)]
    statuses = [
        _status(f"wamid.{run}s{number}", number, STATUSES[number % 3]) for number in range(size - size // 4)
    ]
    return json.dumps({"entry": [*several, *json.loads(_body({"statuses": statuses}))["entry"]]}).encode()


def large(run: str) -> bytes:
    """Return a body of the size beyond which Meta sends nothing: texts as long as they may be."""
    entries = []
    for number in range(LARGE // 12_700):
        told = webhook(f"wamid.{run}l{number}", number)
        told["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = "न" * 4096
        entries += told["entry"]
    return json.dumps({"entry": entries}, ensure_ascii=False).encode()


def _status(wamid: str, number: int, status: str) -> dict[str, Any]:
    return {
        "id": wamid,
        "status": status,
        "timestamp": "1795000000",
        "recipient_id": f"9188888{number % 500:05d}",
    }


def _body(value: Mapping[str, Any]) -> bytes:
    about = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}}
    return json.dumps(
        {"entry": [{"id": "1", "changes": [{"field": "messages", "value": {**about, **value}}]}]}
    ).encode()


def measure(environment: Mapping[str, str], seconds: float) -> dict[str, Answers]:
    """Start a gateway in a process of its own and return what it answers to each kind of request."""
    public, internal = free_port(), free_port()
    account = {
        "phone_number_id": "1",
        "app_secrets": [SECRET],
        "verify_token": "bench",
        "access_token": "bench",
        "api_base": "http://127.0.0.1:9",
    }
    mine = {
        "PUBLIC_PORT": str(public),
        "INTERNAL_PORT": str(internal),
        "GATEWAY_ACCOUNTS": json.dumps({"bench": account}),
        "GATEWAY_ADDRESS_KEYS": ADDRESS_KEY,
        "MONGO_DATABASE_PREFIX": f"bench_{uuid.uuid4().hex[:10]}",
        "LOG_LEVEL": "warning",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.perf.ingest", "gateway"],
        env={**os.environ, **environment, **mine},
        stdout=subprocess.DEVNULL,
    )
    try:
        return uvloop.run(_load(public, seconds))
    finally:
        server.terminate()
        server.wait(30)


async def _load(port: int, seconds: float) -> dict[str, Answers]:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.05)
    run = uuid.uuid4().hex
    await _paced(port, mixture(f"{run}w"), 2.0)
    return {
        "mixture": await _paced(port, mixture(run), seconds),
        "batch": await _single(port, [batch(f"{run}{number}") for number in range(REPEATS)]),
        "large": await _single(port, [large(f"{run}{number}") for number in range(REPEATS)]),
    }


async def _paced(port: int, bodies: Iterator[bytes], seconds: float) -> Answers:
    """Send one body every so often, whether those before are answered or not."""
    latencies: list[float] = []
    refused: Counter[bool] = Counter()
    due: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (job := await due.get()) is not None:
            began, body = job
            refused[not await _post(reader, writer, port, body)] += 1
            latencies.append(time.perf_counter() - began)
        writer.close()

    connections = [asyncio.create_task(connection()) for _ in range(CONNECTIONS)]
    start = time.perf_counter()
    for number in range(int(PER_SECOND * seconds)):
        at = start + number / PER_SECOND
        if (ahead := at - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        due.put_nowait((at, next(bodies)))
    for _ in connections:
        due.put_nowait(None)
    await asyncio.gather(*connections)
    return Answers(sorted(latencies), refused[True])


async def _single(port: int, bodies: list[bytes]) -> Answers:
    latencies: list[float] = []
    refused = 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for body in bodies:
        began = time.perf_counter()
        refused += not await _post(reader, writer, port, body)
        latencies.append(time.perf_counter() - began)
    writer.close()
    return Answers(sorted(latencies), refused)


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, body: bytes) -> bool:
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST /webhooks/whatsapp/bench HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
        f"content-type: application/json\r\nx-hub-signature-256: sha256={signature}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    await reader.readexactly(length)
    return answer.startswith(b"HTTP/1.1 2")
