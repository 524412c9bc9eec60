"""Which way each message went."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ASCENDING

from services.gateway.domain.hop import Detour, Hop
from services.gateway.store.duplicates import only_duplicates
from shared.clock import Clock
from shared.errors import Conflict
from shared.store.client import Database, Document, translated

DAY = 24 * 3600


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
            only_duplicates(error)

    async def of(self, correlation_id: str, limit: int) -> list[Hop]:
        """Return up to `limit` hops of a trip, the oldest first.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = self._collection.find({"trip": correlation_id}).sort("at", ASCENDING).limit(limit)
            return [_to_hop(document) for document in await found.to_list()]


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
