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
from shared.service import Platform, Recipe, Service
from shared.store.migrations import migrate
from shared.stream.desk import Desk
from shared.stream.processor import Processor
from shared.stream.relay import Relay

NAME = "moderation"


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: ModerationSettings) -> AsyncIterator[Service]:
    """Yield moderation, ready to run."""
    del settings
    database = platform.database(NAME)
    await migrate(database, platform.clock, MIGRATIONS)
    runtime = platform.runtime(NAME)
    conducts = Conducts(database)
    speaker = platform.speaker(Path(__file__).parent / "locale")
    yield Service(
        name=NAME,
        api=create_app(
            NAME,
            "The rules of each chat.",
            policy_router(conducts, Desk(NAME, conducts, runtime, speaker)),
            keys=platform.settings.api_keys,
            clock=platform.clock,
        ),
        loops=[Relay(runtime, database), Processor(consumer.subscription(conducts), runtime, speaker)],
    )


RECIPE = Recipe(NAME, ModerationSettings, build)
