from __future__ import annotations

import io
import logging
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import structlog

from services.gateway.channels.cloud_api.signature import sign
from services.gateway.store import MIGRATIONS
from shared.clock import SystemClock
from shared.http.keys import new_key
from shared.observability.logs import configure
from shared.store.client import Database, connect, database
from shared.store.migrations import migrate
from tests.fuzz.openapi import scopes
from tests.security.listener import Listener, listening
from tests.support.keys import ADDRESS_KEY
from tests.support.platform import APP_SECRET, Platform, running


@dataclass
class Installation:
    """A whole platform, everything it has logged, and everything it must keep to itself."""

    platform: Platform
    key: str
    log: io.StringIO
    secrets: dict[str, str]

    async def deliver(self, body: bytes, **headers: str) -> httpx2.Response:
        """Post a signed webhook."""
        signed = {"x-hub-signature-256": sign(body, APP_SECRET), **headers}
        return await self.platform.public.post("/webhooks/whatsapp/demo", content=body, headers=signed)

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Ask the internal listener as somebody who may do everything."""
        headers = {"authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        return await self.platform.internal.request(method, path, headers=headers, **more)

    async def document(self, service: str) -> dict[str, Any]:
        """Return what a service says it offers."""
        return (await self.platform.internal.get(f"/{service}/openapi.json")).json()


@pytest.fixture(scope="package")
def logged() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    stream = io.StringIO()
    configure("debug", "json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


@pytest.fixture(scope="package")
async def installation(mongo_url: str, logged: io.StringIO) -> AsyncIterator[Installation]:
    key, stored = new_key("security", scopes())
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch, API_KEYS=str(stored)) as platform:
            secrets = {
                "api key": key.split("_", 2)[2],
                "hash of the api key": str(stored).split(":")[1],
                "app secret": APP_SECRET,
                "verify token": "e2e-verify-token",
                "access token": "e2e-access-token",
                "address key": ADDRESS_KEY,
                "database": mongo_url,
            }
            yield Installation(platform, key, logged, secrets)


@pytest.fixture(scope="package")
async def store(mongo_url: str) -> AsyncIterator[Database]:
    mongo = connect(mongo_url, application="tests")
    opened = database(mongo, f"security_{uuid.uuid4().hex[:12]}")
    await migrate(opened, SystemClock(), MIGRATIONS)
    yield opened
    await mongo.drop_database(opened.name)
    await mongo.close()


@pytest.fixture
async def listener(store: Database, logged: io.StringIO) -> AsyncIterator[Listener]:
    async with listening(store) as started:
        yield started
