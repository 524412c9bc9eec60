"""Chats and communities, and every version their policies have had."""

from __future__ import annotations

from pymongo import DESCENDING

from services.moderation.domain.policy.document import Policy
from services.moderation.domain.room import Community, Room
from shared.store.client import Database, Document, translated
from shared.store.documents import Documents, Entries


class Rooms(Documents[Room]):
    """Chats by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["rooms"], Room, Room)

    async def of_community(self, community: str) -> list[Room]:
        """Return the chats of a community.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            return [self.read(each) async for each in self.collection.find({"community": community})]


class Communities(Documents[Community]):
    """Communities by their scope."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["communities"], Community, Community)


class PolicyVersions(Entries[Policy]):
    """Published policies by `<scope>|<version>`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["policy_versions"], Policy)

    def write(self, key: str, state: Policy) -> Document:
        """Return the document, with the scope it is found by."""
        return super().write(key, state) | {"scope": key.rpartition("|")[0]}

    async def page(self, scope: str, before: int | None, limit: int) -> list[Policy]:
        """Return versions of a scope's policy, the newest first.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        query: Document = {"scope": scope} | ({} if before is None else {"version": {"$lt": before}})
        async with translated():
            found = self.collection.find(query).sort("version", DESCENDING).limit(limit)
            return [self.read(each) async for each in found]
