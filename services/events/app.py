"""Puts events together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from services.events import consumer
from services.events.api.attendance import attendance_router, joining_router
from services.events.api.certificates import certificate_router
from services.events.api.public import Public, public_router
from services.events.api.questions import question_router
from services.events.api.registrations import registration_router
from services.events.api.speakers import invitation_router, speaker_router
from services.events.api.terms import terms_router
from services.events.api.webinars import webinar_router
from services.events.calendars import Calendars
from services.events.domain.codes import Codes
from services.events.domain.listening import Listener
from services.events.measures import EVERY_SECONDS, Measures
from services.events.scenes import Stores, around_calling, around_community, around_following, around_webinar
from services.events.settings import EventsSettings
from services.events.store import (
    MIGRATIONS,
    Awards,
    Boards,
    Chats,
    Communities,
    Courses,
    Feedbacks,
    Members,
    Rolls,
    Sends,
    Speakers,
    Webinars,
)
from shared.http.app import create_app
from shared.replay.api import dead_letter_router
from shared.replay.letters import Letters
from shared.replay.marks import MIGRATION as LETTERS
from shared.rounds import Rounds
from shared.service import Loop, Platform, Recipe, Service
from shared.store.migrations import migrate
from shared.store.secret import own_secret
from shared.stream.desk import Desk
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.timekeeper import Timekeeper

NAME = "events"


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: EventsSettings) -> AsyncIterator[Service]:
    """Yield events, ready to run."""
    database = platform.database(NAME)
    await migrate(database, platform.clock, [*MIGRATIONS, LETTERS])
    runtime = platform.runtime(NAME)
    stores = Stores(
        chats=Chats(database),
        communities=(communities := Communities(database)),
        members=(members := Members(database)),
        webinars=(webinars := Webinars(database)),
        courses=Courses(database),
        rolls=(rolls := Rolls(database)),
        boards=(boards := Boards(database)),
        feedback=(feedbacks := Feedbacks(database)),
        awards=(awards := Awards(database)),
        speakers=(speakers := Speakers(database)),
        sends=(sends := Sends(database)),
    )
    codes = Codes(await own_secret(database))
    speaker = platform.speaker(Path(__file__).parent / "locale")
    measures = Measures(webinars, sends, platform.clock)
    listener = Listener(codes, settings.public_url)
    loops: list[Loop] = [
        Relay(runtime, database),
        Timekeeper(runtime, database),
        Processor(consumer.subscription(stores, listener, codes, settings.public_url), runtime, speaker),
        Rounds("measures events", platform.health, lambda _: measures.show(), EVERY_SECONDS),
    ]
    desk = Desk(NAME, around_webinar(stores), runtime, speaker)
    calling = Desk(NAME, around_calling(stores), runtime, speaker)
    series = Desk(NAME, around_following(stores), runtime, speaker)
    agreeing = Desk(NAME, around_community(stores), runtime, speaker)
    profiles = Desk(NAME, speakers, runtime, speaker)
    public = Public(
        webinars,
        rolls,
        communities,
        members,
        awards,
        speakers,
        Calendars(settings.public_url),
        codes,
        platform.clock,
    )
    yield Service(
        name=NAME,
        api=create_app(
            NAME,
            "Sessions of each community, from the announcement to the certificate.",
            webinar_router(webinars, rolls, calling, desk, series),
            registration_router(webinars, rolls, sends, desk),
            attendance_router(webinars, rolls, desk, codes),
            certificate_router(webinars, awards, desk, codes),
            question_router(webinars, boards, feedbacks, desk),
            speaker_router(speakers, profiles, platform.clock),
            invitation_router(desk),
            terms_router(communities, agreeing),
            dead_letter_router(Letters(runtime, database), loops),
            keys=platform.settings.api_keys,
            clock=platform.clock,
        ),
        public=[public_router(public), joining_router(webinars, rolls, desk, codes, platform.clock)],
        loops=loops,
    )


RECIPE = Recipe(NAME, EventsSettings, build)
