from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from shared import faults
from shared.faults import POINTS, InjectedFault, fault

ROOT = Path(__file__).parents[2]


def planned(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(faults, "_PLANNED", faults._parse(text))
    monkeypatch.setattr(faults, "_reached", Counter())


def test_nothing_fails_unless_it_was_asked_for():
    assert not faults._PLANNED
    for point in POINTS:
        fault(point)


def test_the_nth_time_fails_and_no_other(monkeypatch):
    planned(monkeypatch, "in_txn:raise@2,after_poll:raise")
    fault("in_txn")
    with pytest.raises(InjectedFault, match="in_txn"):
        fault("in_txn")
    fault("in_txn")
    with pytest.raises(InjectedFault, match="after_poll"):
        fault("after_poll")
    fault("after_txn_before_commit")


@pytest.mark.parametrize("text", ["in_tx:raise", "in_txn:explode", "in_txn", "in_txn:raise@often"])
def test_a_plan_that_names_nothing_stops_the_start(text):
    with pytest.raises(ValueError, match=r"FAULTS|invalid literal"):
        faults._parse(text)


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
