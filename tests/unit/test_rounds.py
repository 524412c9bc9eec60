from __future__ import annotations

import asyncio

import pytest

from shared import rounds
from shared.errors import StoreUnavailable
from shared.observability.health import Health
from shared.patience import Abandoned
from shared.rounds import Rounds


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(rounds, "BREATH_SECONDS", 0.001)


async def test_it_comes_round_until_it_is_stopped():
    seen: list[int] = []

    async def work(loop: Rounds) -> None:
        loop.get_on()
        seen.append(1)
        if len(seen) == 3:
            loop.stop()

    health = Health()
    loop = Rounds("tests", health, work, 0.002)
    await asyncio.wait_for(loop.run(), 10)
    assert len(seen) == 3
    assert (loop.name, health.unready()) == ("tests", {})


async def test_what_is_away_is_waited_for():
    answers = [StoreUnavailable("away"), StoreUnavailable("away"), None]

    async def work(loop: Rounds) -> None:
        if (answer := answers.pop(0)) is not None:
            raise answer
        loop.stop()

    await asyncio.wait_for(Rounds("tests", Health(), work, 60).run(), 10)
    assert answers == []


async def test_a_stop_ends_the_rest_and_the_work():
    async def never(_: Rounds) -> None:
        raise AssertionError

    resting = Rounds("resting", Health(), never, 60, first_after=3600)
    task = asyncio.create_task(resting.run())
    await asyncio.sleep(0)
    resting.stop()
    await asyncio.wait_for(task, 10)

    async def long(loop: Rounds) -> None:
        loop.stop()
        loop.get_on()
        raise AssertionError

    await asyncio.wait_for(Rounds("working", Health(), long, 60).run(), 10)
    with pytest.raises(Abandoned):
        await resting.rest(1)


async def test_what_cannot_wait_is_done_before_the_rest_is_over():
    seen: list[int] = []

    async def work(loop: Rounds) -> None:
        seen.append(1)
        if len(seen) == 3:
            loop.stop()
        loop.soon()

    await asyncio.wait_for(Rounds("tests", Health(), work, 3600).run(), 10)
    assert len(seen) == 3
