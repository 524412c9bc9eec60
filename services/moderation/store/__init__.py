"""Moderation's collections."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.moderation.store.cases import STEPS_FOR, Cases, Examples, Regressions, Steps
from services.moderation.store.conversion import BEFORE, CONVERSION
from services.moderation.store.history import History
from services.moderation.store.people import Persons, Standings
from services.moderation.store.rooms import Communities, PolicyVersions, Rooms
from services.moderation.store.waiting import WAITING
from shared.store.migrations import Migration, collections

__all__ = [
    "MIGRATIONS",
    "Cases",
    "Communities",
    "Examples",
    "History",
    "Persons",
    "PolicyVersions",
    "Regressions",
    "Rooms",
    "Standings",
    "Steps",
]

MIGRATIONS: Sequence[Migration] = (
    BEFORE,
    collections(
        "0002_rooms",
        rooms=[IndexModel([("community", ASCENDING)])],
        communities=[],
        policy_versions=[IndexModel([("scope", ASCENDING), ("version", DESCENDING)], unique=True)],
        persons=[],
        standings=[],
        history=[
            IndexModel([("remove_at", ASCENDING)], expireAfterSeconds=0),
            IndexModel([("scope", ASCENDING), ("at", ASCENDING)]),
            IndexModel([("chat_id", ASCENDING), ("seq", ASCENDING)]),
        ],
        cases=[
            IndexModel([("scope", ASCENDING), ("number", DESCENDING)], unique=True),
            IndexModel([("state", ASCENDING), ("opened_at", ASCENDING)]),
            IndexModel([("member_id", ASCENDING), ("opened_at", DESCENDING)]),
            IndexModel([("steps.achieved", ASCENDING), ("opened_at", ASCENDING)]),
        ],
        steps=[],
        regressions=[IndexModel([("scope", ASCENDING)])],
    ),
    CONVERSION,
    collections(
        "0004_cases_that_wait",
        cases=[
            IndexModel([("decided_at", DESCENDING)], sparse=True),
            IndexModel([("state", ASCENDING), ("waits_since", ASCENDING)]),
        ],
        steps=[IndexModel([("at", ASCENDING)], expireAfterSeconds=int(STEPS_FOR.total_seconds()))],
    ),
    WAITING,
)
