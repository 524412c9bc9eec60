"""Puts moderation together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from services.moderation import consumer
from services.moderation.api import policy_router
from services.moderation.settings import ModerationSettings
from services.moderation.store import MIGRATIONS, Conducts
from shared.http.app import create_app
from shared.replay.api import dead_letter_router
from shared.replay.letters import Letters
from shared.replay.marks import MIGRATION as LETTERS
from shared.service import Loop, Platform, Recipe, Service
from shared.store.migrations import migrate
from shared.stream.desk import Desk
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.timekeeper import Timekeeper

NAME = "moderation"


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: ModerationSettings) -> AsyncIterator[Service]:
    """Yield moderation, ready to run."""
    del settings
    database = platform.database(NAME)
    await migrate(database, platform.clock, [*MIGRATIONS, LETTERS])
    runtime = platform.runtime(NAME)
    conducts = Conducts(database)
    speaker = platform.speaker(Path(__file__).parent / "locale")
    loops: list[Loop] = [
        Relay(runtime, database),
        Timekeeper(runtime, database),
        Processor(consumer.subscription(conducts), runtime, speaker),
    ]
    yield Service(
        name=NAME,
        api=create_app(
            NAME,
            "The rules of each chat.",
            policy_router(conducts, Desk(NAME, conducts, runtime, speaker)),
            dead_letter_router(Letters(runtime, database), loops),
            keys=platform.settings.api_keys,
            clock=platform.clock,
        ),
        loops=loops,
    )


RECIPE = Recipe(NAME, ModerationSettings, build)
