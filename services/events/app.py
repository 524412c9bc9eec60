"""Puts events together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from services.events import consumer
from services.events.api.registrations import registration_router
from services.events.api.terms import terms_router
from services.events.api.webinars import webinar_router
from services.events.measures import EVERY_SECONDS, Measures
from services.events.scenes import Stores, around_calling, around_community, around_webinar
from services.events.settings import EventsSettings
from services.events.store import MIGRATIONS, Chats, Communities, Courses, Members, Rolls, Sends, Webinars
from shared.http.app import create_app
from shared.replay.api import dead_letter_router
from shared.replay.letters import Letters
from shared.replay.marks import MIGRATION as LETTERS
from shared.rounds import Rounds
from shared.service import Loop, Platform, Recipe, Service
from shared.store.migrations import migrate
from shared.stream.desk import Desk
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.timekeeper import Timekeeper

NAME = "events"


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: EventsSettings) -> AsyncIterator[Service]:
    """Yield events, ready to run."""
    del settings
    database = platform.database(NAME)
    await migrate(database, platform.clock, [*MIGRATIONS, LETTERS])
    runtime = platform.runtime(NAME)
    webinars, rolls, sends = Webinars(database), Rolls(database), Sends(database)
    communities = Communities(database)
    stores = Stores(
        chats=Chats(database),
        communities=communities,
        members=Members(database),
        webinars=webinars,
        courses=Courses(database),
        rolls=rolls,
        sends=sends,
    )
    speaker = platform.speaker(Path(__file__).parent / "locale")
    measures = Measures(webinars, sends, platform.clock)
    loops: list[Loop] = [
        Relay(runtime, database),
        Timekeeper(runtime, database),
        Processor(consumer.subscription(stores), runtime, speaker),
        Rounds("measures events", platform.health, lambda _: measures.show(), EVERY_SECONDS),
    ]
    desk = Desk(NAME, around_webinar(stores), runtime, speaker)
    calling = Desk(NAME, around_calling(stores), runtime, speaker)
    agreeing = Desk(NAME, around_community(stores), runtime, speaker)
    yield Service(
        name=NAME,
        api=create_app(
            NAME,
            "Sessions of each community, from the announcement to the certificate.",
            webinar_router(webinars, rolls, calling, desk),
            registration_router(webinars, rolls, sends, desk),
            terms_router(communities, agreeing),
            dead_letter_router(Letters(runtime, database), loops),
            keys=platform.settings.api_keys,
            clock=platform.clock,
        ),
        loops=loops,
    )


RECIPE = Recipe(NAME, EventsSettings, build)
