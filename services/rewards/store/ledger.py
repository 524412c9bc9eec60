"""The ledger, the weeks it follows from, and the boards that follow from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from pymongo import DESCENDING

from services.rewards.domain.account import Account
from services.rewards.domain.entry import Entry
from services.rewards.domain.periods import ALL
from services.rewards.domain.standing import Standing
from services.rewards.domain.week import Week
from shared.http.paging import Place
from shared.store.client import Database, Document, translated
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

    async def page(
        self, scope: str | None, member_id: str | None, before: Place | None, limit: int
    ) -> list[Entry]:
        """Return up to `limit` lines, the newest first, beginning behind `before`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        fits: Document = {}
        if scope is not None:
            fits["scope"] = scope
        if member_id is not None:
            fits["member_id"] = member_id
        if before is not None:
            at, entry_id = before
            fits["$or"] = [{"booked_at": {"$lt": at}}, {"booked_at": at, "_id": {"$lt": entry_id}}]
        order = [("booked_at", DESCENDING), ("_id", DESCENDING)]
        async with translated():
            return [self.read(each) async for each in self.collection.find(fits).sort(order).limit(limit)]

    async def named(self, entry_ids: Collection[str]) -> list[Entry]:
        """Return these lines, as far as they exist.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = self.collection.find({"_id": {"$in": list(entry_ids)}})
            return [self.read(each) async for each in found]


class Accounts(Documents[Account]):
    """Accounts by `account_key`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["accounts"], Account, Account, also=_account, sparse=True)

    async def joined_since(self, scope: str, since: dt.datetime) -> list[str]:
        """Return who has come since then.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        fits = {"scope": scope, "joined_at": {"$gte": since}}
        async with translated():
            found = self.collection.find(fits, {"_id": 1})
            return [str(each["_id"]).rpartition("|")[2] async for each in found]


class Weeks(Documents[Week]):
    """Weeks by `week_key`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["weeks"], Week, Week, also=_line, sparse=True)

    async def of(self, scope: str, weeks: Sequence[str]) -> AsyncIterator[Week]:
        """Return every member's week, of these.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            async for each in self.collection.find({"board": {"$in": [f"{scope}|{week}" for week in weeks]}}):
                yield self.read(each)


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
