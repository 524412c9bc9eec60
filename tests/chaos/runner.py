"""Runs one scenario: once, within its time, and to the end whatever happens in it."""

from __future__ import annotations

import asyncio
import time
import traceback
from pathlib import Path

from deploy.local.process import LocalPartUnavailable
from shared.tasks import end
from tests.chaos.scenario import Scenario
from tests.chaos.world import World, world
from tests.support.oracle import Report

WHERE = 2
"""Frames of a traceback that are told."""


async def run(scenario: Scenario, seed: int, directory: Path) -> Report:
    """Return what a scenario came to; never tried again, for one that passes at times is a bug."""
    report = Report(scenario.id, scenario.fault, seed)
    began = time.monotonic()
    try:
        async with world(scenario, seed, directory, report) as made:
            began = time.monotonic()
            await _in_time(scenario, made)
            report.seconds = round(time.monotonic() - began, 1)
    except LocalPartUnavailable as unavailable:
        report.not_run(unavailable.sentence)
    except Exception as raised:  # noqa: BLE001 - the others are to run
        error = _first(raised)
        report.seconds = round(time.monotonic() - began, 1)
        frames = traceback.extract_tb(error.__traceback__)
        where = ", ".join(f"{Path(each.filename).name}:{each.lineno}" for each in frames[-WHERE:])
        report.fail(f"{type(error).__name__}: {error} ({where})")
    return report


async def _in_time(scenario: Scenario, world: World) -> None:
    """Run `scenario` and end it when its time is up; one cancellation may get lost in a driver.

    Raises:
        TimeoutError: the time was up.
    """
    running = asyncio.create_task(_body(scenario, world))
    try:
        done, _ = await asyncio.wait([running], timeout=scenario.seconds)
        if not done:
            raise TimeoutError(f"it was not over after {scenario.seconds:g} s")
        running.result()
    finally:
        await end(running)


async def _body(scenario: Scenario, world: World) -> None:
    await scenario.run(world)


def _first(error: Exception) -> Exception:
    """Return what went wrong first in a group of tasks; the others were only cancelled for it."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
