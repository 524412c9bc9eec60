"""Fuzzes one target, led by which branches an input reaches: `python -m tests.fuzz.guided <target>`.

Runs in a process of its own, which ends with the fuzzing: libFuzzer leaves no other way.
"""

from __future__ import annotations

import argparse
import copy
import importlib
import io
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import atheris

from shared.observability.logs import configure

MAX_INPUT = 64 * 1024
SECONDS_PER_INPUT = 10
MEGABYTES = 2048
SLOWEST = "slowest"
"""The file with the input that took longest."""

_INSTRUMENTED = [
    "services.gateway.channels",
    "services.gateway.domain",
    "services.gateway.ingest",
    "shared.contracts",
]
_VALUES: list[Any] = [
    *(None, True, False, 0, -1, 2**63, 10**400, 1e308, 0.1, "", " ", "\x00", "\ud800", "न" * 300, "9" * 1100),
    *(
        [],
        {},
        [[]],
        [None],
        [{}],
        {"id": {}},
        "nan",
        "-1",
        "IN.1",
        "919000000101",
        "919000000101@c.us",
        "7@lid",
    ),
    *(
        "true_1@c.us_A",
        "false_1203@g.us_3A_7@lid",
        "status@broadcast",
        "1795410000",
        "1795410000123",
        "wamid.A=",
    ),
]


def main() -> None:
    """Fuzz until the time is over or something is found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided")
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument("--place", type=Path, required=True, help="where inputs are kept")
    given = parser.parse_args()
    with atheris.instrument_imports(include=_INSTRUMENTED, enable_loader_override=False):
        targets = importlib.import_module("tests.fuzz.targets")
    configure("error", "json", io.StringIO())
    target = targets.TARGETS[given.target]
    corpus = given.place / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for name, seed in target.seeds().items():
        (corpus / name).write_bytes(seed)
    longest = 0.0

    def run(data: bytes) -> None:
        nonlocal longest
        began = time.perf_counter()
        target.run(data)
        if (took := time.perf_counter() - began) > longest:
            longest = took
            (given.place / SLOWEST).write_bytes(data)

    options = [
        f"-max_total_time={given.seconds}",
        f"-max_len={MAX_INPUT}",
        f"-timeout={SECONDS_PER_INPUT}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-artifact_prefix={given.place}/",
        f"-dict={_dictionary(given.place)}",
        f"-seed={given.seed}",
        "-print_final_stats=1",
    ]
    more = {"custom_mutator": changed} if target.json else {}
    atheris.Setup([sys.argv[0], *options, str(corpus)], run, **more)
    atheris.Fuzz()


def _dictionary(place: Path) -> Path:
    words = importlib.import_module("tests.fuzz.corpus").words()
    path = place / "words.dict"
    escaped = (word.decode().replace("\\", "\\\\").replace('"', '\\"') for word in words)
    path.write_text("\n".join(f'"{each}"' for each in escaped), "utf-8")
    return path


def changed(data: bytes, max_size: int, seed: int) -> bytes:
    """Return `data` with something changed: mostly a value of its JSON, now and then any byte."""
    dice = random.Random(seed)  # noqa: S311 - chooses what to break
    if dice.random() < 0.3:
        return atheris.Mutate(data, max_size)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return atheris.Mutate(data, max_size)
    for _ in range(dice.randint(1, 3)):
        document = _once(document, dice)
    made = json.dumps(document).encode()
    return made if len(made) <= max_size else atheris.Mutate(data, max_size)


def _once(document: Any, dice: random.Random) -> Any:
    spots = list(_spots(document))
    if not spots:
        return copy.deepcopy(dice.choice(_VALUES))
    parent, key = dice.choice(spots)
    match dice.randrange(4):
        case 0:
            parent[key] = copy.deepcopy(dice.choice(_VALUES))
        case 1:
            del parent[key]
        case 2:
            other, name = dice.choice(spots)
            parent[key] = copy.deepcopy(other[name])
        case _ if isinstance(parent, list):
            parent.append(copy.deepcopy(parent[key]))
        case _:
            parent[str(dice.choice(spots)[1])] = copy.deepcopy(dice.choice(_VALUES))
    return document


def _spots(value: Any) -> list[tuple[Any, Any]]:
    """Return everything inside `value` as its container and the key there."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting and len(found) < 2000:
        part = waiting.pop()
        inner = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
        found += [(part, key) for key in inner]
        waiting += [part[key] for key in inner]
    return found


if __name__ == "__main__":
    main()
