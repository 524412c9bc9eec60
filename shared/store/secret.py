"""The secret from which codes are derived: made once, and the same for every process of the installation."""

from __future__ import annotations

import secrets

from pymongo import ReturnDocument

from shared.store.client import Database, translated

BYTES = 32


async def own_secret(database: Database) -> bytes:
    """Return the installation's secret, made at the first start.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    async with translated():
        found = await database["secrets"].find_one_and_update(
            {"_id": "codes"},
            {"$setOnInsert": {"value": secrets.token_bytes(BYTES)}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
    kept = found.get("value") if found else None
    # Where the database says nothing at all, nobody can guess what we make do with.
    return kept if isinstance(kept, bytes) else secrets.token_bytes(BYTES)
