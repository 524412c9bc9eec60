"""The inbox remembers what was handled; the outbox holds what is still to be published."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pymongo import ASCENDING

from shared.clock import Clock
from shared.errors import LogUnavailable
from shared.log.record import NewRecord
from shared.store.client import Database, Document, translated
from shared.store.unit_of_work import Session

REMEMBERED = dt.timedelta(days=22)
"""Longer than any record can be read again: topics keep 14 days, and Kafka drops whole segments of 7."""


class Inbox:
    """What each consumer of a service has handled.

    An id is inserted in the transaction of its effect, so two deliveries at the same moment become one
    effect and one aborted transaction, never two effects.
    """

    COLLECTION = "_inbox"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._collection = database[self.COLLECTION]
        self._clock = clock

    async def seen(self, session: Session, consumer: str, ids: Collection[str]) -> frozenset[str]:
        """Return those of `ids` that `consumer` has handled."""
        prefix = f"{consumer}|"
        found = self._collection.find(
            {"_id": {"$in": [prefix + each for each in ids]}}, {"_id": 1}, session=session
        )
        return frozenset([str(document["_id"]).removeprefix(prefix) async for document in found])

    async def add(self, session: Session, consumer: str, ids: Collection[str]) -> None:
        """Remember `ids`."""
        if ids:
            now = self._clock.now()
            await self._collection.insert_many(
                [{"_id": f"{consumer}|{each}", "at": now} for each in ids], ordered=False, session=session
            )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the outbox."""

    id: str
    record: NewRecord
    at: dt.datetime
    """When it was decided."""


class Outbox:
    """What the transactions of a service have decided and the relay has not published yet.

    A row's `_id` sorts by the time of its decision, so one index serves uniqueness and order.
    """

    COLLECTION = "_outbox"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._collection = database[self.COLLECTION]
        self._clock = clock
        self._process = secrets.token_hex(4)
        self._last = 0
        self.filled = asyncio.Event()
        """Set when rows were committed, so that the relay need not wait for its next sweep."""

    async def add(self, session: Session, records: Sequence[NewRecord]) -> None:
        """Add `records`, to be published in this order."""
        if not records:
            return
        now = self._clock.now()
        documents: list[Document] = [
            {
                "_id": self._next_id(now),
                "topic": record.topic,
                "key": record.key,
                "value": record.value,
                "headers": dict(record.headers),
                "at": now,
            }
            for record in records
        ]
        await self._collection.insert_many(documents, ordered=True, session=session)

    async def next(self, limit: int) -> list[Waiting]:
        """Return the oldest rows that the log has not refused.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = self._collection.find({"refused": None}).sort("_id", ASCENDING).limit(limit)
            return [_to_row(document) async for document in found]

    async def delete(self, ids: Sequence[str]) -> None:
        """Forget rows the log has acknowledged."""
        async with translated():
            await self._collection.delete_many({"_id": {"$in": list(ids)}})

    async def must_take(self, session: Session, topic: str) -> None:
        """Return where nothing of `topic` lies here that the log refuses.

        Raises:
            LogUnavailable: something does; more of it must not pile up.
        """
        query: Document = {"topic": topic, "refused": {"$ne": None}}
        if await self._collection.find_one(query, {"_id": 1}, session=session):
            raise LogUnavailable(f"The log refuses what is written to {topic}.")

    async def offer_again(self, topic: str) -> None:
        """Let rows of `topic` that the log has refused be published again."""
        async with translated():
            await self._collection.update_many(
                {"topic": topic, "refused": {"$ne": None}}, {"$unset": {"refused": 1}}
            )

    async def refuse(self, row_id: str, reason: str) -> None:
        """Keep a row the log will never accept out of the way of the others, for a person to look at."""
        async with translated():
            await self._collection.update_one({"_id": row_id}, {"$set": {"refused": reason}})

    def _next_id(self, now: dt.datetime) -> str:
        self._last = max(self._last + 1, int(now.timestamp() * 1_000_000))
        return f"{self._last:020d}-{self._process}"


def _to_row(document: Document) -> Waiting:
    key, value, headers = document["key"], document["value"], document["headers"]
    assert isinstance(key, bytes)  # noqa: S101 - what `add` wrote
    assert isinstance(value, bytes)  # noqa: S101
    assert isinstance(headers, dict)  # noqa: S101
    at = document["at"]
    assert isinstance(at, dt.datetime)  # noqa: S101
    return Waiting(str(document["_id"]), NewRecord(str(document["topic"]), key, value, headers), at)
