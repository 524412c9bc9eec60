from __future__ import annotations

import asyncio
import datetime as dt
import os
import socket
from collections.abc import AsyncIterator

import pytest

from shared.clock import FixedClock
from shared.store.lease import Lease
from tests.support.processes import a_pid_of_the_past
from tests.support.streams import Bench, bench

LONG = 3600.0


@pytest.fixture
async def place(mongo_url: str) -> AsyncIterator[Bench]:
    async with bench(mongo_url, "memory") as made:
        yield made


def lease(place: Bench, seconds: float = LONG, clock: FixedClock | None = None) -> Lease:
    return Lease(place.database["_leases"], "relay", clock or place.clock, seconds)


async def test_one_holds_it_and_the_others_do_not(place: Bench) -> None:
    leases = [lease(place) for _ in range(5)]
    held = await asyncio.gather(*(each.hold() for each in leases))
    assert sum(held) == 1
    assert [each.held for each in leases] == held
    assert [await each.hold() for each in leases] == held


async def test_leases_of_other_names_are_their_own(place: Bench) -> None:
    assert await lease(place).hold()
    assert await Lease(place.database["_leases"], "other", place.clock).hold()


async def test_who_lets_go_lets_the_next_in_at_once(place: Bench) -> None:
    first, second = lease(place), lease(place)
    assert await first.hold()
    assert not await second.hold()
    await first.release()
    assert not first.held
    assert await second.hold()
    await first.release()
    assert not await first.hold()


async def test_what_has_expired_is_taken_with_a_higher_epoch(place: Bench) -> None:
    first, second = lease(place, 6.0), lease(place, 6.0)
    assert await first.hold()
    place.clock.advance(dt.timedelta(seconds=5))
    assert not await second.hold()
    place.clock.advance(dt.timedelta(seconds=2))
    assert await second.hold()
    assert second.epoch == first.epoch + 1


async def test_renewing_keeps_it_and_its_epoch(place: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("shared.store.lease.time.monotonic", lambda: now)
    first, second = lease(place, 6.0), lease(place, 6.0)
    assert await first.hold()
    for _ in range(5):
        now += 4.0
        place.clock.advance(dt.timedelta(seconds=4))
        assert await first.hold()
        assert not await second.hold()
    assert first.epoch == 1


async def test_a_holder_stops_being_sure_before_another_can_take_it(
    place: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("shared.store.lease.time.monotonic", lambda: now)
    first, second = lease(place, 6.0), lease(place, 6.0)
    assert await first.hold()
    now += 5.0
    assert not first.held
    place.clock.advance(dt.timedelta(seconds=5))
    assert not await second.hold()


async def test_an_overtaken_holder_learns_of_it(place: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("shared.store.lease.time.monotonic", lambda: now)
    first, second = lease(place, 6.0), lease(place, 6.0)
    assert await first.hold()
    place.clock.advance(dt.timedelta(seconds=7))
    assert await second.hold()
    now += 7.0
    assert not await first.hold()


async def test_a_holder_of_this_machine_that_died_is_replaced_at_once(place: Bench) -> None:
    gone = await asyncio.to_thread(a_pid_of_the_past)
    await place.database["_leases"].insert_one(
        {
            "_id": "relay",
            "token": "killed",
            "host": socket.gethostname(),
            "pid": gone,
            "expires": place.clock.now() + dt.timedelta(hours=1),
            "epoch": 7,
        }
    )
    taken = lease(place)
    assert await taken.hold()
    assert taken.epoch == 8


@pytest.mark.parametrize(
    ("host", "pid"), [("elsewhere.example", 2**22 - 1), (socket.gethostname(), os.getpid())]
)
async def test_a_holder_that_lives_or_that_nobody_can_ask_is_waited_for(
    place: Bench, host: str, pid: int
) -> None:
    expires = place.clock.now() + dt.timedelta(hours=1)
    await place.database["_leases"].insert_one(
        {"_id": "relay", "token": "other", "host": host, "pid": pid, "expires": expires, "epoch": 7}
    )
    assert not await lease(place).hold()
