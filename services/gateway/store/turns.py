"""Whose turn it is to do what needs doing once by all processes together."""

from __future__ import annotations

import datetime as dt

from shared.clock import Clock
from shared.errors import Conflict
from shared.store.client import Database, translated


class Turns:
    """When each thing was last begun."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._collection = database["versions"]
        self._clock = clock

    async def take(self, name: str, every: dt.timedelta) -> bool:
        """Return whether `name` is to be begun now: nobody has within `every`, and now this process has.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        now = self._clock.now()
        try:
            async with translated():
                taken = await self._collection.update_one(
                    {"_id": f"turn {name}", "begun_at": {"$lte": now - every}},
                    {"$set": {"begun_at": now}},
                    upsert=True,
                )
        except Conflict:
            # It is there, and newer: what was not found could not be made either.
            return False
        return taken.modified_count > 0 or taken.upserted_id is not None
