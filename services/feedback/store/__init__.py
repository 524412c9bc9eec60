"""Collections of feedback."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.feedback.store.people import Chats, Communities, Members, Posts
from services.feedback.store.reviews import Reviews
from services.feedback.store.strategies import Readings, Strategies, Tallies
from services.feedback.store.suggestions import Suggestions, Voiced
from services.feedback.store.surveys import Answers, Invitations, Panels, Surveys, UsedLinks
from shared.store.migrations import Migration, collections

__all__ = [
    "MIGRATIONS",
    "Answers",
    "Chats",
    "Communities",
    "Invitations",
    "Members",
    "Panels",
    "Posts",
    "Readings",
    "Reviews",
    "Strategies",
    "Suggestions",
    "Surveys",
    "Tallies",
    "UsedLinks",
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
    collections(
        "0003_surveys",
        surveys=[
            IndexModel([("scope", ASCENDING), ("opened_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("opened_at", DESCENDING), ("_id", DESCENDING)]),
        ],
        responses=[],
        receipts=[],
        secrets=[],
        sends=[IndexModel([("remove_at", ASCENDING)], expireAfterSeconds=0)],
        members=[IndexModel([("scopes", ASCENDING)])],
    ),
    collections("0004_reviews", reviews=[IndexModel([("scope", ASCENDING), ("retired", ASCENDING)])]),
)
