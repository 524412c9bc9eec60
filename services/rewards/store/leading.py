"""Who leads a week: a board that decisions read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pymongo import ASCENDING, DESCENDING

from services.rewards.domain.leaders import MOST, Leaders
from services.rewards.store.ledger import Weeks
from shared.store.unit_of_work import Session

ORDER = [("points", DESCENDING), ("reached", ASCENDING), ("_id", ASCENDING)]
"""Of every board: the most points first, and of two who have as many, who had them first."""


class Leading:
    """The first of each week, by `<scope>|<week>`."""

    def __init__(self, weeks: Weeks) -> None:
        self._weeks = weeks

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Leaders]:
        """Return the leaders of these weeks."""
        return {key: await self._leaders(session, key) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, Leaders]) -> None:
        """Store nothing.

        Raises:
            TypeError: somebody has changed a board, which only follows from what is on it.
        """
        del session
        if changed:
            raise TypeError("a board follows from what is on it")

    async def _leaders(self, session: Session, board: str) -> Leaders:
        fits = {"board": board, "points": {"$gt": 0}}
        cursor = self._weeks.collection.find(fits, session=session).sort(ORDER).limit(MOST)
        return Leaders(board, tuple([self._weeks.read(each) async for each in cursor]))
