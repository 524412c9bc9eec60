"""`make fuzz`: looks for inputs that break what must hold for all of them."""

from __future__ import annotations

import argparse
import asyncio
import base64
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from deploy.local.mongod import LocalMongod
from shared.observability.logs import configure
from tests.fuzz import campaign, openapi
from tests.fuzz.targets import TARGETS

PLACE = campaign.ROOT / "reports" / "fuzz"
LIMIT_MS = 50.0
"""No webhook and no record may keep the event loop from everything else for longer."""

EXAMPLES = 50
"""Per operation and phase."""

SHOWN = 2000


def main() -> int:
    """Fuzz every target and ask every service; return 0 only if nothing was found."""
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="how long each target is fuzzed")
    parser.add_argument("--only", nargs="*", choices=[*TARGETS, *openapi.SERVICES], help="some of them")
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument("--replay", nargs=2, metavar=("TARGET", "FILE"), help="run one input again")
    given = parser.parse_args()
    configure("error", "json", sys.stderr)
    if given.replay:
        name, path = given.replay
        print(f"{campaign.milliseconds(TARGETS[name], Path(path).read_bytes()):.2f} ms, nothing found")
        return 0
    wanted = given.only or [*TARGETS, *openapi.SERVICES]
    console = Console()
    right = _targets([each for each in wanted if each in TARGETS], given.seconds, given.seed, console)
    asked = asyncio.run(_services([each for each in wanted if each in openapi.SERVICES], given.seed, console))
    return 0 if right and asked else 1


def _targets(names: Sequence[str], seconds: int, seed: int, console: Console) -> bool:
    if not campaign.AVAILABLE:
        console.print("atheris has no wheel for this machine: only the services are asked.")
        return True
    table = Table("target", "inputs", "branches", "slowest input", "")
    right = True
    for name in names:
        with console.status(f"fuzzing {name} for {seconds} s…"):
            outcome = campaign.fuzz(name, seconds, PLACE / name, seed)
        fast = outcome.slowest_ms <= LIMIT_MS
        right = right and outcome.clean and fast
        table.add_row(
            name,
            f"{outcome.inputs:,}",
            str(outcome.branches),
            f"{outcome.slowest_ms:.2f} ms",
            "✓" if outcome.clean and fast else "✗",
        )
        if not outcome.clean:
            print(outcome.said[-SHOWN:])
            _show(name, outcome.found)
        elif not fast:
            _show(name, PLACE / name / campaign.SLOWEST)
    console.print(table)
    return right


def _show(name: str, path: Path | None) -> None:
    if path is None:
        return
    data = path.read_bytes()
    print(f"{name} fails for {data[:SHOWN]!r}")
    print(f"in Base64: {base64.b64encode(data[:SHOWN]).decode()}")
    print(f'again: .venv/bin/python -m tests.fuzz --replay {name} "{path.relative_to(campaign.ROOT)}"\n')


async def _services(names: Sequence[str], seed: int, console: Console) -> bool:
    if not names:
        return True
    right = True
    with (
        tempfile.TemporaryDirectory(prefix="chaupal-fuzz-") as folder,
        LocalMongod(Path(folder)) as mongod,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name in names:
            # Each has a platform of its own: what one is asked must not be what another one is measured by.
            async with openapi.platform(mongod.url, patch) as (started, key):
                options = ["--max-examples", str(EXAMPLES), *(["--seed", str(seed)] if seed else [])]
                status, said = await openapi.attack(started, key, name, *options)
            console.print(f"{name}: {openapi.summary(said)} {'✓' if status == 0 else '✗'}")
            if status:
                right = False
                print(said)
    return right


if __name__ == "__main__":
    sys.exit(main())
