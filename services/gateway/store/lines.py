"""How each account is doing, as all gateways together have seen it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from services.gateway.domain.line import Line
from shared.store.client import Database, translated


class LineBook:
    """One document for each account."""

    def __init__(self, database: Database) -> None:
        self._collection = database["lines"]

    async def note(self, line: Line) -> None:
        """Keep what one process has seen: of each instant the newest, of the state the last.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        newest: dict[str, Any] = {
            name: {"$max": [f"${name}", at]}
            for name, at in (
                ("probed_at", line.probed_at),
                ("webhook_at", line.webhook_at),
                ("accepted_at", line.accepted_at),
            )
            if at is not None
        }
        if line.accepted_at is not None:
            # What was accepted before anybody noted beginnings is the oldest we know of.
            newest["began_at"] = {"$ifNull": ["$began_at", "$accepted_at", line.accepted_at]}
        state: dict[str, Any] = {}
        if line.up is not None:
            # Found as it was, it has been so since then.
            since = {"$cond": [{"$eq": ["$up", line.up]}, "$since", line.since]}
            state = {"up": line.up, "since": since, "reason": line.reason}
        slowed: dict[str, Any] = {}
        if line.slowed_until is not None:
            longer = {"$gt": [line.slowed_until, "$slowed_until"]}
            slowed = {
                "slowed": {"$cond": [longer, line.slowed, "$slowed"]},
                "slowed_until": {"$max": ["$slowed_until", line.slowed_until]},
            }
        changed = {"$set": {**newest, **state, **slowed}}
        if newest or state or slowed:
            async with translated():
                await self._collection.update_one({"_id": line.account}, [changed], upsert=True)

    async def began(self) -> dict[str, dt.datetime]:
        """Return when each account was first seen to send.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found: list[Any] = await self._collection.find({"began_at": {"$ne": None}}).to_list()
        return {str(each["_id"]): each["began_at"] for each in found}

    async def of(self, lines: Mapping[str, Line]) -> list[Line]:
        """Return `lines` with what every process has seen of them.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = await self._collection.find({"_id": {"$in": list(lines)}}).to_list()
        kept: dict[str, Mapping[str, Any]] = {str(each["_id"]): each for each in found}
        return [_with(line, kept.get(account, {})) for account, line in lines.items()]


def _with(line: Line, kept: Mapping[str, Any]) -> Line:
    return Line(
        account=line.account,
        channel=line.channel,
        up=kept.get("up"),
        since=kept.get("since"),
        reason=kept.get("reason"),
        slowed=kept.get("slowed"),
        slowed_until=kept.get("slowed_until"),
        probed_at=kept.get("probed_at"),
        webhook_at=kept.get("webhook_at"),
        accepted_at=kept.get("accepted_at"),
        capabilities=line.capabilities,
    )
