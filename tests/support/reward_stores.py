"""The stores of rewards on a real database."""

from __future__ import annotations

from services.rewards.scenes import Stores
from services.rewards.store import (
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
from shared.clock import Clock
from shared.store.client import Database


def stores_in(database: Database, clock: Clock) -> Stores:
    accounts, members = Accounts(database), Members(database)
    weeks, standings = Weeks(database), Standings(database)
    return Stores(
        chats=Chats(database),
        communities=Communities(database),
        members=members,
        posts=Posts(database, clock),
        accounts=accounts,
        weeks=weeks,
        standings=standings,
        entries=Ledger(database),
        leaders=Leading(weeks),
        boards=Boards(weeks, standings, accounts, members, clock),
        places=Places(weeks, standings, accounts),
        contests=Contests(database),
        ballots=Votes(database),
        prizes=Prizes(database),
    )
