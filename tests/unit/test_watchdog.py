from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared.observability import watchdog as module
from shared.observability.health import Health
from shared.observability.metrics import REGISTRY
from shared.observability.watchdog import EVENT_LOOP, Limits, Stalls, Watchdog, stack_of, stacks

LIMITS = Limits(look_seconds=1, told_seconds=3, ended_seconds=6, ending_seconds=2, stalled_seconds=60)


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as caught:
        yield caught


@pytest.fixture
def dog(monkeypatch: pytest.MonkeyPatch) -> tuple[Watchdog, list[int]]:
    ended: list[int] = []
    # Lines are written by threads of their own; a test waits for each.
    say = Watchdog._say

    def said(self: Watchdog, event: str, **what: Any) -> threading.Thread:
        saying = say(self, event, **what)
        saying.join()
        return saying

    monkeypatch.setattr(Watchdog, "_say", said)
    return Watchdog(LIMITS, ended.append), ended


def stalls(task: str) -> float:
    return REGISTRY.get_sample_value("chaupal_stalls_total", {"task": task}) or 0.0


def events(lines: list[Any]) -> list[str]:
    return [each["event"] for each in lines]


# --- The event loop ---


def test_a_loop_that_beats_is_left_alone(dog, lines):
    watchdog, ended = dog
    for _ in range(100):
        watchdog._beaten = True
        watchdog.look()
    assert (lines, ended) == ([], [])


def test_a_blocked_loop_is_told_of_once_with_all_stacks_and_then_ended(dog, lines):
    watchdog, ended = dog
    before = stalls(EVENT_LOOP)
    watchdog.look()
    for _ in range(2):
        watchdog.look()
    assert not lines
    for _ in range(3):
        watchdog.look()
    assert events(lines) == ["process.stuck"]
    assert stalls(EVENT_LOOP) == before + 1
    assert not ended
    watchdog.look()
    assert events(lines) == ["process.stuck", "process.given_up"]
    assert lines[1]["why"] == "the event loop is blocked"
    assert ended == [1]
    assert all(isinstance(stack, list) for stack in lines[0]["threads"].values())


def test_a_loop_that_goes_on_is_forgiven(dog, lines):
    watchdog, ended = dog
    for _ in range(4):
        for _ in range(5):
            watchdog.look()
        watchdog._beaten = True
    assert not ended
    assert events(lines) == ["process.stuck"] * 4


def test_an_end_that_does_not_come_is_forced(dog, lines):
    watchdog, ended = dog
    watchdog.expect_end(3)
    for _ in range(4):
        watchdog._beaten = True
        watchdog.look()
    assert not ended
    watchdog._beaten = True
    watchdog.look()
    assert ended == [1]
    assert lines[0]["why"] == "it does not end"


def test_it_ends_the_process_even_where_nothing_can_be_written(monkeypatch):
    blocked = threading.Event()
    monkeypatch.setattr(module, "LAST_WORDS_SECONDS", 0.01)
    monkeypatch.setattr(module.log, "critical", lambda *_, **__: blocked.wait(30), raising=False)
    ended: list[int] = []
    watchdog = Watchdog(Limits(look_seconds=1, told_seconds=1, ended_seconds=2), ended.append)
    for _ in range(3):
        watchdog.look()
    blocked.set()
    assert ended == [1]


async def test_the_running_loop_is_watched_until_it_is_told_to_stop():
    ended: list[int] = []
    watchdog = Watchdog(Limits(look_seconds=0.005), ended.append)
    looked = asyncio.Event()
    loop, look = asyncio.get_running_loop(), watchdog.look

    def looking() -> None:
        look()
        loop.call_soon_threadsafe(looked.set)

    watchdog.look = looking  # type: ignore[method-assign]
    watchdog.watch()
    for _ in range(3):
        looked.clear()
        await asyncio.wait_for(looked.wait(), 10)
    watchdog.stop()
    await asyncio.to_thread(watchdog.join, 10)
    assert not watchdog.is_alive()
    assert not ended


# --- Loops within it ---


class Wait:
    """Stands still somewhere below."""

    def __init__(self) -> None:
        self.go = asyncio.Event()

    async def run(self, secret: str) -> None:
        await self.deeper(secret)

    async def deeper(self, _secret: str) -> None:
        await self.go.wait()


@pytest.fixture
def health(monkeypatch: pytest.MonkeyPatch) -> Health:
    made = Health()
    made.check("consumer tally").beat()
    return made


async def test_a_loop_that_stands_still_is_told_of_once_with_its_stack_and_then_given_up(health, lines):
    wait = Wait()
    task = asyncio.create_task(wait.run("canary"), name="consumer tally")
    await asyncio.sleep(0)
    found, before = Stalls(health, LIMITS), stalls("consumer tally")
    assert not found.look(0.0, {task})
    health.check("consumer tally").seconds = -1.0
    assert not found.look(10.0, {task})
    assert not found.look(69.9, {task})
    assert events(lines) == ["loop.stalled"]
    stack = lines[0]["where"]
    assert [each.rpartition(" in ")[2] for each in stack] == ["Event.wait", "Wait.deeper", "Wait.run"]
    assert "canary" not in str(lines)
    assert stalls("consumer tally") == before + 1
    assert found.look(70.0, {task})
    assert events(lines) == ["loop.stalled", "loop.given_up"]
    wait.go.set()
    await task


def test_a_loop_that_goes_on_has_all_its_time_again(health, lines):
    found, check = Stalls(health, LIMITS), health.check("consumer tally")
    for start in (0.0, 1000.0):
        check.seconds = -1.0
        assert not found.look(start, set())
        assert not found.look(start + 59.0, set())
        check.seconds = 60.0
        assert not found.look(start + 61.0, set())
    assert events(lines) == ["loop.stalled"] * 2


async def test_watching_ends_when_there_is_no_more_hope(health):
    health.check("consumer tally").seconds = -1.0
    limits = Limits(look_seconds=0.001, stalled_seconds=0.002)
    await asyncio.wait_for(Stalls(health, limits).until_hopeless(), 10)


# --- Stacks ---


def test_the_stacks_of_other_threads_hold_places_and_no_values():
    entered, leave = threading.Event(), threading.Event()

    def work(secret: str) -> None:
        assert secret
        entered.set()
        leave.wait(10)

    thread = threading.Thread(target=work, args=("canary",), name="worker")
    thread.start()
    assert entered.wait(10)
    found = stacks()
    leave.set()
    thread.join()
    stack = next(stack for name, stack in found.items() if name.endswith(" worker"))
    assert any(each.endswith("<locals>.work") and "test_watchdog.py:" in each for each in stack)
    assert "canary" not in str(found)
    assert not any(name.endswith(threading.current_thread().name) for name in found)


async def test_a_task_that_has_ended_stands_nowhere():
    async def nothing() -> None:
        return

    task = asyncio.create_task(nothing())
    await task
    assert stack_of(task) == []
