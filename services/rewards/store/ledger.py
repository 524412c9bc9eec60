"""The ledger, the weeks it follows from, and the boards that follow from it."""

from __future__ import annotations

from collections.abc import Mapping

from services.rewards.domain.account import Account
from services.rewards.domain.entry import Entry
from services.rewards.domain.periods import ALL
from services.rewards.domain.standing import Standing
from services.rewards.domain.week import Week
from shared.store.client import Database, Document
from shared.store.documents import Documents, Entries
from shared.store.unit_of_work import Session


class Ledger(Entries[Entry]):
    """Lines of the ledger by their id: added, and never changed or removed."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["ledger"], Entry, sparse=True)

    async def save(self, session: Session, changed: Mapping[str, Entry | None]) -> None:
        """Add lines that are not there yet.

        Raises:
            TypeError: a line is to be removed.
            DuplicateKeyError: a line is there already.
        """
        lines = [(key, each) for key, each in changed.items() if each is not None]
        if len(lines) != len(changed):
            raise TypeError("a line of the ledger is for ever")
        await self.collection.insert_many(
            [self.write(*each) for each in lines], ordered=False, session=session
        )


class Accounts(Documents[Account]):
    """Accounts by `account_key`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["accounts"], Account, Account, also=_account, sparse=True)


class Weeks(Documents[Week]):
    """Weeks by `week_key`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["weeks"], Week, Week, also=_line, sparse=True)


class Standings(Documents[Standing]):
    """Lines of boards by `standing_key`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["standings"], Standing, Standing, also=_line)


def _account(of: Account) -> Document:
    """Return what an account is found by: it is its member's line of the board of all time."""
    board = f"{of.scope}|{ALL}"
    return {"scope": of.scope, "board": board, "points": of.total, "reached": of.reached}


def _line(of: Week | Standing) -> Document:
    """Return what a line of a board is found by, in its order."""
    return {"board": of.key.rsplit("|", 1)[0], "points": of.points, "reached": of.reached}
