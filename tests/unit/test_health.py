from __future__ import annotations

import time

import pytest

from shared.observability.health import Health


@pytest.mark.parametrize(
    ("problem", "stopping", "ready"),
    [
        ("starting", False, False),
        (None, False, True),
        ("store_unavailable", False, False),
        (None, True, False),
        ("log_unavailable", True, False),
    ],
)
def test_ready_means_that_nothing_is_in_the_way(problem, stopping, ready):
    health = Health()
    check = health.check("consumer moderation")
    check.problem = problem
    if stopping:
        health.stopping()
    found = health.unready()
    assert (not found) is ready
    assert ("process" in found) is stopping
    assert found.get("consumer moderation") == problem
    assert not health.alive()


def test_a_part_is_not_ready_before_it_has_said_so():
    health = Health()
    check = health.check("log")
    assert health.unready() == {"log": "starting"}
    check.ok()
    assert not health.unready()
    check.failing("log_unavailable")
    assert health.unready() == {"log": "log_unavailable"}
    assert health.check("log") is check


def test_one_part_in_trouble_is_enough():
    health = Health()
    for name in ("database", "log"):
        health.check(name).ok()
    health.check("relay gateway").failing("log_unavailable")
    assert health.unready() == {"relay gateway": "log_unavailable"}


@pytest.mark.parametrize(("seconds", "alive"), [(0.0, True), (59.0, True), (61.0, False)])
def test_alive_means_that_the_loops_go_round(seconds, alive, monkeypatch):
    health = Health()
    check = health.check("consumer moderation")
    check.ok()
    check.beat()
    later = time.monotonic() + seconds
    monkeypatch.setattr("shared.observability.health.time.monotonic", lambda: later)
    assert (not health.alive()) is alive
    assert (not health.unready()) is alive


def test_a_part_without_a_loop_is_never_stalled(monkeypatch):
    health = Health()
    health.check("database").failing("store_unavailable")
    later = time.monotonic() + 10_000
    monkeypatch.setattr("shared.observability.health.time.monotonic", lambda: later)
    assert not health.alive()


def test_waiting_for_something_is_not_being_stuck():
    health = Health()
    check = health.check("consumer moderation")
    check.beat()
    check.failing("store_unavailable")
    assert not health.alive()
    assert health.unready()
