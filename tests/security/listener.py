"""The public listener on a real socket and a log in memory, spoken to byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.api.webhooks import webhook_router
from services.gateway.channels.cloud_api import CloudApi
from services.gateway.channels.cloud_api import signature as cloud_api
from services.gateway.channels.waha import Waha
from services.gateway.channels.waha import signature as waha
from services.gateway.ingest import Ingest
from services.gateway.store import Identities
from shared.clock import SystemClock
from shared.contracts.topics import TOPICS
from shared.http.app import health_router
from shared.http.client import HttpClient
from shared.http.direct import public_app
from shared.http.server import HttpServer
from shared.log.memory import MemoryStorage, memory_log
from shared.log.record import Record
from shared.observability.health import Health
from shared.store.client import Database

SECRET, OLD_SECRET, KEY = "security-app-secret", "the-secret-before-it", "security-hmac-key"
MAX_BODY = 4 * 1024 * 1024
SECONDS = 20.0


class Watched:
    """Passes requests on and keeps what they asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.asked: list[tuple[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        self.asked.append((scope["method"], scope["path"]))
        await self._app(scope, receive, send)


@dataclass
class Listener:
    """What an attacker can reach, and what they should not be able to see."""

    port: int
    storage: MemoryStorage
    watched: Watched
    heads: list[bytes] = field(default_factory=list)

    def records(self) -> list[Record]:
        """Return everything on the log."""
        return [record for records in self.storage.records.values() for record in records]

    async def raw(self, *parts: bytes) -> bytes:
        """Send `parts` as they are and return everything that comes back until the other side is done."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        async with asyncio.timeout(SECONDS):
            with contextlib.suppress(ConnectionError):
                for part in parts:
                    writer.write(part)
                    await writer.drain()
            found = await _answers(reader)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        return found

    async def post(self, account: str, body: bytes, *headers: tuple[str, str]) -> tuple[int, bytes]:
        """Post `body` with exactly these headers beside the usual; return status and body of the answer."""
        lines = [f"{name}: {value}" for name, value in headers]
        head = "\r\n".join(
            [
                f"POST /webhooks/whatsapp/{account} HTTP/1.1",
                "host: gateway",
                f"content-length: {len(body)}",
                *lines,
                "connection: close",
            ]
        )
        answer = await self.raw(head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body)
        return status(answer), answer.partition(b"\r\n\r\n")[2]


async def _answers(reader: asyncio.StreamReader) -> bytes:
    found = bytearray()
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(65536):
            found += part
    return bytes(found)


def status(answer: bytes) -> int:
    """Return the status of an answer, 0 where there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def sign(body: bytes, secret: str = SECRET) -> tuple[str, str]:
    """Return the header with which Meta signs `body`."""
    return "x-hub-signature-256", cloud_api.sign(body, secret)


def sign_bridged(body: bytes, key: str = KEY) -> tuple[str, str]:
    """Return the header with which a WAHA server signs `body`."""
    return waha.SIGNATURE_HEADER, waha.sign(body, key)


@contextlib.asynccontextmanager
async def listening(store: Database) -> AsyncIterator[Listener]:
    """Yield a public listener with an account at each provider."""
    storage = MemoryStorage()
    log = memory_log(storage)
    await log.ensure_topics(TOPICS)
    async with HttpClient() as http:
        meta = CloudApi(
            http,
            api_base="http://127.0.0.1:1",
            phone_number_id="370000000000001",
            access_token="token",
            app_secrets=[OLD_SECRET, SECRET],
            verify_token="security-verify-token",
        )
        bridge = Waha(http, api_base="http://127.0.0.1:1", session="default", api_key="key", hmac_keys=[KEY])
        ingest = Ingest(log, Identities(store, SystemClock()), SystemClock())
        router = webhook_router({"main": meta, "bridge": bridge}, ingest)
        app = public_app("public", router, health_router(Health()), max_body_bytes=MAX_BODY)
        watched = Watched(app)
        server = HttpServer(watched, "127.0.0.1", 0)
        serving = asyncio.create_task(server.serve())
        await server.started()
        try:
            yield Listener(server.port, storage, watched)
        finally:
            server.stop()
            await serving
            await log.stop()
