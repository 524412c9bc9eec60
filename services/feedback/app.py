"""Puts feedback together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from services.feedback import consumer
from services.feedback.api.answering import answer_router
from services.feedback.api.health import health_router
from services.feedback.api.reviews import review_router
from services.feedback.api.strategies import strategy_router
from services.feedback.api.suggestions import suggestion_router
from services.feedback.api.surveys import survey_router
from services.feedback.api.themes import theme_router
from services.feedback.domain.surveys.telling import Asking
from services.feedback.domain.surveys.tickets import Tickets
from services.feedback.measures import EVERY_SECONDS, Measures
from services.feedback.scenes import Stores, around_review, around_suggestion
from services.feedback.settings import FeedbackSettings
from services.feedback.store import (
    MIGRATIONS,
    Answers,
    Chats,
    Communities,
    Invitations,
    Members,
    Panels,
    Posts,
    Readings,
    Reviews,
    Strategies,
    Suggestions,
    Surveys,
    Tallies,
    UsedLinks,
    Voiced,
)
from services.feedback.strategy_scenes import around_registering, around_strategy
from services.feedback.survey_scenes import around_opening, around_survey
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

NAME = "feedback"


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: FeedbackSettings) -> AsyncIterator[Service]:
    """Yield feedback, ready to run."""
    database = platform.database(NAME)
    await migrate(database, platform.clock, [*MIGRATIONS, LETTERS])
    runtime = platform.runtime(NAME)
    stores = Stores(
        chats=Chats(database),
        communities=(communities := Communities(database)),
        members=(members := Members(database)),
        posts=Posts(database, platform.clock),
        suggestions=(suggestions := Suggestions(database)),
        voices=Voiced(database),
        tallies=(tallies := Tallies(database)),
        strategies=(strategies := Strategies(database)),
        readings=Readings(tallies),
        reviews=(reviews := Reviews(database)),
        surveys=(surveys := Surveys(database)),
        responses=(answers := Answers(database)),
        receipts=(used := UsedLinks(database)),
        panels=Panels(members),
        sends=Invitations(database, platform.clock),
    )
    speaker = platform.speaker(Path(__file__).parent / "locale")
    measures = Measures(suggestions, platform.clock)
    asking = Asking(Tickets(await own_secret(database)), settings.public_url)
    survey_desk = Desk(NAME, around_survey(stores), runtime, speaker)
    loops: list[Loop] = [
        Relay(runtime, database),
        Timekeeper(runtime, database),
        Processor(consumer.subscription(stores, asking), runtime, speaker),
        Rounds("measures feedback", platform.health, lambda _: measures.show(), EVERY_SECONDS),
    ]
    yield Service(
        name=NAME,
        api=create_app(
            NAME,
            "What members suggest, what becomes of it, whether a change has helped, and surveys.",
            suggestion_router(suggestions, Desk(NAME, around_suggestion(stores), runtime, speaker)),
            strategy_router(
                strategies,
                Desk(NAME, around_registering(stores), runtime, speaker),
                Desk(NAME, around_strategy(stores), runtime, speaker),
                platform.clock,
            ),
            survey_router(
                surveys,
                answers,
                Desk(NAME, around_opening(stores), runtime, speaker),
                survey_desk,
                asking,
                clock=platform.clock,
            ),
            health_router(tallies, communities, platform.clock),
            theme_router(suggestions, platform.clock),
            review_router(reviews, Desk(NAME, around_review(stores), runtime, speaker)),
            dead_letter_router(Letters(runtime, database), loops),
            keys=platform.settings.api_keys,
            clock=platform.clock,
        ),
        public=[answer_router(surveys, used, survey_desk, asking.tickets)],
        loops=loops,
    )


RECIPE = Recipe(NAME, FeedbackSettings, build)
