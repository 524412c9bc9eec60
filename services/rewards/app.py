"""Puts rewards together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from services.rewards import consumer
from services.rewards.api.boards import board_router
from services.rewards.api.cards import Cards, card_router, public_card_router
from services.rewards.api.contests import contest_router
from services.rewards.api.ledger import ledger_router
from services.rewards.api.prizes import prize_router
from services.rewards.api.rules import rules_router
from services.rewards.contest_scenes import around_contest, around_making, around_prize
from services.rewards.measures import EVERY_SECONDS, Measures
from services.rewards.scenes import Stores, around_claims
from services.rewards.settings import RewardsSettings
from services.rewards.store import (
    MIGRATIONS,
    Accounts,
    Boards,
    Chats,
    Communities,
    Contests,
    Leading,
    Ledger,
    Members,
    Places,
    Posts,
    Prizes,
    Standings,
    Votes,
    Weeks,
)
from services.rewards.store.tallying import Tallying
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

NAME = "rewards"


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: RewardsSettings) -> AsyncIterator[Service]:
    """Yield rewards, ready to run."""
    database = platform.database(NAME)
    await migrate(database, platform.clock, [*MIGRATIONS, LETTERS])
    runtime = platform.runtime(NAME)
    stores = Stores(
        chats=(chats := Chats(database)),
        communities=(communities := Communities(database)),
        members=(members := Members(database)),
        posts=Posts(database, platform.clock),
        accounts=(accounts := Accounts(database)),
        weeks=(weeks := Weeks(database)),
        standings=(standings := Standings(database)),
        entries=(ledger := Ledger(database)),
        leaders=Leading(weeks),
        boards=(boards := Boards(weeks, standings, accounts, members, platform.clock)),
        places=Places(weeks, standings, accounts),
        contests=(contests := Contests(database)),
        ballots=Votes(database),
        prizes=(prizes := Prizes(database)),
    )
    speaker = platform.speaker(Path(__file__).parent / "locale")
    table = (
        consumer.rebuilding(stores)
        if settings.rebuild
        else consumer.subscription(stores, settings.public_url)
    )
    measures = Measures(Tallying(ledger, weeks, communities), prizes, platform.clock)
    loops: list[Loop] = [
        Relay(runtime, database),
        Timekeeper(runtime, database),
        Processor(table, runtime, speaker),
        Rounds("measures rewards", platform.health, lambda _: measures.show(), EVERY_SECONDS),
    ]
    cards = Cards(communities, chats, weeks)
    claims = Desk(NAME, around_claims(stores), runtime, speaker)
    ruling = Desk(NAME, communities, runtime, speaker)
    making = Desk(NAME, around_making(stores), runtime, speaker)
    contest_desk = Desk(NAME, around_contest(stores), runtime, speaker)
    prize_desk = Desk(NAME, around_prize(stores), runtime, speaker)
    yield Service(
        name=NAME,
        api=create_app(
            NAME,
            "Points for what helps others, and who is named for it.",
            ledger_router(ledger, accounts, claims, platform.clock),
            board_router(boards, communities, weeks, platform.clock),
            card_router(cards),
            rules_router(communities, weeks, accounts, ruling, platform.clock),
            contest_router(contests, making, contest_desk),
            prize_router(prizes, making, prize_desk, platform.clock),
            dead_letter_router(Letters(runtime, database), loops),
            keys=platform.settings.api_keys,
            clock=platform.clock,
        ),
        public=[public_card_router(cards)],
        loops=loops,
    )


RECIPE = Recipe(NAME, RewardsSettings, build)
