"""Writes down what the scenarios came to: `chaos.jsonl` for machines, `chaos.md` for people."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

from deploy.local.kafka import KAFKA_VERSION
from deploy.local.mongod import find_mongod
from deploy.local.process import LocalPartUnavailable
from tests.support.oracle import Report

HEAD = """\
| scenario | fault | seed | inputs | effects | duplicates absorbed | dead letters \
| lost | double | out of order | recovery p50/max | verdict |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def write(reports: Sequence[Report], directory: Path) -> None:
    """Replace the two files in `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{each.json_line()}\n" for each in reports)
    (directory / "chaos.jsonl").write_text(lines, encoding="utf-8")
    rows = "".join(_row(each) for each in reports)
    said = "".join(
        f"* **{each.scenario}**: {' '.join('; '.join([*each.failures, *each.notes]).split())}\n"
        for each in reports
        if each.failures or each.notes
    )
    text = f"# What was done to it, and what came of it\n\n{_machine()}\n\n{HEAD}{rows}\n{said}"
    (directory / "chaos.md").write_text(text, encoding="utf-8")


def _row(each: Report) -> str:
    recovery = "–" if each.recovery_max is None else f"{each.recovery_p50}/{each.recovery_max} s"
    cells: tuple[object, ...] = (
        *(each.scenario, each.fault, each.seed, each.inputs, each.effects, each.duplicates_absorbed),
        *(each.dead_letters, each.lost, each.double, each.out_of_order, recovery, each.verdict),
    )
    return f"| {' | '.join(map(str, cells))} |\n"


def _machine() -> str:
    gigabytes = psutil.virtual_memory().total / 2**30
    try:
        asked = subprocess.run([find_mongod(), "--version"], capture_output=True, text=True, check=False)
        mongod = asked.stdout.splitlines()[0].removeprefix("db version v")
    except (LocalPartUnavailable, IndexError):
        mongod = "none"
    return (
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}: {os.cpu_count()} cores, {gigabytes:.0f} GiB, "
        f"{platform.system()}, "
        f"Python {platform.python_version()}, MongoDB {mongod}, Apache Kafka {KAFKA_VERSION}, "
        f"pymongo {version('pymongo')}, aiokafka {version('aiokafka')}; "
        "all of it on one machine, over loopback."
    )
