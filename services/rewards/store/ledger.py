"""The ledger, the weeks it follows from, and the boards that follow from it."""

from __future__ import annotations

from services.rewards.domain.account import Account
from services.rewards.domain.entry import Entry
from services.rewards.domain.standing import Standing
from services.rewards.domain.week import Week
from shared.store.client import Database, Document
from shared.store.documents import Documents, Entries


class Ledger(Entries[Entry]):
    """Lines of the ledger by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["ledger"], Entry)


class Accounts(Documents[Account]):
    """Accounts by `account_key`."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database["accounts"], Account, Account, also=lambda each: {"scope": each.scope}, sparse=True
        )


class Weeks(Documents[Week]):
    """Weeks by `week_key`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["weeks"], Week, Week, also=_line, sparse=True)


class Standings(Documents[Standing]):
    """Lines of boards by `standing_key`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["standings"], Standing, Standing, also=_line)


def _line(of: Week | Standing) -> Document:
    """Return what a line of a board is found by, in its order."""
    return {"board": of.key.rsplit("|", 1)[0], "points": of.points, "reached": of.reached}
