"""Providers that hand out files as they are told, and the API that hands them through."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import orjson
from starlette.types import Receive, Scope, Send

from services.gateway.api.media import READ, media_router
from services.gateway.channels.cloud_api.media import CloudApiFiles
from services.gateway.channels.waha.media import WahaFiles
from services.gateway.domain.items import MediaRef
from services.gateway.domain.known import Attached, Known
from services.gateway.media import Media, Source
from services.gateway.messages import MessageIndex
from services.gateway.store import Messages
from services.gateway.store.seal import UNKEPT
from shared.clock import SystemClock
from shared.contracts.gateway import ChatKind
from shared.http.app import create_app
from shared.http.client import HttpClient
from shared.http.keys import KeyRing, new_key
from shared.http.server import HttpServer
from shared.observability.health import Health
from shared.observability.metrics import REGISTRY
from shared.store.client import Database

TOKEN, API_KEY = "EAA-token", "waha-api-key"
MEDIA_ID = "1103466871234567"
PICTURE = bytes(range(256)) * 1000
MAX_BYTES = 1_000_000
AT = dt.datetime(2026, 11, 5, 6, 30, tzinfo=dt.UTC)

Answering = Callable[[Send, Receive], Awaitable[None]]


def answer(status: int, body: bytes = b"", **headers: str) -> Answering:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def give(send: Send, _receive: Receive) -> None:
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    return give


def told(url: str, **more: Any) -> Answering:
    return answer(200, orjson.dumps({"messaging_product": "whatsapp", "url": url, "id": MEDIA_ID, **more}))


@dataclass
class Provider:
    """A provider that answers as it is told, the last one for ever, and keeps what it was asked."""

    url: str = ""
    answers: dict[str, list[Answering]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        path = scope["raw_path"].decode()
        self.asked.append((path, headers))
        waiting = self.answers.get(path, [answer(404)])
        await (waiting.pop(0) if len(waiting) > 1 else waiting[0])(send, receive)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def secrets(self) -> set[str]:
        return {value for _, headers in self.asked for value in headers.values()} & {
            f"Bearer {TOKEN}",
            API_KEY,
        }


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    server = HttpServer(app, "127.0.0.1", 0)
    task = asyncio.create_task(server.serve())
    await server.started()
    yield server.url
    server.stop()
    await task


@contextlib.asynccontextmanager
async def two_providers() -> AsyncIterator[tuple[Provider, Provider]]:
    one, two = Provider(), Provider()
    async with serving(one) as one.url, serving(two) as two.url:
        yield one, two


def emptied(each: Provider) -> Provider:
    each.answers.clear()
    each.asked.clear()
    return each


@dataclass
class Api:
    client: httpx2.AsyncClient
    stranger: httpx2.AsyncClient
    index: MessageIndex
    media: Media

    async def get(self, known: Known | str) -> httpx2.Response:
        if isinstance(known, Known):
            self.index.remember(known)
        return await self.client.get(f"/v1/media/{known.message_id if isinstance(known, Known) else known}")


@contextlib.asynccontextmanager
async def handing_through(store: Database, meta: Provider) -> AsyncIterator[Api]:
    index = MessageIndex(Messages(store, UNKEPT), Health())
    key, stored = new_key("reader", frozenset({READ}))
    other_key, other_stored = new_key("stranger", frozenset({"gateway:read"}))
    async with HttpClient(timeout_seconds=2) as http, contextlib.AsyncExitStack() as stack:
        media = Media(
            index,
            {
                "main": Source(
                    "cloud_api", CloudApiFiles(http, api_base=f"{meta.url}/v25.0/", access_token=TOKEN)
                ),
                "bridge": Source(
                    "waha", WahaFiles(http, api_base=meta.url, api_key=API_KEY, session="default")
                ),
            },
            max_bytes=MAX_BYTES,
            at_once=2,
        )
        app = create_app(
            "gateway", "Files.", media_router(media), keys=KeyRing(stored, other_stored), clock=SystemClock()
        )
        url = await stack.enter_async_context(serving(app))

        async def client(given: str) -> httpx2.AsyncClient:
            headers = {"authorization": f"Bearer {given}"}
            return await stack.enter_async_context(
                httpx2.AsyncClient(base_url=url, headers=headers, timeout=20)
            )

        yield Api(await client(key), await client(other_key), index, media)


def message(**changes: Any) -> Known:
    known = Known(
        message_id=str(uuid.uuid4()),
        chat_id="c_00000000000000000001",
        chat_kind=ChatKind.GROUP,
        account="main",
        provider_id="wamid.1",
        by_us=False,
        at=AT,
        member_id="m_00000000000000000001",
        media=picture(),
    )
    return replace(known, **changes)


def picture(**changes: Any) -> Attached:
    return replace(Attached(MediaRef(id=MEDIA_ID), "image/jpeg", hashlib.sha256(PICTURE).digest()), **changes)


async def hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def at_meta(meta: Provider, *answers: Answering) -> None:
    """Let the picture lie beside the API, as in development."""
    meta.answers[f"/v25.0/{MEDIA_ID}"] = [told(f"{meta.url}/files/picture")]
    meta.answers["/files/picture"] = list(
        answers or [answer(200, PICTURE, content_type="text/html", content_length=str(len(PICTURE)))]
    )


def fetched(channel: str, outcome: str) -> float:
    labels = {"channel": channel, "outcome": outcome}
    return REGISTRY.get_sample_value("chaupal_media_fetched_total", labels) or 0.0


def title(response: httpx2.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["title"]


def chunked(*pieces: bytes, end: bool = True, **headers: str) -> Answering:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def give(send: Send, _receive: Receive) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if end:
            await send({"type": "http.response.body", "body": b""})

    return give
