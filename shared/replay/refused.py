"""Rows of the outbox that the log has refused: decided, and never published."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Collection, Sequence

from shared.log.record import Record
from shared.replay.letter import OUTBOX, Letter, Opened, letter_of
from shared.store.client import Database, Document, translated
from shared.store.mailboxes import Outbox
from shared.store.unit_of_work import Session

PAGE = 100
_REFUSED: Document = {"refused": {"$ne": None}}


class Refused:
    """The rows that stay in a service's outbox until somebody has looked."""

    def __init__(self, database: Database, service: str) -> None:
        self._collection = database[Outbox.COLLECTION]
        self._consumer = f"{service}.relay"

    async def pages(self) -> AsyncIterator[Sequence[Opened]]:
        """Yield all of them, oldest first.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        last = ""
        while True:
            async with translated():
                found = self._collection.find({**_REFUSED, "_id": {"$gt": last}}).sort("_id").limit(PAGE)
                page = await found.to_list()
            if not page:
                return
            yield [self._opened(each) for each in page]
            last = str(page[-1]["_id"])

    async def try_again(self, session: Session, letters: Collection[Letter]) -> frozenset[str]:
        """Let the relay try these rows again; return the ids of those that were still there."""
        there = await self._there(session, letters)
        await self._collection.update_many(
            {"_id": {"$in": list(there)}}, {"$unset": {"refused": ""}}, session=session
        )
        return frozenset(map(_letter_id, there))

    async def delete(self, session: Session, letters: Collection[Letter]) -> frozenset[str]:
        """Forget these rows; return the ids of those that were still there."""
        there = await self._there(session, letters)
        await self._collection.delete_many({"_id": {"$in": list(there)}}, session=session)
        return frozenset(map(_letter_id, there))

    async def _there(self, session: Session, letters: Collection[Letter]) -> frozenset[str]:
        rows = [each.id.removeprefix(OUTBOX) for each in letters]
        found = self._collection.find({**_REFUSED, "_id": {"$in": rows}}, {"_id": 1}, session=session)
        return frozenset([str(each["_id"]) async for each in found])

    def _opened(self, row: Document) -> Opened:
        key, value, headers, at = row["key"], row["value"], row["headers"], row["at"]
        assert isinstance(key, bytes) and isinstance(value, bytes) and isinstance(headers, dict)  # noqa: S101, PT018 - what the outbox wrote
        assert isinstance(at, dt.datetime)  # noqa: S101
        topic = str(row["topic"])
        record = Record(topic, 0, 0, key, value, headers)
        read = letter_of(record)
        letter = Letter(
            id=_letter_id(str(row["_id"])),
            consumer=self._consumer,
            reason=str(row["refused"]),
            error=f"The log refuses this record for {topic}.",
            # It stands nowhere yet; where it was to go is in the error.
            origin=None,
            at=at,
            attempts=1,
            version=None,
            type=read.type,
            event_id=read.event_id,
            correlation_id=read.correlation_id,
            key=read.key,
            size=read.size,
        )
        return Opened(letter, record)


def _letter_id(row_id: str) -> str:
    return f"{OUTBOX}{row_id}"
