"""Counts rewards over all communities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from services.rewards.domain.simulating import FIRST
from services.rewards.domain.tally import Tally
from services.rewards.store.ledger import Ledger, Weeks
from services.rewards.store.people import Communities
from shared.store.client import Document, translated

FEWEST = 2 * FIRST
"""Where fewer have points than that, the first few have most of them by necessity."""


@dataclass(frozen=True, slots=True)
class _Shares:
    members: int
    points: int
    first: int


_SHARES = TypeAdapter(_Shares)
_POINTS = TypeAdapter(dict[bool, int])


class Tallying:
    """What rewards come to."""

    def __init__(self, ledger: Ledger, weeks: Weeks, communities: Communities) -> None:
        self._ledger, self._weeks, self._communities = ledger, weeks, communities

    async def tally(self, weeks: Sequence[str], since: dt.datetime) -> Tally:
        """Return what these weeks come to, and the lines since then.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            scopes = [str(each["_id"]) async for each in self._communities.collection.find({}, {"_id": 1})]
            shares = [await self._shares(scope, weeks) for scope in scopes]
            lines: list[Document] = [
                {"$match": {"scope": {"$in": scopes}, "booked_at": {"$gte": since}}},
                {"$group": {"_id": {"$lt": ["$points", 0]}, "points": {"$sum": "$points"}}},
            ]
            found = await self._ledger.collection.aggregate(lines)
            sums = _POINTS.validate_python({each["_id"]: each["points"] async for each in found})
        return Tally(
            rewarded=sum(members for members, _ in shares),
            first=max((share for members, share in shares if members >= FEWEST), default=0.0),
            awarded=sums.get(False, 0),
            reversed=-sums.get(True, 0),
        )

    async def _shares(self, scope: str, weeks: Sequence[str]) -> tuple[int, float]:
        """Return how many have points in a scope, and what share the first of them have."""
        stages: list[Document] = [
            {"$match": {"board": {"$in": [f"{scope}|{week}" for week in weeks]}, "points": {"$gt": 0}}},
            {"$group": {"_id": {"$last": {"$split": ["$key", "|"]}}, "points": {"$sum": "$points"}}},
            {"$sort": {"points": -1}},
            {
                "$group": {
                    "_id": None,
                    "members": {"$sum": 1},
                    "points": {"$sum": "$points"},
                    "each": {"$push": "$points"},
                }
            },
            {"$project": {"members": 1, "points": 1, "first": {"$sum": {"$slice": ["$each", FIRST]}}}},
        ]
        async for each in await self._weeks.collection.aggregate(stages):
            found = _SHARES.validate_python(each)
            return found.members, found.first / found.points
        return 0, 0.0
