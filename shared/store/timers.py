"""Durable timers: what is to be published later, kept with the state that it follows from."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pymongo import ASCENDING, DeleteOne, ReplaceOne

from shared.log.record import NewRecord
from shared.store.client import Database, Document, translated
from shared.store.unit_of_work import Session


@dataclass(frozen=True, slots=True)
class Timer:
    """A record that is to be published at `due`, and not at all after `expires`."""

    name: str
    due: dt.datetime
    expires: dt.datetime
    record: NewRecord


class Timers:
    """The timers of one service; a name is set once, and setting it again moves it."""

    COLLECTION = "_timers"

    def __init__(self, database: Database) -> None:
        self._collection = database[self.COLLECTION]
        self.changed = asyncio.Event()
        """Set when timers were committed, so that whoever fires them need not wait for the next sweep."""

    async def apply(self, session: Session, changes: Mapping[str, Timer | None]) -> None:
        """Set the timers in `changes`, by name; None cancels."""
        if not changes:
            return
        await self._collection.bulk_write(
            [
                DeleteOne({"_id": name})
                if timer is None
                else ReplaceOne({"_id": name}, _document(timer), upsert=True)
                for name, timer in changes.items()
            ],
            ordered=False,
            session=session,
        )

    async def due(self, session: Session, now: dt.datetime, limit: int) -> list[Timer]:
        """Return the timers whose time has come, the longest due first."""
        found = self._collection.find({"due": {"$lte": now}}, session=session)
        return [_to_timer(each) async for each in found.sort("due", ASCENDING).limit(limit)]

    async def next_due(self) -> dt.datetime | None:
        """Return when the next timer is due, None where there is none.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            first = await self._collection.find_one({}, {"due": 1}, sort=[("due", ASCENDING)])
        return None if first is None else _instant(first["due"])

    async def remove(self, session: Session, names: Sequence[str]) -> None:
        """Forget timers that have fired or expired."""
        await self._collection.delete_many({"_id": {"$in": list(names)}}, session=session)


def _document(timer: Timer) -> Document:
    return {
        "due": timer.due,
        "expires": timer.expires,
        "topic": timer.record.topic,
        "key": timer.record.key,
        "value": timer.record.value,
        "headers": dict(timer.record.headers),
    }


def _to_timer(document: Document) -> Timer:
    key, value, headers = document["key"], document["value"], document["headers"]
    assert isinstance(key, bytes) and isinstance(value, bytes) and isinstance(headers, dict)  # noqa: S101, PT018 - what `_document` wrote
    return Timer(
        name=str(document["_id"]),
        due=_instant(document["due"]),
        expires=_instant(document["expires"]),
        record=NewRecord(str(document["topic"]), key, value, headers),
    )


def _instant(value: object) -> dt.datetime:
    assert isinstance(value, dt.datetime)  # noqa: S101 - what `_document` wrote
    return value
