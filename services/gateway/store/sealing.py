"""Seals what an older version has written plainly, and what was sealed with a key that is being replaced."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.gateway.store.messages import Messages
from services.gateway.store.seal import Seal
from shared.clock import Clock
from shared.observability.logs import get_logger
from shared.store.client import Database, Document, translated

log = get_logger(__name__)

PAGE = 500


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something sealed is kept beside the name of the key that sealed it."""

    collection: str
    field: str
    about: Callable[[Mapping[str, Any]], bytes]


_SEALED = {
    place.collection: place
    for place in (
        _Place("addresses", "sealed", lambda document: document["_id"]),
        _Place("chats", "sealed", lambda document: document["key"]),
        _Place("deliveries", "provider_id", lambda document: document["_id"].encode()),
    )
}


async def seal_all(database: Database, seal: Seal, clock: Clock) -> int:
    """Return how many documents were sealed; run at every start, it leaves nothing for an old key to open.

    Messages are the exception: one whose key is gone cannot be quoted any more, and keeps nobody waiting.

    A process of the previous version may write plainly while this one starts; what it leaves behind is found
    at the next start. Run again after a crash within, it goes on where it stopped.

    Raises:
        StoreUnavailable: the database does not answer, or something is sealed with a key that is not given.
    """
    count = 0
    async with translated():
        async for page in _pages(database, "addresses", {"value": {"$exists": True}}):
            await _seal_addresses(database, seal, page, clock)
            count += len(page)
        async for page in _pages(database, "chats", {"key": {"$type": "string"}}):
            await _seal_chats(database, seal, page)
            count += len(page)
        place = _SEALED["deliveries"]
        async for page in _pages(database, place.collection, {"provider_id": {"$type": "string"}}):
            await _replace(database, seal, place, [(each, each["provider_id"].encode()) for each in page])
            count += len(page)
        for place in _SEALED.values():
            another: Document = {place.field: {"$type": "binData"}, "by": {"$ne": seal.box.name}}
            async for page in _pages(database, place.collection, another):
                opened = [(each, seal.box.open(each[place.field], place.about(each))) for each in page]
                await _replace(database, seal, place, opened)
                count += len(page)
    count += await Messages(database, seal).seal_again(PAGE)
    if count:
        log.info("gateway.addresses_sealed", count=count)
    return count


async def _pages(database: Database, name: str, query: Document) -> AsyncIterator[list[Any]]:
    page: list[Any] = []
    async for each in database[name].find(query):
        page.append(each)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


async def _replace(
    database: Database, seal: Seal, place: _Place, opened: Sequence[tuple[Mapping[str, Any], bytes]]
) -> None:
    # Only where it is what it was: a process that runs already may have changed it meanwhile.
    writes = [
        UpdateOne(
            {"_id": each["_id"], place.field: each[place.field]},
            {"$set": {place.field: seal.box.close(content, place.about(each)), "by": seal.box.name}},
        )
        for each, content in opened
    ]
    await database[place.collection].bulk_write(writes, ordered=False)


async def _seal_addresses(database: Database, seal: Seal, page: Sequence[Document], clock: Clock) -> None:
    try:
        await database["addresses"].insert_many([_sealed(seal, each, clock) for each in page], ordered=False)
    except BulkWriteError:
        # Some are there already: those are looked at one by one.
        for each in page:
            await _seal_address(database, seal, each, clock)
    else:
        await database["addresses"].delete_many({"_id": {"$in": [each["_id"] for each in page]}})


def _sealed(seal: Seal, plain: Document, clock: Clock) -> Document:
    name = str(plain["_id"])
    key = seal.lookup(name)
    return {
        "_id": key,
        "member_id": plain["member_id"],
        "kind": plain["kind"],
        "scope": name.removesuffix(f"|{plain['kind']}|{plain['value']}"),
        "sealed": seal.close(str(plain["value"]), key),
        "by": seal.box.name,
        "since": plain.get("since") or clock.now(),
    }


async def _seal_address(database: Database, seal: Seal, plain: Document, clock: Clock) -> None:
    new = _sealed(seal, plain, clock)
    try:
        await database["addresses"].insert_one(new)
    except DuplicateKeyError:
        kept = await database["addresses"].find_one({"_id": new["_id"]}) or new
        pair = sorted({str(kept["member_id"]), str(plain["member_id"])})
        if len(pair) > 1:
            # Met anew by a process of this version before its old document was sealed.
            await database["suggestions"].update_one(
                {"_id": "|".join(pair)},
                {"$setOnInsert": {"members": pair, "since": clock.now()}, "$inc": {"times": 1}},
                upsert=True,
            )
    await database["addresses"].delete_one({"_id": plain["_id"]})


async def _seal_chats(database: Database, seal: Seal, page: Sequence[Document]) -> None:
    writes = [UpdateOne(*_chat(seal, each, seal.lookup(str(each["key"])))) for each in page]
    try:
        await database["chats"].bulk_write(writes, ordered=False)
    except BulkWriteError:
        # Met anew in the meantime: messages to the old id still go out, what comes in has the new one.
        beside = [UpdateOne(*_chat(seal, each, seal.lookup(f"{each['key']}|{each['_id']}"))) for each in page]
        await database["chats"].bulk_write(beside, ordered=False)


def _chat(seal: Seal, plain: Document, key: bytes) -> tuple[Document, Document]:
    group = plain.get("group")
    sealed = {"sealed": seal.close(str(group), key), "by": seal.box.name} if group is not None else {}
    # What was sealed a moment ago no longer has the key it was found by.
    mine: Document = {"_id": plain["_id"], "key": plain["key"]}
    return mine, {"$set": {"key": key, **sealed}, "$unset": {"group": ""}}
