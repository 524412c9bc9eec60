"""Who is in which group as what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from pymongo import ASCENDING, ReplaceOne

from services.gateway.domain.roster import SEPARATOR, Membership
from shared.store.client import Database, Document, translated
from shared.store.unit_of_work import Session


class Memberships:
    """One document for each member a group has or has had."""

    def __init__(self, database: Database) -> None:
        self._collection = database["memberships"]
        self._compared = database["rosters"]

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Membership]:
        """Return the membership of every key, an empty one where nothing is known."""
        found = self._collection.find({"_id": {"$in": list(keys)}}, session=session)
        known = {str(each["_id"]): _to_membership(each) async for each in found}
        return {key: known.get(key) or _nothing_known(key) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, Membership]) -> None:
        """Store `changed`."""
        writes = [
            ReplaceOne({"_id": key}, _document(key, membership), upsert=True)
            for key, membership in changed.items()
        ]
        if writes:
            await self._collection.bulk_write(writes, ordered=False, session=session)

    async def of_chat(self, chat_id: str) -> dict[str, Membership]:
        """Return all memberships of a group by member, past ones too.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = await self._collection.find({"chat_id": chat_id}).to_list()
        return {str(each["member_id"]): _to_membership(each) for each in found}

    async def compared(self, chat_id: str) -> bool:
        """Return whether a group was compared with its provider before; see `note_compared`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            return await self._compared.find_one({"_id": chat_id}) is not None

    async def note_compared(self, chat_id: str, at: dt.datetime) -> None:
        """Note that everybody in a group is known, so that whoever comes to light later has come in.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        first: Document = {"$setOnInsert": {"at": at}}
        async with translated():
            await self._compared.update_one({"_id": chat_id}, first, upsert=True)

    async def page(self, chat_id: str, after: str | None, limit: int) -> list[Membership]:
        """Return up to `limit` members who are in a group, in order of their ids, beginning behind `after`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        query: Document = {"chat_id": chat_id, "present": True}
        if after:
            query["member_id"] = {"$gt": after}
        async with translated():
            found = await self._collection.find(query).sort("member_id", ASCENDING).limit(limit).to_list()
        return [_to_membership(each) for each in found]


def _nothing_known(key: str) -> Membership:
    chat_id, _, member_id = key.partition(SEPARATOR)
    return Membership(chat_id, member_id)


def _document(key: str, membership: Membership) -> Document:
    return {
        "_id": key,
        "chat_id": membership.chat_id,
        "member_id": membership.member_id,
        "present": membership.present,
        "joined_at": membership.joined_at,
        "left_at": membership.left_at,
        "seen_at": membership.seen_at,
        "promoted_at": membership.promoted_at,
        "demoted_at": membership.demoted_at,
    }


def _to_membership(document: Mapping[str, Any]) -> Membership:
    return Membership(
        chat_id=str(document["chat_id"]),
        member_id=str(document["member_id"]),
        joined_at=document["joined_at"],
        left_at=document["left_at"],
        seen_at=document.get("seen_at"),
        promoted_at=document["promoted_at"],
        demoted_at=document["demoted_at"],
    )
