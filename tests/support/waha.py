"""A WAHA server on loopback, and what is read out of its webhooks."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send

from services.gateway.channels.waha import Waha
from services.gateway.channels.waha.parse import parse
from services.gateway.domain.items import Address, AddressKind, Item, Place
from shared.contracts.gateway import ChatKind
from shared.http.client import HttpClient
from shared.http.server import HttpServer

FIXTURES = Path(__file__).parents[1] / "fixtures" / "webhooks" / "waha"

SESSION = "chaupal"
GROUP_ID = "120363000000000101@g.us"
GROUP, DIRECT = Place(ChatKind.GROUP, GROUP_ID), Place(ChatKind.DIRECT)
SAID_AT = dt.datetime.fromtimestamp(1795410000, dt.UTC)
CHANGED_AT = dt.datetime.fromtimestamp(1795410000.123, dt.UTC)


def phone(number: str) -> Address:
    return Address(AddressKind.PHONE, number)


def hidden(value: str) -> Address:
    return Address(AddressKind.HIDDEN, value)


ASHA, ASHA_HIDDEN = phone("919000000101"), hidden("70000000000101")
US, US_HIDDEN = phone("911140001000"), hidden("88000000000001")


def only(body: bytes, session: str | None = SESSION) -> Item:
    (item,) = parse(body, session)
    return item


def item_in(name: str) -> Item:
    return only((FIXTURES / f"{name}.json").read_bytes())


def body_of(payload: object, event: object = "message", **other: Any) -> bytes:
    return json.dumps({"event": event, "session": SESSION, "payload": payload, **other}).encode()


def said(**other: Any) -> dict[str, Any]:
    plain = {"id": "false_919000000101@c.us_3AAA", "from": "919000000101@c.us", "timestamp": 1795410000}
    return {**plain, "fromMe": False, "body": "जी", **other}


WORKING = {
    "name": SESSION,
    "status": "WORKING",
    "me": {"id": "911140001000@c.us", "lid": "88000000000001@lid", "pushName": "चौपाल"},
    "engine": {"engine": "NOWEB"},
}


@dataclass
class FakeWaha:
    """Answers as scripted, by path and otherwise all alike, and keeps what it was asked."""

    status: int = 201
    body: bytes = b'{"id":"true_919000000101@c.us_3EB0AAAA"}'
    headers: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[int, object]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received, more = b"", True
        while more:
            message = await receive()
            received, more = received + message.get("body", b""), message.get("more_body", False)
        path = scope["raw_path"].decode()
        self.keys.add(dict(scope["headers"]).get(b"x-api-key", b"").decode() or None)
        self.asked.append((scope["method"], path, json.loads(received) if received else None))
        status, body = self.status, self.body
        if path in self.answers:
            status, answer = self.answers[path]
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def fail(self, status: int, body: object = None, **headers: str) -> None:
        self.status, self.headers, self.body = status, headers, json.dumps(body or {}).encode()

    def runs(self, engine: str | None, status: str = "WORKING") -> None:
        described = WORKING | {"status": status, "engine": {"engine": engine} if engine else None}
        self.answers[f"/api/sessions/{SESSION}"] = (200, described)


@contextlib.asynccontextmanager
async def channel_at(url: str, timeout_seconds: float = 5.0) -> AsyncIterator[Waha]:
    async with HttpClient(timeout_seconds=timeout_seconds) as client:
        yield Waha(client, api_base=f"{url}/", session=SESSION, api_key="waha-key", hmac_keys=["hmac"])


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[tuple[Waha, FakeWaha]]:
    """Yield a channel that has never asked anything, and the server it would ask."""
    waha = FakeWaha()
    server = HttpServer(waha, "127.0.0.1", 0)
    serving = asyncio.create_task(server.serve())
    await server.started()
    async with channel_at(server.url) as channel:
        yield channel, waha
    server.stop()
    await serving


async def probed(channel: Waha, waha: FakeWaha, engine: str, version: str | None = None) -> Waha:
    """Return `channel` once it has seen its session work with `engine`, on a server of `version`."""
    waha.runs(engine)
    waha.answers["/api/server/version"] = (200, {"version": version} if version else {})
    await channel.probe()
    waha.asked.clear()
    return channel
