"""Collections of feedback."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.feedback.store.people import Chats, Communities, Members, Posts
from services.feedback.store.strategies import Readings, Strategies, Tallies
from services.feedback.store.suggestions import Suggestions, Voiced
from shared.store.migrations import Migration, collections

__all__ = [
    "MIGRATIONS",
    "Chats",
    "Communities",
    "Members",
    "Posts",
    "Readings",
    "Strategies",
    "Suggestions",
    "Tallies",
    "Voiced",
]

MIGRATIONS: Sequence[Migration] = (
    collections(
        "0001_suggestions",
        chats=[],
        communities=[],
        members=[],
        posts=[IndexModel([("remove_at", ASCENDING)], expireAfterSeconds=0)],
        suggestions=[
            IndexModel([("scope", ASCENDING), ("made_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("scope", ASCENDING), ("status", ASCENDING), ("made_at", DESCENDING)]),
            IndexModel([("made_at", DESCENDING), ("_id", DESCENDING)]),
        ],
        voices=[],
    ),
    collections(
        "0002_strategies",
        strategies=[
            IndexModel([("scope", ASCENDING), ("registered_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("registered_at", DESCENDING), ("_id", DESCENDING)]),
        ],
        tallies=[IndexModel([("of", ASCENDING), ("day", ASCENDING)])],
    ),
)
