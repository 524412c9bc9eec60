"""Collections of events."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.events.store.people import Members, Rolls, Sends
from services.events.store.sessions import Awards, Boards, Feedbacks, Speakers
from services.events.store.webinars import Chats, Communities, Courses, Webinars
from shared.store.migrations import Migration, collections

__all__ = [
    "MIGRATIONS",
    "Awards",
    "Boards",
    "Chats",
    "Communities",
    "Courses",
    "Feedbacks",
    "Members",
    "Rolls",
    "Sends",
    "Speakers",
    "Webinars",
]

MIGRATIONS: Sequence[Migration] = (
    collections(
        "0001_webinars",
        chats=[IndexModel([("community", ASCENDING)])],
        communities=[],
        members=[],
        webinars=[
            IndexModel([("scope", ASCENDING), ("number", DESCENDING)], unique=True),
            IndexModel([("scope", ASCENDING), ("starts_at", ASCENDING)]),
            IndexModel([("stage", ASCENDING), ("starts_at", ASCENDING)]),
        ],
        courses=[IndexModel([("scope", ASCENDING)])],
        rolls=[],
        boards=[],
        feedback=[],
        awards=[IndexModel([("issued.certificate_id", ASCENDING)], unique=True, sparse=True)],
        speakers=[IndexModel([("scope", ASCENDING), ("name", ASCENDING)])],
        secrets=[],
        sends=[
            IndexModel([("webinar_id", ASCENDING), ("before_minutes", ASCENDING), ("reached", ASCENDING)]),
            IndexModel([("at", ASCENDING)]),
            IndexModel([("remove_at", ASCENDING)], expireAfterSeconds=0),
        ],
    ),
)
