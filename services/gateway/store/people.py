"""Whom this installation knows, page by page: never by what address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pymongo import ASCENDING

from services.gateway.domain.items import AddressKind
from services.gateway.domain.person import Acquaintance, in_order
from shared.store.client import Database, Document, translated


class People:
    """Reads members from their addresses, and who is in a chat from it and its memberships."""

    def __init__(self, database: Database) -> None:
        self._addresses = database["addresses"]
        self._chats = database["chats"]
        self._memberships = database["memberships"]

    async def page(self, chat_id: str | None, after: str | None, limit: int) -> list[Acquaintance]:
        """Return up to `limit` members in order of their ids, beginning behind `after`.

        Args:
            chat_id: only those who are in this group, or whose direct chat it is; None for everybody.
            after: the last id of the page before; None for the first page.
            limit: the most members to return.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        behind: Document = {"member_id": {"$gt": after or ""}}
        async with translated():
            if chat_id is None:
                return await self._everybody(behind, limit)
            member_ids = await self._in_chat(chat_id, behind, limit)
            kinds: dict[str, list[AddressKind]] = {each: [] for each in member_ids}
            found = self._addresses.find({"member_id": {"$in": member_ids}}, {"member_id": 1, "kind": 1})
            async for each in found:
                kinds[str(each["member_id"])].append(AddressKind(str(each["kind"])))
        return _in_order(kinds)

    async def _everybody(self, behind: Document, limit: int) -> list[Acquaintance]:
        kinds: dict[str, list[AddressKind]] = {}
        found = self._addresses.find(behind, {"member_id": 1, "kind": 1}, batch_size=4 * limit)
        # Those of one member lie side by side in the index, so reading ends with the page.
        async for each in found.sort("member_id", ASCENDING):
            member_id = str(each["member_id"])
            if member_id not in kinds and len(kinds) == limit:
                break
            kinds.setdefault(member_id, []).append(AddressKind(str(each["kind"])))
        return _in_order(kinds)

    async def _in_chat(self, chat_id: str, behind: Document, limit: int) -> Sequence[str]:
        direct = await self._chats.find_one({"_id": chat_id, **behind}, {"member_id": 1})
        if direct is not None:
            return [str(direct["member_id"])]
        present: Document = {"chat_id": chat_id, "present": True, **behind}
        found = self._memberships.find(present, {"member_id": 1}).sort("member_id", ASCENDING).limit(limit)
        return [str(each["member_id"]) async for each in found]


def _in_order(kinds: Mapping[str, Sequence[AddressKind]]) -> list[Acquaintance]:
    return [Acquaintance(member_id, in_order(each)) for member_id, each in kinds.items()]
