from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from tests.simulation.dice import dice
from tests.simulation.loop import Halted, Life, SimulationLoop


@pytest.fixture
def loop() -> Iterator[SimulationLoop]:
    made = SimulationLoop(dice("test", 1))
    yield made
    made.end_all()


def test_time_jumps_to_the_next_timer(loop: SimulationLoop) -> None:
    async def wait_long() -> float:
        begun = loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.Event().wait()
        return loop.time() - begun

    begun = time.monotonic()
    assert loop.run_until_complete(wait_long()) == pytest.approx(3600, abs=0.01)
    assert time.monotonic() - begun < 1


def test_the_seed_decides_who_goes_on_first() -> None:
    def order(seed: int) -> list[int]:
        loop, found = SimulationLoop(dice("order", seed)), []

        async def note(number: int) -> None:
            await asyncio.sleep(0)
            found.append(number)

        async def all_at_once() -> None:
            await asyncio.gather(*map(note, range(6)))

        loop.run_until_complete(all_at_once())
        loop.end_all()
        return found

    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in range(20)}) > 10


def test_who_waits_for_nothing_is_found_out(loop: SimulationLoop) -> None:
    async def for_ever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Halted, match="nothing will ever happen"):
        loop.run_until_complete(for_ever())


def test_who_goes_round_and_round_is_found_out() -> None:
    loop = SimulationLoop(dice("round", 1), max_steps=1000)

    async def round_and_round() -> None:
        while True:  # noqa: ASYNC110 - this is what is to be found out
            await asyncio.sleep(0)

    with pytest.raises(Halted, match="round and round"):
        loop.run_until_complete(round_and_round())
    loop.end_all()


def test_a_life_that_stands_still_does_nothing_until_it_goes_on(loop: SimulationLoop) -> None:
    life, ticks = Life("p1"), []

    async def tick() -> None:
        while True:
            ticks.append(loop.time())
            await asyncio.sleep(1.0)

    async def watch() -> None:
        loop.spawn(tick(), life)
        await asyncio.sleep(2.5)
        life.still = True
        await asyncio.sleep(10)
        assert len(ticks) == 3
        loop.thaw(life)
        await asyncio.sleep(1.5)
        assert len(ticks) == 5

    loop.run_until_complete(watch())
