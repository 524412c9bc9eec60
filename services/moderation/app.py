"""Puts moderation together."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

from services.moderation import consumer, weights
from services.moderation.api.backtests import backtest_router
from services.moderation.api.cases import case_router
from services.moderation.api.enforcement import enforcement_router
from services.moderation.api.judge import judge_router
from services.moderation.api.policies import Publisher, policy_router
from services.moderation.api.reports import report_router
from services.moderation.api.reviews import review_router
from services.moderation.backtests import Backtests
from services.moderation.domain.detectors.shipped import shipped
from services.moderation.domain.judging.learned import Weights
from services.moderation.domain.listening import Listener
from services.moderation.policies import around_policy
from services.moderation.scenes import Stores, around_case, around_message
from services.moderation.settings import ModerationSettings
from services.moderation.store import (
    MIGRATIONS,
    Cases,
    Communities,
    Examples,
    History,
    Persons,
    PolicyVersions,
    Regressions,
    Rooms,
    Standings,
    Steps,
)
from services.moderation.upkeep import Upkeep
from shared.http.app import create_app
from shared.observability.logs import get_logger
from shared.replay.api import dead_letter_router
from shared.replay.letters import Letters
from shared.replay.marks import MIGRATION as LETTERS
from shared.service import Loop, Platform, Recipe, Service
from shared.store.client import Database
from shared.store.migrations import migrate
from shared.stream.desk import Desk
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.timekeeper import Timekeeper

NAME = "moderation"
DECIDES = "cases:write"

log = get_logger(__name__)


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: ModerationSettings) -> AsyncIterator[Service]:
    """Yield moderation, ready to run."""
    database = platform.database(NAME)
    retention = dt.timedelta(days=settings.retention_days)
    await migrate(database, platform.clock, [*MIGRATIONS, LETTERS])
    runtime = platform.runtime(NAME)
    cases = Cases(database)
    stores = _stores(database, cases, retention)
    detectors = shipped(_learned())
    speaker = platform.speaker(Path(__file__).parent / "locale")
    loops: list[Loop] = [
        Relay(runtime, database),
        Timekeeper(runtime, database),
        Processor(consumer.subscription(stores, Listener(detectors)), runtime, speaker),
        Upkeep(cases, retention, dt.timedelta(days=settings.decisions_days), platform.clock, platform.health),
    ]
    keys = platform.settings.api_keys
    desk = Desk(NAME, around_case(stores), runtime, speaker)
    rooms, versions = Rooms(database), PolicyVersions(database)
    publishing = Desk(NAME, around_policy(stores), runtime, speaker)
    publisher = Publisher(publishing, versions, rooms, Regressions(database))
    backtests = Backtests(History(database, retention), cases, versions, detectors)

    def reviewers() -> frozenset[str]:
        return frozenset(key.id for key in keys if DECIDES in key.scopes)

    yield Service(
        name=NAME,
        api=create_app(
            NAME,
            "Rules, cases and appeals of each community.",
            policy_router(publisher, versions, detectors, speaker),
            backtest_router(backtests, publisher, rooms, detectors, platform.clock),
            judge_router(publisher, detectors, platform.clock),
            case_router(cases, desk, reviewers),
            enforcement_router(cases, platform.clock),
            review_router(cases, desk, reviewers, platform.clock),
            report_router(cases, Desk(NAME, around_message(stores), runtime, speaker)),
            dead_letter_router(Letters(runtime, database), loops),
            keys=keys,
            clock=platform.clock,
        ),
        loops=loops,
    )
    await backtests.close()


def _stores(database: Database, cases: Cases, retention: dt.timedelta) -> Stores:
    return Stores(
        rooms=Rooms(database),
        communities=Communities(database),
        persons=Persons(database),
        standings=Standings(database),
        history=History(database, retention),
        cases=cases,
        steps=Steps(database),
        versions=PolicyVersions(database),
        regressions=Regressions(database),
        examples=Examples(database),
    )


def _learned() -> Weights | None:
    found = weights.load()
    if isinstance(found, Weights):
        log.info("moderation.weights_loaded", version=found.version)
        return found
    # Rules work without; whoever looks after the installation is told once, at the start.
    log.error("moderation.no_weights", reason=str(found.reason))
    return None


RECIPE = Recipe(NAME, ModerationSettings, build)
