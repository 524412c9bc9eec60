"""The quick scenarios with every run of the tests; `make chaos` runs all of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.__main__ import load_modules
from tests.chaos.runner import run
from tests.chaos.scenario import Scenario, scenario, scenarios
from tests.chaos.world import World
from tests.support.oracle import Report
from tests.support.streams import lost_connections

SEED = 1

load_modules()


def _quick() -> list[Any]:
    kafka = [pytest.mark.kafka]
    return [
        pytest.param(each, id=each.id, marks=kafka if each.log == "kafka" else [])
        for each in scenarios(short=True)
    ]


def _can_run(report: Report) -> None:
    if report.verdict != "not run":
        return
    if os.environ.get("REQUIRE_KAFKA") == "1" and "kafka" in report.notes[-1].lower():
        pytest.fail(f"REQUIRE_KAFKA=1, and there is no Kafka. {report.notes[-1]}", pytrace=False)
    pytest.skip(report.notes[-1])


@pytest.mark.parametrize("each", _quick())
async def test_short_scenario(each: Scenario, tmp_path: Path) -> None:
    with lost_connections():
        report = await run(each, SEED, tmp_path / each.id)
    _can_run(report)
    assert report.verdict == "passed", report.human_line()


async def _loses_one(world: World) -> None:
    load = world.load(50, duplicates=0, poison=0)
    await world.append([load.record(each, place) for place, each in enumerate(load.inputs[1:], 1)])
    async with world.watching(load):
        await world.worker()
        await world.judge(load)


async def test_the_harness_sees_a_message_that_was_lost(tmp_path: Path) -> None:
    report = await run(Scenario("X", "one message never arrives", _loses_one), SEED, tmp_path / "x")
    _can_run(report)
    assert (report.verdict, report.lost, report.double) == ("failed", 1, 0)


async def _forgets(world: World) -> None:
    load = world.load(300, duplicates=0, poison=0)
    await world.prefill(load)
    worker = await world.worker("after_txn_before_commit:kill9@1", ready=False, CHAOS_READS_ANSWERS="false")
    await worker.ended()
    await world.database["_inbox"].delete_many({})
    await world.worker()
    await world.judge(load)


async def test_the_harness_sees_what_happens_twice_without_an_inbox(tmp_path: Path) -> None:
    report = await run(Scenario("X", "the inbox is emptied", _forgets), SEED, tmp_path / "x")
    _can_run(report)
    assert (report.verdict, report.lost) == ("failed", 0)
    assert report.double > 0
    assert any("balance" in failure for failure in report.failures)


async def test_a_scenario_that_breaks_fails_and_leaves_no_process(tmp_path: Path) -> None:
    seen: list[World] = []

    async def breaks(world: World) -> None:
        seen.append(world)
        await world.worker(ready=False)
        raise RuntimeError("broken")

    report = await run(Scenario("X", "a mistake of its own", breaks), SEED, tmp_path / "x")
    _can_run(report)
    assert report.verdict == "failed"
    assert "RuntimeError: broken" in report.failures[0]
    assert not seen[0].living
    assert not seen[0].mongod.running


async def test_a_scenario_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    async def takes_long(world: World) -> None:
        async def never() -> bool:
            return False

        await world.until(never, "nothing", 60)

    report = await run(Scenario("X", "nothing", takes_long, seconds=0.5), SEED, tmp_path / "x")
    _can_run(report)
    assert "it was not over after 0.5 s" in report.failures[0]


def test_two_scenarios_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two scenarios P1"):
        scenario("P1", "again")(_loses_one)


def test_a_scenario_is_named_with_or_without_its_log() -> None:
    assert {each.id for each in scenarios(["P6"])} == {"P6.local", "P6.kafka"}
    assert [each.id for each in scenarios(["P6.local"])] == ["P6.local"]
    with pytest.raises(KeyError):
        scenarios(["P66"])
