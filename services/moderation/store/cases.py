"""Cases, how they are searched, and which command to the gateway belongs to which."""

from __future__ import annotations

import datetime as dt
import re
import statistics
from collections.abc import Collection, Mapping
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne

from services.moderation.domain.cases.case import Achieved, Case, CaseState
from services.moderation.domain.cases.search import CaseFilter, Clock
from services.moderation.domain.cases.tasks import UNDONE
from services.moderation.domain.policy.regression import Regression
from shared.store.client import Database, Document, translated
from shared.store.documents import Entries
from shared.store.unit_of_work import Session

OPEN = [str(CaseState.REVIEW), str(CaseState.APPEALED)]
CLOSED = [str(each) for each in CaseState if str(each) not in OPEN]
LATELY = dt.timedelta(days=30)
STEPS_FOR = dt.timedelta(days=30)
"""A command is good for a day, and a dead letter with its outcome for two weeks more."""
MEDIAN_OF = 1000
"""Of how many decisions the median is taken at most, the latest."""


class Cases(Entries[Case]):
    """Cases by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["cases"], Case, also=lambda case: {"waits_since": case.waits_since})

    async def page(self, wanted: CaseFilter, after: tuple[dt.datetime, str] | None, limit: int) -> list[Case]:
        """Return up to `limit` cases that fit, the newest first, beginning behind `after`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        fits: list[dict[str, Any]] = [_query(wanted)]
        if after is not None:
            at, case_id = after
            same = {"opened_at": at, "_id": {"$lt": case_id}}
            fits.append({"$or": [{"opened_at": {"$lt": at}}, same]})
        return await self._found({"$and": fits}, DESCENDING, limit)

    async def waiting(
        self, scope: str | None, after: tuple[dt.datetime, str] | None, limit: int
    ) -> list[Case]:
        """Return up to `limit` open cases, of one scope or of all, the longest waiting first, behind `after`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        fits: list[dict[str, Any]] = [_waiting(scope)]
        if after is not None:
            at, case_id = after
            same = {"waits_since": at, "_id": {"$gt": case_id}}
            fits.append({"$or": [{"waits_since": {"$gt": at}}, same]})
        return await self._found({"$and": fits}, ASCENDING, limit, by="waits_since")

    async def clock(self, scope: str | None, now: dt.datetime) -> Clock:
        """Return how long people wait for a decision, in one scope or in all.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        waiting = _waiting(scope)
        decided = {"decided_at": {"$gte": now - LATELY}} | ({"scope": scope} if scope else {})
        overdue = waiting | {"state": str(CaseState.APPEALED), "appeal.due": {"$lt": now}}
        async with translated():
            oldest = await self.collection.find_one(waiting, sort=[("waits_since", ASCENDING)])
            lately = self.collection.find(decided).sort("decided_at", DESCENDING).limit(MEDIAN_OF)
            rulings = [self.read(each).ruling async for each in lately]
            waits = [(each.at - each.since).total_seconds() for each in rulings if each and each.since]
            return Clock(
                open=await self.collection.count_documents(waiting),
                oldest_since=self.read(oldest).waits_since if oldest else None,
                median_seconds=statistics.median(waits) if waits else None,
                overdue=await self.collection.count_documents(overdue),
            )

    async def achieved(self, scope: str | None, since: dt.datetime) -> list[tuple[str, Achieved, int]]:
        """Return how often what rules wanted came to what, in cases opened since then, by their first ground.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        opened: dict[str, Any] = {"opened_at": {"$gte": since}, "state": {"$in": OPEN + CLOSED}}
        came_to = {"rule": {"$first": "$grounds.rule"}, "achieved": "$steps.achieved"}
        pipeline: list[dict[str, Any]] = [
            {"$match": opened | ({"scope": scope} if scope else {})},
            {"$unwind": "$steps"},
            {"$group": {"_id": came_to, "count": {"$sum": 1}}},
        ]
        async with translated():
            found = await (await self.collection.aggregate(pipeline)).to_list()
        return [
            (str(each["_id"].get("rule") or "none"), Achieved(each["_id"]["achieved"]), int(each["count"]))
            for each in found
        ]

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

    async def forget_cases(self, before: dt.datetime, now: dt.datetime) -> int:
        """Remove cases that were decided, or opened, before; return how many.

        `evidence.done_with` is the rule: what still counts stays.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        since = {"$ifNull": ["$decided_at", "$opened_at"]}
        # By state and time, so that an index finds the few old ones among all.
        over = {
            "state": {"$in": CLOSED},
            "opened_at": {"$lt": before},
            "$expr": {"$lt": [since, before]},
            "expires": {"$not": {"$gt": now}},
            "restriction_until": {"$not": {"$gt": now}},
            "consent": {"$ne": True},
        }
        async with translated():
            return (await self.collection.delete_many(over)).deleted_count

    async def _found(
        self, query: Document, direction: int, limit: int, *, by: str = "opened_at"
    ) -> list[Case]:
        order = [(by, direction), ("_id", direction)]
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


class Examples:
    """All examples of a scope, for a decision that has to hold against every one of them."""

    def __init__(self, database: Database) -> None:
        self._regressions = Regressions(database)

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, tuple[Regression, ...]]:
        """Return the examples of each scope, in no order."""
        if not keys:
            return {}
        query = {"scope": {"$in": list(keys)}}
        cursor = self._regressions.collection.find(query, session=session)
        found = [self._regressions.read(each) async for each in cursor]
        return {key: tuple(each for each in found if each.scope == key) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, tuple[Regression, ...]]) -> None:
        """Do nothing: examples are kept one by one, by the case they come from."""
        del session, changed


class Steps:
    """The case of each command that was given to the gateway, for as long as its outcome may come."""

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
        """Store to which case commands belong; the database forgets it after `STEPS_FOR` by its own clock."""
        writes = [
            UpdateOne({"_id": key}, {"$set": {"case": case}, "$currentDate": {"at": True}}, upsert=True)
            for key, case in changed.items()
        ]
        if writes:
            await self._collection.bulk_write(writes, ordered=False, session=session)
