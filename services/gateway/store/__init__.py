"""The gateway's collections."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.gateway.store.chats import Chats
from services.gateway.store.deliveries import Deliveries
from services.gateway.store.hops import DAY, Hops
from services.gateway.store.identities import Identities
from services.gateway.store.lines import LineBook
from services.gateway.store.memberships import Memberships
from services.gateway.store.memory import CACHED
from services.gateway.store.merges import Merges
from services.gateway.store.messages import Messages
from services.gateway.store.names import Names
from services.gateway.store.people import People
from services.gateway.store.requests import KEPT_SECONDS, Requests
from services.gateway.store.standings import Standings
from services.gateway.store.turns import Turns
from services.gateway.store.unsaid import Unsaid
from shared.store.client import Database
from shared.store.migrations import Migration, collections

__all__ = [
    "CACHED",
    "DAY",
    "MIGRATIONS",
    "Chats",
    "Deliveries",
    "Hops",
    "Identities",
    "LineBook",
    "Memberships",
    "Merges",
    "Messages",
    "Names",
    "People",
    "Requests",
    "Standings",
    "Turns",
    "Unsaid",
]


async def _first_version(database: Database) -> None:
    # Made inside a transaction, it would conflict with itself where two people are merged at once.
    await database["versions"].update_one({"_id": "identities"}, {"$setOnInsert": {"number": 0}}, upsert=True)


MIGRATIONS: Sequence[Migration] = (
    collections(
        "0001_collections",
        addresses=[IndexModel([("member_id", ASCENDING)])],
        chats=[IndexModel([("key", ASCENDING)], unique=True)],
        deliveries=[
            IndexModel([("chat_id", ASCENDING), ("updated_at", ASCENDING)]),
            IndexModel([("updated_at", ASCENDING)], expireAfterSeconds=90 * DAY),
        ],
    ),
    collections(
        "0002_hops",
        hops=[
            IndexModel([("trip", ASCENDING), ("at", ASCENDING)]),
            IndexModel([("kept_at", ASCENDING)], name="expiry", expireAfterSeconds=DAY),
        ],
    ),
    collections(
        "0003_messages",
        messages=[
            IndexModel([("at", ASCENDING)], name="expiry", expireAfterSeconds=30 * DAY),
            IndexModel([("alias", ASCENDING)], sparse=True),
        ],
    ),
    collections(
        "0004_people",
        addresses=[IndexModel([("member_id", ASCENDING)])],
        chats=[
            IndexModel([("member_id", ASCENDING)], sparse=True),
            IndexModel([("community", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("account", ASCENDING), ("kind", ASCENDING), ("_id", ASCENDING)]),
        ],
        memberships=[
            IndexModel([("chat_id", ASCENDING), ("present", ASCENDING), ("member_id", ASCENDING)]),
            IndexModel([("member_id", ASCENDING)]),
        ],
        merges=[IndexModel([("into", ASCENDING)])],
        suggestions=[IndexModel([("members", ASCENDING)])],
        versions=[],
        seals=[],
        lines=[],
    ),
    Migration("0005_versions", _first_version),
    collections(
        "0006_sending",
        deliveries=[
            IndexModel([("chat_id", ASCENDING), ("since", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("code", ASCENDING), ("since", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("since", DESCENDING), ("_id", DESCENDING)]),
        ],
        standings=[],
        requests=[IndexModel([("at", ASCENDING)], expireAfterSeconds=KEPT_SECONDS)],
    ),
    collections("0007_rosters", rosters=[]),
    collections(
        "0008_private",
        deliveries=[
            IndexModel(
                [("member_id", ASCENDING), ("since", DESCENDING), ("_id", DESCENDING)],
                partialFilterExpression={"member_id": {"$exists": True}},
            )
        ],
    ),
    collections(
        "0009_reports",
        unsaid=[IndexModel([("not_after", ASCENDING)], expireAfterSeconds=0)],
        deliveries=[IndexModel([("message_id", ASCENDING)], sparse=True)],
    ),
    collections("0010_names", names=[]),
)
