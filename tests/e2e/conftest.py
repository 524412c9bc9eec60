from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.platform import Platform, running


@pytest.fixture(scope="module", params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def platform(request: pytest.FixtureRequest, mongo_url: str) -> AsyncIterator[Platform]:
    environment = {}
    if request.param == "kafka":
        environment["KAFKA_BOOTSTRAP_SERVERS"] = request.getfixturevalue("kafka_bootstrap")
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch, **environment) as started:
            yield started
