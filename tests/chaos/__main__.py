"""`make chaos`: does all the harm there is a scenario for, and reports what came of it."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import logging
import secrets
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.reports import write
from tests.chaos.runner import run
from tests.chaos.scenario import Scenario, scenarios
from tests.support.oracle import Report

MODULES = ("processes", "restarts", "provider", "pressure", "broker", "stores", "data", "headline")
"""Where scenarios are, in the order in which they run."""


def main() -> int:
    """Run scenarios and return 0 only if every one that could run passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=None, help="what chance depends on; printed when not given"
    )
    parser.add_argument("--only", default="", help="which ones, such as P1,K2 or H1.local")
    parser.add_argument("--short", action="store_true", help="only those that are quick")
    parser.add_argument("--list", action="store_true", help="say which ones there are")
    parser.add_argument("--report", type=Path, default=Path("reports"), help="the directory to report to")
    parser.add_argument("--keep", type=Path, default=None, help="keep logs and data in this directory")
    given = parser.parse_args()
    # What a client says of a broker that was killed is no news.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    load_modules()
    try:
        wanted = scenarios([name for name in given.only.split(",") if name], short=given.short)
    except KeyError as unknown:
        parser.error(f"there is no scenario {unknown.args[0]}")
    if given.list:
        for each in wanted:
            print(f"{each.id:<10} {each.fault}")
        return 0
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    print(f"{len(wanted)} scenarios, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="chaupal-chaos-") as temporary:
        place = given.keep.resolve() if given.keep else Path(temporary)
        try:
            reports = asyncio.run(_all(wanted, seed, place))
        except asyncio.CancelledError:
            return 130
    write(reports, given.report)
    return 0 if all(each.verdict != "failed" for each in reports) else 1


async def _all(wanted: Sequence[Scenario], seed: int, place: Path) -> list[Report]:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        # What was started is ended on the way out, whoever asks for the end.
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    reports = []
    for each in wanted:
        reports.append(await run(each, seed, place / each.id))
        print(reports[-1].human_line(), flush=True)
    return reports


def load_modules() -> None:
    """Let every module register its scenarios."""
    for name in MODULES:
        if importlib.util.find_spec(f"tests.chaos.{name}") is not None:
            importlib.import_module(f"tests.chaos.{name}")


if __name__ == "__main__":
    sys.exit(main())
