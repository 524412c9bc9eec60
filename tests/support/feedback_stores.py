"""The stores of feedback on a real database."""

from __future__ import annotations

from services.feedback.scenes import Stores
from services.feedback.store import (
    Chats,
    Communities,
    Members,
    Posts,
    Readings,
    Strategies,
    Suggestions,
    Tallies,
    Voiced,
)
from shared.clock import Clock
from shared.store.client import Database


def stores_in(database: Database, clock: Clock) -> Stores:
    tallies = Tallies(database)
    return Stores(
        chats=Chats(database),
        communities=Communities(database),
        members=Members(database),
        posts=Posts(database, clock),
        suggestions=Suggestions(database),
        voices=Voiced(database),
        tallies=tallies,
        strategies=Strategies(database),
        readings=Readings(tallies),
    )
