"""Cases, how they are searched, and which command to the gateway belongs to which."""

from __future__ import annotations

import datetime as dt
import re
import statistics
from collections.abc import Collection, Mapping
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReplaceOne

from services.moderation.domain.cases.case import Case, CaseState
from services.moderation.domain.cases.search import CaseFilter, Clock, Place
from services.moderation.domain.cases.tasks import UNDONE
from services.moderation.domain.policy.document import DEFAULT
from services.moderation.domain.policy.regression import Regression
from shared.store.client import Database, Document, translated
from shared.store.documents import Entries
from shared.store.unit_of_work import Session

ANSWERED_WITHIN = dt.timedelta(hours=DEFAULT.document.appeals.answer_hours)
"""What counts as late here, whatever a community has promised its own members."""

OPEN = [str(CaseState.REVIEW), str(CaseState.APPEALED)]
LATELY = dt.timedelta(days=30)
MEDIAN_OF = 1000
"""Of how many decisions the median is taken at most, the latest."""


class Cases(Entries[Case]):
    """Cases by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["cases"], Case)

    async def page(self, wanted: CaseFilter, after: Place | None, limit: int) -> list[Case]:
        """Return up to `limit` cases that fit, the newest first, beginning behind `after`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        fits: list[dict[str, Any]] = [_query(wanted)]
        if after is not None:
            same = {"opened_at": after.at, "_id": {"$lt": after.case_id}}
            fits.append({"$or": [{"opened_at": {"$lt": after.at}}, same]})
        return await self._found({"$and": fits}, DESCENDING, limit)

    async def waiting(self, scope: str | None, after: Place | None, limit: int) -> list[Case]:
        """Return up to `limit` open cases, of one scope or of all, the oldest first, behind `after`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        fits: list[dict[str, Any]] = [_waiting(scope)]
        if after is not None:
            same = {"opened_at": after.at, "_id": {"$gt": after.case_id}}
            fits.append({"$or": [{"opened_at": {"$gt": after.at}}, same]})
        return await self._found({"$and": fits}, ASCENDING, limit)

    async def clock(self, scope: str | None, now: dt.datetime) -> Clock:
        """Return how long people wait for a decision, in one scope or in all.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        waiting = _waiting(scope)
        decided = {"decided_at": {"$gte": now - LATELY}} | ({"scope": scope} if scope else {})
        overdue = waiting | {"appeal.answered_at": None, "appeal.at": {"$lt": now - ANSWERED_WITHIN}}
        async with translated():
            oldest = await self.collection.find_one(waiting, sort=[("opened_at", ASCENDING)])
            lately = self.collection.find(decided).sort("decided_at", DESCENDING).limit(MEDIAN_OF)
            waits = [_wait(self.read(each)) async for each in lately]
            return Clock(
                open=await self.collection.count_documents(waiting),
                oldest_opened_at=self.read(oldest).opened_at if oldest else None,
                median_seconds=statistics.median(waits) if waits else None,
                overdue=await self.collection.count_documents(overdue),
            )

    async def of(self, case_ids: Collection[str]) -> dict[str, Case]:
        """Return cases by their ids; those that do not exist are missing.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = self.collection.find({"_id": {"$in": list(case_ids)}})
            return {str(each["_id"]): self.read(each) async for each in found}

    async def forget_texts(self, before: dt.datetime) -> int:
        """Take the texts out of cases that were decided, or opened, before; return of how many.

        `evidence.kept_until` is the rule: the text of an open case stays.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        since = {"$ifNull": ["$decided_at", "$opened_at"]}
        over = {"evidence": {"$ne": None}, "state": {"$nin": OPEN}, "$expr": {"$lt": [since, before]}}
        async with translated():
            changed = await self.collection.update_many(over, {"$set": {"evidence": None}})
        return changed.modified_count

    async def _found(self, query: Document, direction: int, limit: int) -> list[Case]:
        order = [("opened_at", direction), ("_id", direction)]
        async with translated():
            return [self.read(each) async for each in self.collection.find(query).sort(order).limit(limit)]


def _query(wanted: CaseFilter) -> dict[str, Any]:
    same = {"member_id": wanted.member_id, "chat_id": wanted.chat_id, "grounds.rule": wanted.rule}
    query: dict[str, Any] = {field: value for field, value in same.items() if value is not None}
    if wanted.states:
        query["state"] = {"$in": sorted(str(each) for each in wanted.states)}
    if wanted.tasks:
        query["steps.achieved"] = {"$in": sorted(str(each) for each in UNDONE)}
    if wanted.reported:
        query["reporters.0"] = {"$exists": True}
    if wanted.text is not None:
        # Quoted whole: what somebody searches for is never a pattern.
        words = {"$regex": re.escape(wanted.text), "$options": "i"}
        fields = ("audit.reason", "audit.words", "appeal.text", "appeal.answer")
        query["$or"] = [{field: words} for field in fields]
    return query


def _waiting(scope: str | None) -> dict[str, Any]:
    return {"state": {"$in": OPEN}} | ({"scope": scope} if scope else {})


def _wait(case: Case) -> float:
    since = case.appeal.at if case.appeal is not None else case.opened_at
    return ((case.decided_at or since) - since).total_seconds()


class Regressions(Entries[Regression]):
    """Examples of what is fine, by the id of the case that was overturned."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["regressions"], Regression)

    async def of_scope(self, scope: str) -> list[Regression]:
        """Return the examples that a scope's policies are held against.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            return [self.read(each) async for each in self.collection.find({"scope": scope})]


class Steps:
    """The case of each command that was given to the gateway."""

    def __init__(self, database: Database) -> None:
        self._collection = database["steps"]

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, str]:
        """Return the case ids of those of the commands that belong to one; "" for the others."""
        if not keys:
            return {}
        cursor = self._collection.find({"_id": {"$in": list(keys)}}, session=session)
        found = {str(each["_id"]): str(each["case"]) async for each in cursor}
        return {key: found.get(key, "") for key in keys}

    async def save(self, session: Session, changed: Mapping[str, str]) -> None:
        """Store to which case commands belong."""
        writes = [
            ReplaceOne[Document]({"_id": key}, {"_id": key, "case": case}, upsert=True)
            for key, case in changed.items()
        ]
        if writes:
            await self._collection.bulk_write(writes, ordered=False, session=session)
