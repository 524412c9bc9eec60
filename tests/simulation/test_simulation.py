from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.__main__ import main
from tests.simulation.run import simulate

ROOT = Path(__file__).parents[2]
SHARDS = 8
PER_SHARD = 25


@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_goes_wrong_nothing_is_lost_doubled_or_out_of_order(shard: int) -> None:
    failed = {}
    for seed in range(shard * PER_SHARD, (shard + 1) * PER_SHARD):
        report = simulate(seed)
        if report.violations:
            failed[seed] = report.violations[:3]
    assert not failed, f"make sim SEEDS=1 FROM=<seed> shows what happened in each: {failed}"


def run(hash_seed: int, *arguments: str) -> str:
    found = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert not found.stderr
    return found.stdout


def test_a_seed_is_the_same_world_in_every_process() -> None:
    first, second = (run(hash_seed, "--seeds", "20", "--from", "1000") for hash_seed in (1, 2))
    digest = re.compile(r"digest ([0-9a-f]{64})")
    assert digest.findall(first) == digest.findall(second) != []


def test_a_seed_is_the_same_world_whatever_was_simulated_before_it() -> None:
    first = simulate(7)
    simulate(8)
    assert simulate(7).lines == first.lines


def test_seeds_are_different_worlds() -> None:
    assert len({simulate(seed).digest for seed in range(5)}) == 5


def test_one_seed_alone_is_told_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--only", "3"])
    told = capsys.readouterr().out
    report = simulate(3)
    assert code == (1 if report.violations else 0)
    assert all(line in told for line in report.lines)
