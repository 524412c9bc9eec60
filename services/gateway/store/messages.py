"""Which chat and which id at its provider a message has; what names a person in it is sealed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo import ReplaceOne

from services.gateway.domain.items import MediaRef
from services.gateway.domain.known import Attached, Known, Whereabouts
from services.gateway.store.duplicates import only_duplicates
from services.gateway.store.hops import DAY
from services.gateway.store.seal import Seal
from shared.contracts.gateway import ChatKind
from shared.errors import Conflict, PermanentError, StoreUnavailable
from shared.observability.logs import get_logger
from shared.store.client import Database, Document, translated

log = get_logger(__name__)


class Messages:
    """Messages that have passed. A provider's id holds a phone number, so it is never there in clear."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._collection = database["messages"]
        self._seal = seal

    async def keep_for(self, days: int) -> None:
        """Forget messages, those of the past too, once they have been kept for `days`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        index = {"name": "expiry", "expireAfterSeconds": days * DAY}
        async with translated():
            await self._database.command({"collMod": self._collection.name, "index": index})

    async def add(self, messages: Sequence[Known]) -> None:
        """Keep `messages`; those that are kept already stay as they are.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        if not messages:
            return
        try:
            async with translated():
                await self._collection.insert_many([self._of(each) for each in messages], ordered=False)
        except Conflict as error:
            only_duplicates(error)

    async def find(self, message_id: str) -> Known | None:
        """Return the message with this id, None where it is not known or its seal cannot be opened.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            document = await self._collection.find_one({"_id": message_id})
        return self._readable(document) if document else None

    async def chats_of(self, message_ids: Collection[str]) -> dict[str, Whereabouts]:
        """Return the chats of those of `message_ids` that are known.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        wanted = list(message_ids)
        query: Document = {"$or": [{"_id": {"$in": wanted}}, {"alias": {"$in": wanted}}]}
        fields = {"chat_id": 1, "chat_kind": 1, "alias": 1}
        async with translated():
            documents = await self._collection.find(query, fields).to_list()
        found: dict[str, list[Whereabouts]] = {}
        for each in documents:
            message_id = str(each["_id"])
            where = Whereabouts(str(each["chat_id"]), ChatKind(str(each["chat_kind"])), message_id)
            found.setdefault(message_id if message_id in wanted else str(each["alias"]), []).append(where)
        # Several may have chosen the same own id; which of them is meant nobody can tell.
        return {asked: places[0] for asked, places in found.items() if len(places) == 1}

    async def seal_again(self, page: int) -> int:
        """Return how many messages another key had sealed that the first one seals now.

        What nobody has the key of stays as it is until it is forgotten.

        Args:
            page: how many to write at once.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        count, writes = 0, list[ReplaceOne[Document]]()
        async with translated():
            async for document in self._collection.find({"by": {"$ne": self._seal.box.name}}):
                if (known := self._readable(document)) is None:
                    continue
                # Only where it is what it was: a process with another list of keys may do the same.
                mine: Document = {"_id": document["_id"], "provider_id": document["provider_id"]}
                writes.append(ReplaceOne(mine, self._of(known)))
                if len(writes) == page:
                    count += await self._write(writes)
                    writes = []
            return count + await self._write(writes)

    async def _write(self, writes: Sequence[ReplaceOne[Document]]) -> int:
        if not writes:
            return 0
        return (await self._collection.bulk_write(writes, ordered=False)).modified_count

    def _readable(self, document: Document) -> Known | None:
        try:
            return self._to(document)
        except (PermanentError, StoreUnavailable) as error:
            # Its key is gone: a reply without its quote is better than one that waits for a key for ever.
            log.warning("message_index.sealed", message_id=str(document["_id"]), code=error.code)
            return None

    def _of(self, known: Known) -> Document:
        document: Document = {
            "_id": known.message_id,
            "chat_id": known.chat_id,
            "chat_kind": str(known.chat_kind),
            "member_id": known.member_id,
            "account": known.account,
            "provider_id": self._seal.close(known.provider_id, _about(known.message_id, "provider_id")),
            "by": self._seal.box.name,
            "by_us": known.by_us,
            "media": self._media(known.media, known.message_id) if known.media else None,
            "alias": known.alias,
            "at": known.at,
        }
        return {name: value for name, value in document.items() if value is not None}

    def _media(self, media: Attached, message_id: str) -> Document:
        written = {"id": media.ref.id, "url": media.ref.url}
        # An address at a bridge holds the chat's name there; what else it holds nobody knows.
        sealed = {
            name: self._seal.close(value, _about(message_id, name))
            for name, value in written.items()
            if value is not None
        }
        return {**sealed, "mime_type": media.mime_type, "sha256": media.sha256}

    def _to(self, document: Mapping[str, Any]) -> Known:
        message_id, media = document["_id"], document.get("media")
        return Known(
            message_id=message_id,
            chat_id=document["chat_id"],
            chat_kind=ChatKind(document["chat_kind"]),
            account=document["account"],
            provider_id=self._seal.open(document["provider_id"], _about(message_id, "provider_id")),
            by_us=document["by_us"],
            at=document["at"],
            member_id=document.get("member_id"),
            media=self._attached(media, message_id) if media else None,
            alias=document.get("alias"),
        )

    def _attached(self, media: Mapping[str, Any], message_id: str) -> Attached:
        names = [name for name in ("id", "url") if name in media]
        ref = MediaRef(**{name: self._seal.open(media[name], _about(message_id, name)) for name in names})
        return Attached(ref, media["mime_type"], media["sha256"])


def _about(message_id: str, field: str) -> bytes:
    return f"messages/{message_id}/{field}".encode()
