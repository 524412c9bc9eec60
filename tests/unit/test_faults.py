from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import faults
from shared.faults import POINTS, InjectedFault, Plan, fault

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _nothing_planned() -> Iterator[None]:
    faults.uninstall()
    yield
    faults.uninstall()


def test_nothing_fails_unless_it_was_asked_for():
    assert faults._hook is None
    for point in POINTS:
        fault(point)


def test_the_nth_time_fails_and_no_other():
    faults.install(Plan("in_txn:raise@2,after_poll:raise"))
    fault("in_txn")
    with pytest.raises(InjectedFault, match="in_txn"):
        fault("in_txn")
    fault("in_txn")
    with pytest.raises(InjectedFault, match="after_poll"):
        fault("after_poll")
    fault("after_poll")
    fault("after_txn_before_commit")


def test_every_time_from_the_nth_on():
    faults.install(Plan("in_drain:raise@2+"))
    fault("in_drain")
    for _ in range(3):
        with pytest.raises(InjectedFault):
            fault("in_drain")


def test_a_sleep_blocks_the_thread_for_as_long_as_was_said(monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr("shared.faults.time.sleep", slept.append)
    faults.install(Plan("mid_batch:sleep=2.5@1"))
    fault("mid_batch")
    fault("mid_batch")
    assert slept == [2.5]


def test_what_hangs_never_goes_on(monkeypatch):
    class Enough(Exception):
        pass

    naps = iter([None, None])

    def nap(seconds: float) -> None:
        if next(naps, Enough) is Enough:
            raise Enough

    monkeypatch.setattr("shared.faults.time.sleep", nap)
    faults.install(Plan("mid_batch:hang"))
    with pytest.raises(Enough):
        fault("mid_batch")


def test_a_hook_hears_of_every_point_until_it_is_taken_away():
    heard: list[str] = []
    faults.install(heard.append)
    fault("after_poll")
    fault("in_txn")
    faults.uninstall()
    fault("in_txn")
    assert heard == ["after_poll", "in_txn"]


def test_what_a_hook_raises_comes_out_of_the_point():
    def crash(point: str) -> None:
        raise InjectedFault(point)

    faults.install(crash)
    with pytest.raises(InjectedFault, match="in_txn"):
        fault("in_txn")


@pytest.mark.parametrize(
    "text",
    [
        *("in_tx:raise", "in_txn:explode", "in_txn", "in_txn:raise@often", "in_txn:raise=2"),
        *("in_txn:sleep", "in_txn:sleep=long", "in_txn:raise@2+1", "in_txn:raise,"),
    ],
)
def test_a_plan_that_names_nothing_stops_the_start(text):
    with pytest.raises(ValueError, match=r"FAULTS|invalid literal|could not convert"):
        Plan(text)


def test_each_point_is_somewhere():
    sources = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("shared", "services")
        for path in (ROOT / folder).rglob("*.py")
    )
    assert set(re.findall(r"\bfault\(\"(\w+)\"\)", sources)) == POINTS


def test_killed_means_killed():
    code = "from shared.faults import fault\nfault('in_txn')\nprint('1')\nfault('in_txn')\nprint('2')"
    run = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"FAULTS": "in_txn:kill9@2"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
