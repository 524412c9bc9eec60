"""Which messages REST clients have asked for, by the keys under which they did."""

from __future__ import annotations

import datetime as dt

from shared.asked import Asked
from shared.store.client import Database
from shared.store.unit_of_work import Session

KEPT_SECONDS = 48 * 3600
"""A client that has not heard from us for two days does not ask again in good faith."""


class Requests:
    """Idempotency keys and the messages they stand for."""

    def __init__(self, database: Database) -> None:
        self._collection = database["requests"]

    async def load(self, session: Session, key: str) -> Asked | None:
        """Return what was asked for under `key`."""
        document = await self._collection.find_one({"_id": key}, session=session)
        return Asked(str(document["send_id"]), str(document["digest"])) if document else None

    async def add(self, session: Session, key: str, asked: Asked, at: dt.datetime) -> None:
        """Keep what was asked for under `key`."""
        await self._collection.insert_one(
            {"_id": key, "send_id": asked.id, "digest": asked.digest, "at": at}, session=session
        )
