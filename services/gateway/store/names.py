"""What people call themselves, sealed as addresses are."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pymongo import ReplaceOne

from services.gateway.store.seal import Seal
from shared.errors import PermanentError, StoreUnavailable
from shared.store.client import Database, Document, translated


class Names:
    """Names by member: the last one each has written under."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._collection = database["names"]
        self._seal = seal

    async def keep(self, names: Mapping[str, str]) -> None:
        """Keep `names`, by member, in place of those before.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        writes = [
            ReplaceOne({"_id": each}, self._of(each, name), upsert=True) for each, name in names.items()
        ]
        if writes:
            async with translated():
                await self._collection.bulk_write(writes, ordered=False)

    async def of(self, member_ids: Collection[str]) -> dict[str, str]:
        """Return the names of those of `member_ids` that have one which can be read.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = await self._collection.find({"_id": {"$in": list(member_ids)}}).to_list()
        names = {str(each["_id"]): self._read(each) for each in found}
        return {member: name for member, name in names.items() if name is not None}

    def _of(self, member_id: str, name: str) -> Document:
        return {
            "_id": member_id,
            "name": self._seal.close(name, _about(member_id)),
            "by": self._seal.box.name,
        }

    def _read(self, document: Document) -> str | None:
        sealed = document["name"]
        try:
            return self._seal.open(bytes(sealed), _about(str(document["_id"])))  # type: ignore[call-overload]
        except (PermanentError, StoreUnavailable):
            # Its key is gone: until they write again they are somebody, as whoever has no name.
            return None


def _about(member_id: str) -> bytes:
    return f"names/{member_id}/name".encode()
