"""Collections of rewards."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.rewards.store.boards import Boards, Leading, Places
from services.rewards.store.contests import Contests, Prizes, Votes
from services.rewards.store.ledger import Accounts, Ledger, Standings, Weeks
from services.rewards.store.people import Chats, Communities, Members, Posts
from shared.store.migrations import Migration, collections

__all__ = [
    "MIGRATIONS",
    "Accounts",
    "Boards",
    "Chats",
    "Communities",
    "Contests",
    "Leading",
    "Ledger",
    "Members",
    "Places",
    "Posts",
    "Prizes",
    "Standings",
    "Votes",
    "Weeks",
]

_BOARD = [("board", ASCENDING), ("points", DESCENDING), ("reached", ASCENDING), ("_id", ASCENDING)]

MIGRATIONS: Sequence[Migration] = (
    collections(
        "0001_rewards",
        chats=[],
        communities=[],
        members=[],
        posts=[IndexModel([("remove_at", ASCENDING)], expireAfterSeconds=0)],
        accounts=[IndexModel(_BOARD), IndexModel([("scope", ASCENDING), ("joined_at", DESCENDING)])],
        weeks=[IndexModel(_BOARD)],
        standings=[IndexModel(_BOARD)],
        contests=[
            IndexModel([("scope", ASCENDING), ("opened_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("opened_at", DESCENDING), ("_id", DESCENDING)]),
        ],
        ballots=[],
        prizes=[
            IndexModel([("scope", ASCENDING), ("promised_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("state", ASCENDING), ("due_at", ASCENDING)]),
            IndexModel([("promised_at", DESCENDING), ("_id", DESCENDING)]),
        ],
        ledger=[
            IndexModel([("scope", ASCENDING), ("booked_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("member_id", ASCENDING), ("booked_at", DESCENDING), ("_id", DESCENDING)]),
        ],
    ),
)
