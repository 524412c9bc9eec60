"""Rules from before rooms: texts alone, kept by chat; they become documents with every version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pymongo import DESCENDING, IndexModel, ReplaceOne, UpdateOne

from services.moderation.domain.policy.document import Document as PolicyDocument
from services.moderation.domain.policy.document import Policy, Rule
from services.moderation.domain.room import Room
from services.moderation.domain.scopes import version_key
from services.moderation.store.rooms import PolicyVersions, Rooms
from shared.store.client import Database, Document
from shared.store.migrations import Migration, collections

BEFORE = collections(
    "0001_collections",
    policies=[IndexModel([("chat_id", DESCENDING), ("version", DESCENDING)], unique=True)],
    conduct=[],
)


async def _convert(database: Database) -> None:
    versions, rooms = PolicyVersions(database), Rooms(database)
    newest: dict[str, Policy] = {}
    writes: list[ReplaceOne[Document]] = []
    async for each in database["policies"].find().sort("version"):
        policy, chat_id = _policy(each), str(each["chat_id"])
        key = version_key(f"chat:{chat_id}", policy.version)
        writes.append(ReplaceOne({"_id": key}, versions.write(key, policy), upsert=True))
        newest[chat_id] = policy
    if writes:
        await versions.collection.bulk_write(writes, ordered=False)
    inserts: list[UpdateOne] = []
    async for kept in database["conduct"].find():
        chat_id, hinted_at = str(kept["_id"]), kept.get("hinted_at")
        room = Room(
            chat_id,
            policy=newest.get(chat_id),
            hinted_at=hinted_at if isinstance(hinted_at, dt.datetime) else None,
        )
        # A room that is there already knows more than what it was made of.
        fields = rooms.entries.write(chat_id, room)
        inserts.append(UpdateOne({"_id": chat_id}, {"$setOnInsert": fields}, upsert=True))
    if inserts:
        await rooms.collection.bulk_write(inserts, ordered=False)


def _policy(document: Mapping[str, Any]) -> Policy:
    rules = tuple(
        Rule(id=f"rule_{number}", texts=dict(texts)) for number, texts in enumerate(document["rules"], 1)
    )
    return Policy(
        version=int(document["version"]),
        document=PolicyDocument(language=str(document["language"]), rules=rules),
        changed_by=str(document["changed_by"]),
        changed_at=document["changed_at"],
    )


CONVERSION = Migration("0003_documents", _convert)
