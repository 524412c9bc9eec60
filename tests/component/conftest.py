from __future__ import annotations

import importlib
import uuid
from collections.abc import AsyncIterator

import pytest

from shared.clock import SystemClock
from shared.store.client import Database, Mongo, connect, database
from shared.store.migrations import migrate


@pytest.fixture(scope="module")
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    client = connect(mongo_url, application="tests")
    yield client
    await client.close()


@pytest.fixture(scope="module")
async def store(request: pytest.FixtureRequest, mongo: Mongo) -> AsyncIterator[Database]:
    """A migrated database of the service that the module's name gives: test_<service>_<what>.py."""
    service = request.module.__name__.rpartition("test_")[2].partition("_")[0]
    opened = database(mongo, f"{service}_{uuid.uuid4().hex[:12]}")
    await migrate(opened, SystemClock(), importlib.import_module(f"services.{service}.store").MIGRATIONS)
    yield opened
    await mongo.drop_database(opened.name)
