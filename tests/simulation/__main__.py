"""Run many simulations: `python -m tests.simulation --seeds 10000 [--from N] [--only SEED]`."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from tests.simulation.run import Report, simulate

LAST_STEPS = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if every seed came to rest as it should."""
    options = _options(arguments)
    console = Console(soft_wrap=True)
    first, count = (options.only, 1) if options.only is not None else (options.first, options.seeds)
    begun, steps, failed = time.monotonic(), 0, 0
    digest = hashlib.sha256()
    with Progress(
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("simulating", total=count)
        for seed in range(first, first + count):
            report = simulate(seed)
            steps += report.steps
            digest.update(report.digest.encode())
            progress.advance(task)
            if options.trace or count == 1:
                console.print("\n".join(report.lines), markup=False, highlight=False)
            if report.violations:
                failed += 1
                _tell(console, report)
            if failed > options.failures:
                break
    seconds = time.monotonic() - begun
    console.print(
        f"{seed - first + 1} simulations, {failed} failed, {steps} steps, {seconds:.1f} s",
        f"digest {digest.hexdigest()}",
        sep="\n",
        highlight=False,
    )
    return 1 if failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds to run")
    parser.add_argument("--from", type=int, default=0, dest="first", metavar="N", help="the first seed")
    parser.add_argument("--only", type=int, metavar="SEED", help="run this seed alone and print its trace")
    parser.add_argument("--trace", action="store_true", help="print the trace of every seed")
    parser.add_argument("--failures", type=int, default=4, help="go on after so many seeds have failed")
    return parser.parse_args(arguments)


def _tell(console: Console, report: Report) -> None:
    lines = [
        "",
        f"SEED {report.seed} failed after {report.virtual_seconds:.1f} virtual seconds:",
        *(f"  {each}" for each in report.violations[:10]),
        f"the last {LAST_STEPS} steps of its trace:",
        *report.lines[-LAST_STEPS:],
        f"once more: make sim SEEDS=1 FROM={report.seed}",
    ]
    console.print("\n".join(lines), markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
