"""The gateway's collections: the only place in the platform where an address is kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pymongo import ASCENDING, IndexModel, ReplaceOne, ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.gateway.domain.chat import Chat
from services.gateway.domain.delivery import Delivery, Stage
from services.gateway.domain.hop import Detour, Hop
from services.gateway.domain.items import Address, AddressKind
from shared.clock import Clock
from shared.errors import Conflict
from shared.ids import random_id
from shared.store.client import DUPLICATE, Database, Document, translate, translated
from shared.store.migrations import Migration, collections
from shared.store.unit_of_work import Session

ValueT = TypeVar("ValueT")

CACHED = 100_000
"""Ids kept in memory: an address is looked up once, then every message of its owner is free."""

DAY = 24 * 3600

MIGRATIONS: Sequence[Migration] = (
    collections(
        "0001_collections",
        addresses=[IndexModel([("member_id", ASCENDING)])],
        chats=[IndexModel([("key", ASCENDING)], unique=True)],
        deliveries=[
            IndexModel([("chat_id", ASCENDING), ("updated_at", ASCENDING)]),
            IndexModel([("updated_at", ASCENDING)], expireAfterSeconds=90 * DAY),
        ],
    ),
    collections(
        "0002_hops",
        hops=[
            IndexModel([("trip", ASCENDING), ("at", ASCENDING)]),
            IndexModel([("kept_at", ASCENDING)], name="expiry", expireAfterSeconds=DAY),
        ],
    ),
)


class Identities:
    """Addresses to members, and places to chats; a first meeting makes a random id."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._addresses = database["addresses"]
        self._chats = database["chats"]
        self._clock = clock
        self._known: dict[str, str] = {}
        self._met: dict[str, Chat] = {}

    async def members(
        self, channel: str, account: str, people: Iterable[tuple[Address, ...]]
    ) -> dict[Address, str]:
        """Return the member behind every address of every person.

        Several addresses of one person get one id. Where they already belong to different members nothing
        is merged: that needs a person's decision, and each keeps its own.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        found: dict[Address, str] = {}
        for person in people:
            keyed = {_address_key(channel, account, address): address for address in person}
            if any(key not in self._known for key in keyed):
                await self._learn(keyed)
            found |= {address: self._known[key] for key, address in keyed.items()}
        return found

    async def chats(
        self, channel: str, account: str, wanted: Mapping[str, tuple[str, str | None]]
    ) -> dict[str, str]:
        """Return the chats of `wanted`: by group id or member id, each with its kind and perhaps a subject.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        found = {}
        for place, (kind, subject) in wanted.items():
            key = f"{channel}|{account}|{kind}|{place}"
            if key not in self._known or subject is not None:
                _keep(self._known, key, await self._meet_chat(channel, account, kind, place, subject))
            found[place] = self._known[key]
        return found

    async def chat(self, chat_id: str) -> Chat | None:
        """Return the chat with this id.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        if chat_id not in self._met:
            async with translated():
                document = await self._chats.find_one({"_id": chat_id})
            if document is None:
                return None
            _keep(self._met, chat_id, _to_chat(document))
        return self._met[chat_id]

    async def page_of_chats(self, after: str | None, limit: int) -> list[Chat]:
        """Return up to `limit` chats in order of their ids, beginning behind `after`."""
        query: Document = {"_id": {"$gt": after}} if after else {}
        async with translated():
            found = await self._chats.find(query).sort("_id", ASCENDING).limit(limit).to_list()
        return [_to_chat(document) for document in found]

    async def address(self, member_id: str) -> Address | None:
        """Return where a member can be written to, by phone number if there is one."""
        async with translated():
            found = await self._addresses.find({"member_id": member_id}).to_list()
        kinds = {
            str(each["kind"]): Address(AddressKind(str(each["kind"])), str(each["value"])) for each in found
        }
        return next((kinds[kind] for kind in AddressKind if kind in kinds), None)

    async def _learn(self, keyed: Mapping[str, Address]) -> None:
        async with translated():
            stored = {
                str(each["_id"]): str(each["member_id"])
                async for each in self._addresses.find({"_id": {"$in": list(keyed)}})
            }
            member_id = next((stored[key] for key in keyed if key in stored), None) or random_id("m")
            for key, address in keyed.items():
                if key not in stored:
                    # Somebody else may meet this person at the same moment: the first id written counts.
                    member_id = stored[key] = await self._link(key, address, member_id)
        for key, member in stored.items():
            _keep(self._known, key, member)

    async def _link(self, key: str, address: Address, member_id: str) -> str:
        new: Document = {
            "member_id": member_id,
            "kind": str(address.kind),
            "value": address.value,
            "since": self._clock.now(),
        }
        return str((await self._upsert(self._addresses, {"_id": key}, new))["member_id"])

    async def _meet_chat(self, channel: str, account: str, kind: str, place: str, subject: str | None) -> str:
        new: Document = {
            "_id": random_id("c"),
            "channel": channel,
            "account": account,
            "kind": kind,
            "group" if kind == "group" else "member_id": place,
            "since": self._clock.now(),
        }
        async with translated():
            key: Document = {"key": f"{channel}|{account}|{kind}|{place}"}
            document = await self._upsert(self._chats, key, new, {"subject": subject} if subject else None)
        return str(document["_id"])

    async def _upsert(
        self,
        collection: AsyncCollection[Document],
        key: Document,
        new: Document,
        changed: Document | None = None,
    ) -> Document:
        update = {"$setOnInsert": new} | ({"$set": changed} if changed else {})
        try:
            document = await collection.find_one_and_update(
                key, update, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            # Two first meetings at once: the other one has just made the document. A majority read may not
            # see it yet, a write does.
            document = await collection.find_one_and_update(
                key, update, upsert=True, return_document=ReturnDocument.AFTER
            )
        assert document is not None  # noqa: S101 - an upsert leaves a document
        return document


class Deliveries:
    """Outbound messages and what became of them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._collection = database["deliveries"]
        self._clock = clock

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Delivery | None]:
        """Return the delivery of every send id, None where we sent no such message."""
        found = self._collection.find({"_id": {"$in": list(keys)}}, session=session)
        deliveries = {str(each["_id"]): _to_delivery(each) async for each in found}
        return {key: deliveries.get(key) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, Delivery | None]) -> None:
        """Store `changed`."""
        writes = [
            ReplaceOne({"_id": key}, self._document(delivery), upsert=True)
            for key, delivery in changed.items()
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
        return _to_delivery(document) if document else None

    async def find_all(self, send_ids: Sequence[str]) -> list[Delivery]:
        """Return the deliveries of those of `send_ids` that have one, in their order."""
        async with translated():
            found = await self._collection.find({"_id": {"$in": list(send_ids)}}).to_list()
        deliveries = {str(each["_id"]): _to_delivery(each) for each in found}
        return [deliveries[send_id] for send_id in send_ids if send_id in deliveries]

    def _document(self, delivery: Delivery) -> Document:
        return {
            "_id": delivery.send_id,
            "chat_id": delivery.chat_id,
            "stage": str(delivery.stage),
            "attempts": delivery.attempts,
            "attempted_at": delivery.attempted_at,
            "provider_id": delivery.provider_id,
            "code": delivery.code,
            "members": {member: str(stage) for member, stage in delivery.members.items()},
            "updated_at": self._clock.now(),
        }


class Hops:
    """Which way each message went. A hop is known by the place of its record, so it is kept once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._collection = database["hops"]
        self._clock = clock

    async def keep_for(self, days: int) -> None:
        """Forget hops, those of the past too, once they have been kept for `days`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        index = {"name": "expiry", "expireAfterSeconds": days * DAY}
        async with translated():
            await self._database.command({"collMod": self._collection.name, "index": index})

    async def add(self, hops: Sequence[Hop]) -> None:
        """Keep `hops`; those that are kept already stay as they are.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        if not hops:
            return
        now = self._clock.now()
        try:
            async with translated():
                await self._collection.insert_many([_of_hop(hop, now) for hop in hops], ordered=False)
        except Conflict as error:
            _only_duplicates(error)

    async def of(self, correlation_id: str, limit: int) -> list[Hop]:
        """Return up to `limit` hops of a trip, the oldest first.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = self._collection.find({"trip": correlation_id}).sort("at", ASCENDING).limit(limit)
            return [_to_hop(document) for document in await found.to_list()]


def _only_duplicates(error: Conflict) -> None:
    """Raise what else has gone wrong where some hops are kept already."""
    cause = error.__cause__
    if isinstance(cause, BulkWriteError):
        others = [each for each in cause.details["writeErrors"] if each["code"] != DUPLICATE]
        if others or cause.details["writeConcernErrors"]:
            raise translate(BulkWriteError({**cause.details, "writeErrors": others})) from cause


def _of_hop(hop: Hop, now: dt.datetime) -> Document:
    document: Document = {
        "_id": f"{hop.topic}/{hop.partition}/{hop.offset}",
        "trip": hop.correlation_id,
        "event": hop.event_id,
        "type": hop.type,
        "source": hop.source,
        "at": hop.at,
        "cause": hop.causation_id,
        "span": hop.span,
        "set_aside": hop.set_aside and dataclasses.asdict(hop.set_aside),
        "retried": hop.retried and dataclasses.asdict(hop.retried),
        "kept_at": now,
    }
    return {name: value for name, value in document.items() if value is not None}


def _to_hop(document: Mapping[str, Any]) -> Hop:
    topic, partition, offset = document["_id"].split("/")
    set_aside, retried = document.get("set_aside"), document.get("retried")
    return Hop(
        topic=topic,
        partition=int(partition),
        offset=int(offset),
        correlation_id=document["trip"],
        event_id=document["event"],
        type=document["type"],
        source=document["source"],
        at=document["at"],
        causation_id=document.get("cause"),
        span=document.get("span"),
        set_aside=Detour(**set_aside) if set_aside else None,
        retried=Detour(**retried) if retried else None,
    )


def _keep(cache: dict[str, ValueT], key: str, value: ValueT) -> None:
    """Put something into a cache, making room by dropping what came first."""
    while len(cache) >= CACHED:
        cache.pop(next(iter(cache)))
    cache[key] = value


def _address_key(channel: str, account: str, address: Address) -> str:
    # A phone number is the same person everywhere; any other name only where it was given.
    scope = "everywhere" if address.kind is AddressKind.PHONE else f"{channel}|{account}"
    return f"{scope}|{address.kind}|{address.value}"


def _to_chat(document: Document) -> Chat:
    def optional(name: str) -> str | None:
        value = document.get(name)
        return None if value is None else str(value)

    return Chat(
        chat_id=str(document["_id"]),
        channel=str(document["channel"]),
        account=str(document["account"]),
        kind=str(document["kind"]),
        group=optional("group"),
        member_id=optional("member_id"),
        subject=optional("subject"),
    )


def _to_delivery(document: Document) -> Delivery:
    members, attempted_at = document["members"], document["attempted_at"]
    provider_id, code = document["provider_id"], document["code"]
    assert isinstance(members, dict)  # noqa: S101 - what `_document` wrote
    assert attempted_at is None or isinstance(attempted_at, dt.datetime)  # noqa: S101
    return Delivery(
        send_id=str(document["_id"]),
        chat_id=str(document["chat_id"]),
        stage=Stage(str(document["stage"])),
        attempts=int(str(document["attempts"])),
        attempted_at=attempted_at,
        provider_id=None if provider_id is None else str(provider_id),
        code=None if code is None else str(code),
        members={member: Stage(stage) for member, stage in members.items()},
    )
