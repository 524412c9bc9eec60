from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fuzz.openapi import SERVICES, attack, platform, scopes
from tests.support.platform import Platform

EXAMPLES = ("--max-examples", "3", "--seed", "20261105")


@pytest.fixture(scope="module")
async def attacked(mongo_url: str) -> AsyncIterator[tuple[Platform, str]]:
    with pytest.MonkeyPatch.context() as patch:
        async with platform(mongo_url, patch) as started:
            yield started


def test_the_key_may_do_everything():
    assert {"gateway:read", "messages:send", "policies:write", "ops:dlq"} <= scopes()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_answers_as_its_document_says(attacked: tuple[Platform, str], service: str) -> None:
    # `make fuzz` tries every edge of every value too, which takes minutes.
    status, said = await attack(*attacked, service, *EXAMPLES, phases=["examples", "fuzzing", "stateful"])
    assert status == 0, said
