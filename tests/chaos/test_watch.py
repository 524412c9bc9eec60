from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from shared.log.record import Partition, Record
from tests.chaos import ledger, watch
from tests.chaos.load import Load
from tests.chaos.views import partitions_of
from tests.chaos.watch import Watch


class FakeView:
    """A log whose first partition holds the whole load."""

    def __init__(self, load: Load) -> None:
        self.records = [
            Record(ledger.INBOUND, 0, place, each.key, each.value, each.headers)
            for place, each in enumerate(load.records())
        ]
        self.at = 0

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        return {each: len(self.records) if each.number == 0 else 0 for each in partitions_of(topic)}

    async def committed(self, group: str, topic: str) -> Mapping[Partition, int]:
        return {each: self.at if each.number == 0 else 0 for each in partitions_of(topic)}

    async def read(self, topic: str, since: Mapping[Partition, int]) -> Sequence[Record]:
        return self.records[since.get(Partition(topic, 0), 0) :]

    async def close(self) -> None:
        return


class Bench:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.load = Load(2, 40, duplicates=0, poison=0.1)
        self.view = FakeView(self.load)
        self.heard: dict[str, tuple[int, ...]] = {}
        self.now = 100.0

        async def effects_of(*_: object) -> dict[str, tuple[int, ...]]:
            return self.heard

        monkeypatch.setattr(watch, "effects_of", effects_of)
        monkeypatch.setattr("tests.chaos.watch.time.monotonic", lambda: self.now)
        self.watch = Watch(self.view, cast("Any", None), self.load)

    async def look(self, applied: int, committed: int, *, seconds: float = 1.0) -> None:
        """Look once, a second later, when so many inputs are applied and so many are committed."""
        self.now += seconds
        self.view.at = committed
        self.heard = {}
        for each in self.load.inputs[:applied]:
            if not each.poison:
                self.heard[each.chat] = (*self.heard.get(each.chat, ()), each.n)
        await self.watch.look()

    def ahead(self) -> list[tuple[int, int]]:
        return [(s.committed, s.processed) for s in self.watch.samples if s.committed > s.processed]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


async def test_commits_behind_the_effects_are_fine(bench: Bench) -> None:
    await bench.look(10, 0)
    await bench.look(20, 10)
    await bench.look(40, 40)
    assert bench.ahead() == []
    assert bench.watch.effects == 40 - bench.load.poison


async def test_a_commit_ahead_of_the_effects_is_seen_though_it_is_made_up_for_later(bench: Bench) -> None:
    sound = next(place for place in range(10, 40) if not bench.load.inputs[place].poison)
    await bench.look(sound, sound + 1)
    await bench.look(40, 40)
    assert bench.ahead() == [(sound + 1, sound)]


async def test_what_is_committed_and_never_applied_is_seen_at_every_look(bench: Bench) -> None:
    await bench.look(0, 30)
    await bench.look(0, 30)
    first = next(place for place, each in enumerate(bench.load.inputs) if not each.poison)
    assert bench.ahead() == [(30, first)] * 2


async def test_what_will_be_delivered_again_is_what_has_an_effect_and_is_not_committed(bench: Bench) -> None:
    await bench.look(20, 12)
    between = [each for each in bench.load.inputs[12:20] if not each.poison]
    assert await bench.watch.uncommitted() == len(between)


async def test_a_fault_lasts_until_every_partition_with_work_has_gone_on(bench: Bench) -> None:
    await bench.look(5, 5)
    bench.watch.fault()
    await bench.look(5, 5)
    await bench.look(9, 5)
    assert bench.watch.recoveries == []
    await bench.look(9, 9)
    assert bench.watch.recoveries == [3.0]


async def test_a_fault_lasts_until_what_was_hit_is_back_and_something_happens(bench: Bench) -> None:
    back = False
    await bench.look(5, 5)
    bench.watch.fault(lambda: back, at=bench.now - 1)
    await bench.look(5, 5)
    await bench.look(9, 9)
    assert bench.watch.recoveries == []
    back = True
    await bench.look(10, 9)
    assert bench.watch.recoveries == [4.0]


async def test_a_fault_when_nothing_is_left_to_do_lasts_no_time(bench: Bench) -> None:
    await bench.look(40, 40)
    bench.watch.fault()
    await bench.look(40, 40)
    assert bench.watch.recoveries == []


async def test_the_longest_stall_is_between_two_effects(bench: Bench) -> None:
    await bench.look(1, 0, seconds=50)
    await bench.look(2, 0, seconds=2)
    await bench.look(2, 0, seconds=3)
    await bench.look(5, 0, seconds=3)
    await bench.look(6, 0, seconds=1)
    assert bench.watch.stall == 6.0
