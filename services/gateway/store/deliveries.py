"""What is kept of outbound messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from pymongo import DESCENDING, ReplaceOne

from services.gateway.domain.delivery import GONE_OUT, Delivery, Search, Stage
from services.gateway.store.seal import UNKEPT, Seal
from shared.clock import Clock
from shared.contracts.gateway import MessageSend, SendClass
from shared.errors import Conflict
from shared.store.client import Database, Document, translated
from shared.store.unit_of_work import Session


class Deliveries:
    """Outbound messages and what became of them."""

    def __init__(self, database: Database, clock: Clock, seal: Seal = UNKEPT) -> None:
        self._collection = database["deliveries"]
        self._clock = clock
        self._seal = seal

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Delivery | None]:
        """Return the delivery of every send id or message id, None where we sent no such message."""
        found = self._collection.find({"_id": {"$in": list(keys)}}, session=session)
        deliveries = {str(each["_id"]): self._delivery(each) async for each in found}
        if others := [key for key in keys if key not in deliveries]:
            named = self._collection.find({"message_id": {"$in": others}}, session=session)
            deliveries |= {str(each["message_id"]): self._delivery(each) async for each in named}
        return {key: deliveries.get(key) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, Delivery | None]) -> None:
        """Store `changed`."""
        writes = [
            ReplaceOne({"_id": delivery.send_id}, self._document(delivery), upsert=True)
            for delivery in changed.values()
            if delivery is not None
        ]
        if writes:
            await self._collection.bulk_write(writes, ordered=False, session=session)

    async def add(self, delivery: Delivery) -> bool:
        """Store a delivery that is new; return False, and change nothing, where there is one already.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        try:
            async with translated():
                await self._collection.insert_one(self._document(delivery))
        except Conflict:
            return False
        return True

    async def find(self, send_id: str) -> Delivery | None:
        """Return the delivery of a send id."""
        async with translated():
            document = await self._collection.find_one({"_id": send_id})
        return self._delivery(document) if document else None

    async def find_all(self, send_ids: Sequence[str]) -> list[Delivery]:
        """Return the deliveries of those of `send_ids` that have one, in their order."""
        async with translated():
            found = await self._collection.find({"_id": {"$in": list(send_ids)}}).to_list()
        deliveries = {str(each["_id"]): self._delivery(each) for each in found}
        return [deliveries[send_id] for send_id in send_ids if send_id in deliveries]

    async def page(self, search: Search, after: tuple[dt.datetime, str] | None, limit: int) -> list[Delivery]:
        """Return up to `limit` deliveries that fit, the newest first, beginning behind `after`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        wanted = {
            "chat_id": search.chat_id,
            "stage": search.stage,
            "code": search.reason,
            "send_class": search.send_class,
            "member_id": search.member_id,
        }
        query: Document = {name: str(value) for name, value in wanted.items() if value is not None}
        # Those of earlier versions have no time of their own, and are found by their id alone.
        query["since"] = {"$type": "date"}
        if after is not None:
            since, send_id = after
            query["$or"] = [{"since": {"$lt": since}}, {"since": since, "_id": {"$lt": send_id}}]
        newest: list[tuple[str, int]] = [("since", DESCENDING), ("_id", DESCENDING)]
        async with translated():
            found = await self._collection.find(query).sort(newest).limit(limit).to_list()
        return [self._delivery(each) for each in found]

    async def heard(self, chat_id: str, classes: frozenset[SendClass], since: dt.datetime, most: int) -> int:
        """Return how many messages of `classes` a chat has had since then; counting ends at `most`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        if most < 1:
            return 0
        query: Document = {
            "chat_id": chat_id,
            "attempted_at": {"$gt": since},
            "send_class": {"$in": [str(each) for each in classes]},
            "stage": {"$in": [str(each) for each in GONE_OUT]},
            # What went to a member alone, the chat has not heard.
            "went_to": None,
        }
        async with translated():
            return await self._collection.count_documents(query, limit=most)

    def _document(self, delivery: Delivery) -> Document:
        # A provider's id of a message holds a phone number.
        sealed = delivery.provider_id and self._seal.close(delivery.provider_id, delivery.send_id.encode())
        return {
            "_id": delivery.send_id,
            "chat_id": delivery.chat_id,
            "stage": str(delivery.stage),
            "attempts": delivery.attempts,
            "attempted_at": delivery.attempted_at,
            "provider_id": sealed,
            "by": self._seal.box.name if sealed else None,
            "code": delivery.code,
            "members": {member: str(stage) for member, stage in delivery.members.items()},
            "what": delivery.what,
            "send_class": delivery.send_class,
            "since": delivery.since,
            # Few have one, and the index holds those alone.
            **({"member_id": delivery.member_id} if delivery.member_id else {}),
            **({"message_id": delivery.message_id} if delivery.message_id else {}),
            "went_to": delivery.went_to,
            "aloud": delivery.aloud,
            "updated_at": self._clock.now(),
        }

    def _delivery(self, document: Document) -> Delivery:
        sealed = document["provider_id"]
        if not isinstance(sealed, bytes):
            return _to_delivery(document, sealed)
        return _to_delivery(document, self._seal.open(sealed, str(document["_id"]).encode()))


def _to_delivery(document: Document, provider_id: object) -> Delivery:
    members, attempted_at, since = document["members"], document["attempted_at"], document.get("since")
    code = document["code"]
    assert isinstance(members, dict)  # noqa: S101 - what `_document` wrote
    assert attempted_at is None or isinstance(attempted_at, dt.datetime)  # noqa: S101
    assert since is None or isinstance(since, dt.datetime)  # noqa: S101
    return Delivery(
        send_id=str(document["_id"]),
        chat_id=str(document["chat_id"]),
        stage=Stage(str(document["stage"])),
        attempts=int(str(document["attempts"])),
        attempted_at=attempted_at,
        provider_id=None if provider_id is None else str(provider_id),
        code=None if code is None else str(code),
        members={member: Stage(stage) for member, stage in members.items()},
        # Those of earlier versions were messages, and told nothing of their class.
        what=str(document.get("what", MessageSend.TYPE)),
        send_class=_optional(document, "send_class"),
        since=since,
        member_id=_optional(document, "member_id"),
        went_to=_optional(document, "went_to"),
        aloud=bool(document.get("aloud", False)),
        message_id=_optional(document, "message_id"),
    )


def _optional(document: Document, name: str) -> str | None:
    value = document.get(name)
    return None if value is None else str(value)
