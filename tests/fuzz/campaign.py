"""Runs the fuzzer on one target in a process of its own, and says what came of it."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import TARGETS, Target

ROOT = Path(__file__).parents[2]
SLOWEST = "slowest"
"""The file with the input that took longest."""

GRACE = 60.0
"""Seconds that a run may take beyond what it was given: starting, shrinking the corpus, one slow input."""

AVAILABLE = importlib.util.find_spec("atheris") is not None
"""atheris has wheels for Linux on x86-64 alone."""

_FOUND = re.compile(r"(?:crash|timeout|oom|leak)-[0-9a-f]+")
_RUNS = re.compile(r"stat::number_of_executed_units: (\d+)")
_COVERAGE = re.compile(r"cov: (\d+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    target: str
    clean: bool
    inputs: int
    branches: int
    slowest_ms: float
    """Of the slowest input, measured again without the fuzzer around it."""
    slowest: bytes
    said: str
    found: Path | None
    """The input that is a finding."""


def fuzz(name: str, seconds: int, place: Path, seed: int = 0) -> Outcome:
    """Fuzz the target `name` for `seconds`; inputs that reach something new stay in `place`."""
    place.mkdir(parents=True, exist_ok=True)
    for old in place.glob("*-*"):
        old.unlink()
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.guided",
        name,
        "--seconds",
        str(seconds),
        "--seed",
        str(seed),
    ]
    ran = subprocess.run(  # noqa: S603 - our own module, and a name out of our table
        [*command, "--place", str(place)],
        cwd=ROOT,
        capture_output=True,
        timeout=seconds + GRACE,
        check=False,
    )
    said = (ran.stdout + ran.stderr).decode("utf-8", "replace")
    found = next((each for each in place.iterdir() if _FOUND.fullmatch(each.name)), None)
    slowest = (place / SLOWEST).read_bytes() if (place / SLOWEST).exists() else b""
    return Outcome(
        target=name,
        clean=ran.returncode == 0 and found is None,
        inputs=max(map(int, _RUNS.findall(said)), default=0),
        branches=max(map(int, _COVERAGE.findall(said)), default=0),
        slowest_ms=0.0 if found else milliseconds(TARGETS[name], slowest),
        slowest=slowest,
        said="\n".join(each for each in said.splitlines() if not each.startswith(("INFO: Instr", "#"))),
        found=found,
    )


def milliseconds(target: Target, data: bytes) -> float:
    """Return how long `data` takes at best, which on a busy machine is how long it takes."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        target.run(data)
        taken.append(time.perf_counter() - began)
    return min(taken) * 1000
