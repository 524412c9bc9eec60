"""One seed, one simulation, always the same."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import os
import random as real_random
import secrets as real_secrets
import socket as real_socket
import sys
import time as real_time
import uuid as real_uuid
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import structlog

from shared import faults
from shared.contracts import topics
from tests.simulation.dice import dice
from tests.simulation.loop import Halted, SimulationLoop
from tests.simulation.world import World, process_of

REST = {"30s": 2.0, "5m": 5.0, "1h": 9.0}
"""Seconds that records rest in each tier: in virtual time too, an hour has many rounds of polling."""


@dataclass(frozen=True)
class Report:
    """What became of one simulation."""

    seed: int
    violations: list[str]
    lines: list[str]
    digest: str
    steps: int
    virtual_seconds: float


def simulate(seed: int) -> Report:
    """Run the simulation of `seed`."""
    loop = SimulationLoop(dice("loop", seed))
    world = World(seed, loop)
    collecting = gc.isenabled()
    gc.disable()
    try:
        with _owned(world, seed):
            begun = loop.time()
            try:
                loop.run_until_complete(world.run())
            except Halted as halted:
                if not world.violations:
                    world.violated(str(halted))
            except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to this seed
                world.violated(f"the simulation itself failed: {error!r}")
            seconds = loop.time() - begun
            world.over = True
            report = Report(
                seed, world.violations, world.trace.lines.copy(), world.trace.digest, loop.steps, seconds
            )
            loop.end_all()
    finally:
        if collecting:
            gc.enable()
    return report


@contextlib.contextmanager
def _owned(world: World, seed: int) -> Iterator[None]:
    """Give the simulation every clock, every die and every name that the runtime asks for."""
    thrown = dice("names", seed)
    doubles: dict[ModuleType, Any] = {
        real_time: SimpleNamespace(monotonic=world.loop.time, perf_counter=world.loop.time),
        real_random: thrown,
        real_secrets: SimpleNamespace(token_hex=lambda size: f"{thrown.getrandbits(8 * size):0{2 * size}x}"),
        real_uuid: SimpleNamespace(uuid4=lambda: real_uuid.UUID(int=thrown.getrandbits(128))),
        real_socket: SimpleNamespace(gethostname=lambda: _of(world, "host")),
        os: SimpleNamespace(getpid=lambda: _of(world, "pid"), kill=lambda pid, _: _find(world, pid)),
    }
    logging = structlog.get_config()
    with contextlib.ExitStack() as stack:
        for module in _modules():
            for name, value in list(vars(module).items()):
                if isinstance(value, ModuleType) and value in doubles:
                    stack.enter_context(mock.patch.object(module, name, doubles[value]))
        tiers = {name: dt.timedelta(seconds=seconds) for name, seconds in REST.items()}
        stack.enter_context(mock.patch.dict(topics.RETRY_TIERS, tiers))
        stack.callback(lambda: structlog.configure(**logging))
        structlog.configure(processors=[world.trace.log], cache_logger_on_first_use=False)
        stack.callback(faults.uninstall)
        faults.install(world.luck.at)
        yield


def _modules() -> list[ModuleType]:
    kept = {"shared.process", "shared.faults"}
    names = [name for name in sys.modules if name.startswith("shared.") and name not in kept]
    return [sys.modules[name] for name in sorted(names)]


def _of(world: World, what: str) -> Any:
    process = process_of(world)
    return getattr(process, what) if process is not None else 0


def _find(world: World, pid: int) -> None:
    if not any(each.pid == pid and not each.life.over for each in world.processes):
        raise ProcessLookupError(pid)
