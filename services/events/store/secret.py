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
    value = (found or {}).get("value")
    assert isinstance(value, bytes)  # noqa: S101 - it was put there just now, where there was none
    return value
