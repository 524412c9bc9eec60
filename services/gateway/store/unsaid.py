"""What went to a member alone and may be said in their chat, should it turn out not to have reached them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pymongo import DeleteOne

from shared.contracts.gateway import MessageSend
from shared.store.client import Database, Document, translated
from shared.store.unit_of_work import Session


class Unsaid:
    """One document for each such message, until its time is over: nothing is said after that."""

    def __init__(self, database: Database) -> None:
        self._collection = database["unsaid"]

    async def keep(self, send_id: str, send: MessageSend) -> None:
        """Keep what may be said later; said again it changes nothing.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        first: Document = {"$setOnInsert": {"send": send.model_dump_json(), "not_after": send.not_after}}
        async with translated():
            await self._collection.update_one({"_id": send_id}, first, upsert=True)

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, MessageSend | None]:
        """Return what may be said of every send id, None where that is nothing."""
        found = self._collection.find({"_id": {"$in": list(keys)}}, session=session)
        kept = {str(each["_id"]): MessageSend.model_validate_json(str(each["send"])) async for each in found}
        return {key: kept.get(key) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, MessageSend | None]) -> None:
        """Forget what of `changed` is None: it has been said."""
        gone = [DeleteOne({"_id": key}) for key, send in changed.items() if send is None]
        if gone:
            await self._collection.bulk_write(gone, ordered=False, session=session)
