from __future__ import annotations

import asyncio
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.stream.lanes import Lanes
from tests.support.streams import turns


class Work:
    """Work that stands still at each item until it is let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.done: list[str] = []
        self.gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def __call__(self, item: str) -> None:
        self.begun.append(item)
        await self.gates[item].wait()
        self.done.append(item)

    def let_go(self, *items: str) -> None:
        for item in items:
            self.gates[item].set()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=40))
@settings(deadline=None)
def test_items_of_one_key_are_done_in_order_however_long_each_takes(items):
    done: list[tuple[str, int]] = []

    async def work(item: tuple[int, str, int]) -> None:
        number, key, pauses = item
        for _ in range(pauses):
            await asyncio.sleep(0)
        done.append((key, number))

    async def run() -> None:
        lanes = Lanes(work, limit=100)
        for number, (key, pauses) in enumerate(items):
            lanes.put(key.encode(), (number, key, pauses))
        await lanes.idle()
        assert lanes.room == 100

    asyncio.run(run())
    for key in "abc":
        assert [n for k, n in done if k == key] == [n for n, (k, _) in enumerate(items) if k == key]


async def test_a_slow_key_delays_nobody_but_itself():
    work = Work()
    lanes = Lanes(work, limit=10)
    for item in ("slow 1", "slow 2", "quick 1", "quick 2"):
        lanes.put(item.split()[0].encode(), item)
    work.let_go("quick 1", "quick 2", "slow 2")
    await turns()
    assert work.done == ["quick 1", "quick 2"]
    assert work.begun == ["slow 1", "quick 1", "quick 2"]
    work.let_go("slow 1")
    await lanes.idle()
    assert work.done[-2:] == ["slow 1", "slow 2"]


async def test_what_is_queued_or_at_work_counts_against_the_bound():
    work = Work()
    lanes = Lanes(work, limit=2)
    lanes.put(b"a", "1")
    assert lanes.room == 1
    lanes.put(b"a", "2")
    assert lanes.room == 0
    waiting = asyncio.create_task(lanes.free())
    await turns()
    assert not waiting.done()
    work.let_go("1")
    async with asyncio.timeout(5):
        await waiting
    assert lanes.room == 1
    work.let_go("2")
    await lanes.idle()
    assert lanes.room == 2


async def test_a_lane_that_is_empty_leaves_nothing_behind():
    work = Work()
    lanes = Lanes(work, limit=10)
    work.let_go("1", "2")
    for item in ("1", "2"):
        lanes.put(b"a", item)
        await lanes.idle()
    assert work.done == ["1", "2"]
    assert not lanes._queues


async def test_closing_finishes_what_is_at_work_and_forgets_what_is_queued():
    work = Work()
    lanes = Lanes(work, limit=10)
    for item in ("1", "2", "3"):
        lanes.put(b"a", item)
    await turns()
    closing = asyncio.create_task(lanes.close())
    await turns()
    assert not closing.done()
    work.let_go("1", "2", "3")
    async with asyncio.timeout(5):
        await closing
    assert work.done == ["1"]
    assert lanes.room == 10


@pytest.mark.parametrize("waiting", ["idle", "free"])
async def test_work_that_fails_wakes_whoever_waits_and_says_why(waiting):
    reached = asyncio.Event()

    async def work(item: str) -> None:
        await reached.wait()
        raise ZeroDivisionError(item)

    lanes = Lanes(work, limit=2)
    lanes.put(b"a", "1")
    lanes.put(b"a", "2")
    waiter = asyncio.create_task(getattr(lanes, waiting)())
    await turns()
    assert not waiter.done()
    reached.set()
    async with asyncio.timeout(5):
        await waiter
    assert isinstance(lanes.failure, ZeroDivisionError)


async def test_a_failure_does_not_keep_other_lanes_from_closing():
    async def work(item: str) -> None:
        if item == "bad":
            raise ZeroDivisionError

    lanes = Lanes(work, limit=10)
    lanes.put(b"a", "bad")
    lanes.put(b"a", "behind it")
    lanes.put(b"b", "good")
    await lanes.idle()
    async with asyncio.timeout(5):
        await lanes.close()
    assert lanes.room == 10


async def test_a_lane_that_is_done_takes_no_memory():
    async def work(_: int) -> None:
        await asyncio.sleep(0)

    lanes = Lanes(work, limit=10)
    for number in range(10):
        lanes.put(str(number).encode(), number)
    await lanes.idle()
    await turns()
    assert not lanes._runners
    assert not lanes._queues


async def test_it_is_known_how_many_wait_behind_the_one_at_work():
    work = Work()
    lanes: Lanes[str] = Lanes(work, 10)
    for each in ("a1", "a2", "a3"):
        lanes.put(b"a", each)
    await turns()
    assert (lanes.behind(b"a"), lanes.behind(b"b")) == (2, 0)
    work.let_go("a1")
    await turns()
    assert lanes.behind(b"a") == 1
    work.let_go("a2", "a3")
    await lanes.idle()
    assert lanes.behind(b"a") == 0
    await lanes.close()
