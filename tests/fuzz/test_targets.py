from __future__ import annotations

import pytest

from tests.fuzz.campaign import AVAILABLE, fuzz
from tests.fuzz.targets import TARGETS, Target

SECONDS = 2
SEED = 20261105


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_every_recorded_input_has_a_declared_outcome(target: Target) -> None:
    seeds = target.seeds()
    assert seeds
    for seed in seeds.values():
        target.run(seed)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("ending", [b"", b"\x00", b"\xff", b"}", b"[" * 5000], ids=ascii)
def test_a_recorded_input_broken_off_has_a_declared_outcome(target: Target, ending: bytes) -> None:
    for seed in target.seeds().values():
        for length in (0, 1, len(seed) // 3, len(seed) - 1):
            target.run(seed[:length] + ending)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        # What fuzzing has once come upon.
        ("addresses", b"IN.550(1000000000777"),
        ("addresses", b"@:0:0@lid"),
        ("addresses", b"true_919000000101@c.us_3EB0EEEE"),
    ],
)
def test_what_was_once_looked_at_twice_has_a_declared_outcome(name: str, data: bytes) -> None:
    TARGETS[name].run(data)


@pytest.mark.skipif(not AVAILABLE, reason="atheris has no wheel for this machine")
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_found_within_seconds(name: str, tmp_path) -> None:
    outcome = fuzz(name, SECONDS, tmp_path, SEED)
    assert outcome.clean, f"{outcome.found and outcome.found.read_bytes()!r}\n{outcome.said[-3000:]}"
    assert outcome.inputs > 100
