from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.mongod import LocalMongod, find_mongod
from deploy.local.process import LocalPartUnavailable
from tests.support.streams import Bench, bench, lost_connections


@pytest.fixture(params=["memory", "local"])
async def place(request: pytest.FixtureRequest, mongo_url: str) -> AsyncIterator[Bench]:
    async with bench(mongo_url, request.param) as made:
        yield made


@pytest.fixture
async def one_place(mongo_url: str) -> AsyncIterator[Bench]:
    async with bench(mongo_url, "memory") as made:
        yield made


@pytest.fixture
def mongod(tmp_path: Path) -> Iterator[LocalMongod]:
    """A MongoDB of the test's own, to be stopped and killed."""
    try:
        find_mongod()
    except LocalPartUnavailable as unavailable:
        pytest.skip(unavailable.sentence)
    with lost_connections(), LocalMongod(tmp_path / "db") as own:
        yield own
