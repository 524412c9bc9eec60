"""Contests, the votes in them, and prizes."""

from __future__ import annotations

import datetime as dt

from pymongo import DESCENDING

from services.rewards.domain.contests.contest import Ballots, Contest
from services.rewards.domain.prizes.prize import Prize, State
from shared.contracts.rewards import ContestStage
from shared.http.paging import Place
from shared.store.client import Database, Document, translated
from shared.store.documents import Documents, Entries


class Contests(Entries[Contest]):
    """Contests by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["contests"], Contest)

    async def page(
        self, scope: str | None, stage: ContestStage | None, before: Place | None, limit: int
    ) -> list[Contest]:
        """Return up to `limit` contests, the newest first, beginning behind `before`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        fits = _behind("opened_at", before)
        if scope is not None:
            fits["scope"] = scope
        if stage is not None:
            fits["stage"] = str(stage)
        order = [("opened_at", DESCENDING), ("_id", DESCENDING)]
        async with translated():
            return [self.read(each) async for each in self.collection.find(fits).sort(order).limit(limit)]


class Votes(Documents[Ballots]):
    """Votes by their contest: for counting them, and for nobody to look up."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["ballots"], Ballots, Ballots, sparse=True)


class Prizes(Entries[Prize]):
    """Prizes by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["prizes"], Prize)

    async def page(
        self,
        scope: str | None,
        state: State | None,
        overdue_at: dt.datetime | None,
        before: Place | None,
        limit: int,
    ) -> list[Prize]:
        """Return up to `limit` prizes, the newest first, beginning behind `before`.

        With `overdue_at`: those that should have been handed over by then, and were not.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        fits = _behind("promised_at", before)
        if scope is not None:
            fits["scope"] = scope
        if state is not None:
            fits["state"] = str(state)
        if overdue_at is not None:
            fits["$and"] = [{"state": str(State.PROMISED)}, {"due_at": {"$lte": overdue_at}}]
        order = [("promised_at", DESCENDING), ("_id", DESCENDING)]
        async with translated():
            return [self.read(each) async for each in self.collection.find(fits).sort(order).limit(limit)]

    async def overdue(self, at: dt.datetime) -> int:
        """Return how many prizes should have been handed over by then, and were not.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            return await self.collection.count_documents(
                {"state": str(State.PROMISED), "due_at": {"$lte": at}}
            )


def _behind(field: str, before: Place | None) -> Document:
    if before is None:
        return {}
    at, id_ = before
    return {"$or": [{field: {"$lt": at}}, {field: at, "_id": {"$lt": id_}}]}
