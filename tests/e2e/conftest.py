from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.platform import Platform, running


@pytest.fixture(scope="module")
async def platform(mongo_url: str) -> AsyncIterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch) as started:
            yield started
