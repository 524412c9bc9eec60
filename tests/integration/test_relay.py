from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from shared import patience
from shared.contracts.topics import OUTBOUND
from shared.errors import LogUnavailable, PermanentError
from shared.log.backend import Backend
from shared.log.memory import memory_log
from shared.log.record import NewRecord
from shared.observability.health import Health
from shared.stream import relay as module
from shared.stream.relay import Relay
from tests.support import events
from tests.support.streams import Bench, bench, eventually, everything, running, turns


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.02,))


@pytest.fixture
async def place(mongo_url: str) -> AsyncIterator[Bench]:
    async with bench(mongo_url, "memory") as made:
        yield made


class Moody:
    """A log that can be away, and that refuses what it is told to refuse."""

    def __init__(self, log: Backend) -> None:
        self._log = log
        self.away = False
        self.refuses: Callable[[NewRecord], bool] = lambda _: False
        self.calls: list[int] = []

    def __getattr__(self, name: str):
        return getattr(self._log, name)

    async def append(self, records: Sequence[NewRecord]) -> None:
        self.calls.append(len(records))
        if self.away:
            raise LogUnavailable("The log did not acknowledge in time.")
        if any(map(self.refuses, records)):
            raise PermanentError("The record is larger than the log accepts.")
        await self._log.append(records)


def row(number: int, chat: str | None = None) -> NewRecord:
    return events.record(events.send(number, chat=chat))


async def put(place: Bench, *records: NewRecord) -> None:
    outbox = place.runtime().outbox

    async def add(session) -> None:
        await outbox.add(session, records)

    await place.runtime().unit_of_work.run(add)


async def published(place: Bench) -> list[bytes]:
    return [each.headers["ce_id"] for each in await everything(place.log, OUTBOUND.name)]


def ids(*numbers: int) -> list[bytes]:
    return [events.send(each).id.encode() for each in numbers]


def empty(place: Bench):
    async def done() -> bool:
        return not await place.database["_outbox"].count_documents({"refused": None})

    return done


async def test_rows_are_published_in_the_order_of_their_decisions(place: Bench) -> None:
    for start in range(0, 30, 10):
        await put(place, *(row(n) for n in range(start, start + 10)))
    async with running(Relay(place.runtime(), place.database)):
        await eventually(empty(place), "an empty outbox")
    assert await published(place) == ids(*range(30))


async def test_a_commit_nudges_the_relay(place: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_SECONDS", 3600.0)
    runtime = place.runtime()
    async with running(Relay(runtime, place.database)):
        await turns()

        async def add(session) -> None:
            await runtime.outbox.add(session, [row(1)])

        await runtime.unit_of_work.run(add)
        runtime.outbox.filled.set()
        await eventually(empty(place), "an empty outbox")
    assert await published(place) == ids(1)


async def test_rows_of_a_process_that_died_are_found_without_a_nudge(
    place: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_SECONDS", 0.02)
    async with running(Relay(place.runtime(), place.database)):
        await put(place, row(1))
        await eventually(empty(place), "an empty outbox")
    assert await published(place) == ids(1)


async def test_what_was_decided_before_the_stop_is_published_before_it(
    place: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_SECONDS", 3600.0)
    async with running(Relay(place.runtime(), place.database)):
        await turns()
        await put(place, row(1))
    assert await published(place) == ids(1)


async def test_x02_while_the_log_is_down_the_rows_stay_and_go_out_in_order_later(place: Bench) -> None:
    moody = Moody(place.log)
    moody.away = True
    health = Health()
    await put(place, *(row(n) for n in range(10)))
    async with running(Relay(place.runtime(log=moody, health=health), place.database)):

        async def paused() -> bool:
            return health.unready() == {"relay moderation": "log_unavailable"}

        await eventually(paused, "readiness off")
        assert await place.database["_outbox"].count_documents({}) == 10
        assert not await published(place)
        moody.away = False
        await eventually(empty(place), "an empty outbox")

        async def ready() -> bool:
            return not health.unready()

        await eventually(ready, "readiness")
    assert await published(place) == ids(*range(10))


async def test_x02_a_stop_while_the_log_is_down_leaves_the_rows_for_the_next_start(place: Bench) -> None:
    moody = Moody(place.log)
    moody.away = True
    await put(place, row(1))
    async with running(Relay(place.runtime(log=moody), place.database)):
        await turns()
    assert await place.database["_outbox"].count_documents({}) == 1
    async with running(Relay(place.runtime(), place.database)):
        await eventually(empty(place), "an empty outbox")
    assert await published(place) == ids(1)


async def test_a_row_that_the_log_refuses_is_kept_aside_and_holds_nobody_up(place: Bench) -> None:
    moody = Moody(place.log)
    moody.refuses = lambda record: record.key == events.chat_id(5).encode()
    await put(place, *(row(n, events.chat_id(n)) for n in range(10)))
    async with running(Relay(place.runtime(log=moody), place.database)):
        await eventually(empty(place), "an empty outbox")
        await put(place, row(10, events.chat_id(10)))
        await eventually(empty(place), "an empty outbox")
    (kept,) = await place.database["_outbox"].find().to_list()
    assert kept["refused"] == "permanent"
    assert kept["key"] == events.chat_id(5).encode()
    assert len(await published(place)) == 10


async def test_a_row_larger_than_any_record_is_kept_aside(place: Bench) -> None:
    await put(place, row(1), NewRecord(OUTBOUND.name, b"k", b"x" * 2_000_000), row(2))
    async with running(Relay(place.runtime(), place.database)):
        await eventually(empty(place), "an empty outbox")
    assert await published(place) == ids(1, 2)
    assert await place.database["_outbox"].count_documents({"refused": "permanent"}) == 1


async def test_one_relay_is_active_and_the_other_takes_over_when_it_stops(
    place: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_SECONDS", 0.02)
    logs = [Moody(place.log), Moody(place.log)]
    first, second = (Relay(place.runtime(log=each), place.database) for each in logs)
    async with running(second):
        async with running(first):

            async def decided() -> bool:
                return first._lease.held or second._lease.held

            await eventually(decided, "an active relay")
            active, waiting = (0, 1) if first._lease.held else (1, 0)
            await put(place, *(row(n) for n in range(20)))
            await eventually(empty(place), "an empty outbox")
            assert sum(logs[active].calls) == 20
            assert not logs[waiting].calls
            assert not (first, second)[waiting]._lease.held
        await put(place, row(20))
        await eventually(empty(place), "an empty outbox")
    assert await published(place) == ids(*range(21))


async def test_x03_rows_whose_deletion_was_lost_are_published_again_with_the_same_ids(place: Bench) -> None:
    runtime = place.runtime()
    await put(place, row(1), row(2))
    await place.log.append([each.record for each in await runtime.outbox.next(10)])
    async with running(Relay(runtime, place.database)):
        await eventually(empty(place), "an empty outbox")
    assert await published(place) == [*ids(1, 2), *ids(1, 2)]


async def test_a_bug_ends_the_relay_and_with_it_the_process(place: Bench) -> None:
    class Broken(Moody):
        async def append(self, records: Sequence[NewRecord]) -> None:
            raise ZeroDivisionError

    await put(place, row(1))
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(10):
            await Relay(place.runtime(log=Broken(memory_log())), place.database).run()
    assert await place.database["_outbox"].count_documents({}) == 1
