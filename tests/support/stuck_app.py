"""A process that blocks its own event loop as soon as it works: `python -m tests.support.stuck_app`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from shared.http.app import create_app
from shared.observability.logs import configure
from shared.observability.watchdog import Limits
from shared.process import Process
from shared.service import Platform, Recipe, Service
from shared.settings import SharedSettings, load
from tests.support.tally_app import TallySettings

LIMITS = Limits(look_seconds=0.05, told_seconds=0.2, ended_seconds=0.6)


class Blocking:
    name = "consumer blocking"

    async def run(self) -> None:
        await asyncio.sleep(0)
        self.hold_the_loop("canary")

    def hold_the_loop(self, secret: str) -> None:
        assert secret
        time.sleep(600)

    def stop(self) -> None:
        return


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: TallySettings) -> AsyncIterator[Service]:
    del platform, settings
    yield Service("tally", create_app("tally", "Nothing."), loops=[Blocking()])


if __name__ == "__main__":
    shared = load(SharedSettings, TallySettings, dotenv=Path("/nonexistent/.env"))
    configure("info", "json")
    recipe = Recipe("tally", TallySettings, build)
    sys.exit(0 if asyncio.run(Process("stuck", shared, [recipe], limits=LIMITS).run()) else 1)
