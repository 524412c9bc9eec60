"""How chats stand to us."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from pymongo import UpdateOne

from services.gateway.domain.standing import Standing
from shared.store.client import Database, Document, translated
from shared.store.unit_of_work import Session


class Standings:
    """When somebody last wrote in each chat, and whether they want to hear from us unasked."""

    def __init__(self, database: Database) -> None:
        self._collection = database["standings"]

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Standing]:
        """Return the standing of every chat; one nobody has written in has an empty one."""
        found = self._collection.find({"_id": {"$in": list(keys)}}, session=session)
        standings = {str(each["_id"]): _to_standing(each) async for each in found}
        return {key: standings.get(key, Standing()) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, Standing]) -> None:
        """Store `changed`."""
        writes = [
            UpdateOne({"_id": key}, {"$set": _document(standing)}, upsert=True)
            for key, standing in changed.items()
        ]
        if writes:
            await self._collection.bulk_write(writes, ordered=False, session=session)

    async def of(self, chat_id: str) -> Standing:
        """Return how a chat stands to us.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            document = await self._collection.find_one({"_id": chat_id})
        return _to_standing(document) if document else Standing()

    async def silence(self, chat_id: str, at: dt.datetime) -> None:
        """Note that a chat wants nothing unasked, as the provider says.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        change: Document = {"$set": {"silenced": True, "chosen_at": at}}
        async with translated():
            await self._collection.update_one({"_id": chat_id}, change, upsert=True)


def _document(standing: Standing) -> Document:
    return {
        "last_inbound": standing.last_inbound,
        "silenced": standing.silenced,
        "chosen_at": standing.chosen_at,
    }


def _to_standing(document: Document) -> Standing:
    last_inbound, chosen_at = document.get("last_inbound"), document.get("chosen_at")
    assert last_inbound is None or isinstance(last_inbound, dt.datetime)  # noqa: S101 - what was written
    assert chosen_at is None or isinstance(chosen_at, dt.datetime)  # noqa: S101
    return Standing(last_inbound, silenced=bool(document.get("silenced")), chosen_at=chosen_at)
