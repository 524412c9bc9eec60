"""Strategies, and the sums of facts by which they are judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pymongo import DESCENDING

from services.feedback.domain.effects.samples import Fact
from services.feedback.domain.strategies.registered import Reading, Registered
from services.feedback.domain.strategies.tally import Tally
from shared.http.paging import Place
from shared.store.client import Database, Document, translated
from shared.store.documents import Documents, Entries
from shared.store.unit_of_work import Session


class Strategies(Entries[Registered]):
    """Strategies by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["strategies"], Registered)

    async def page(self, scope: str | None, before: Place | None, limit: int) -> list[Registered]:
        """Return up to `limit` strategies, the newest first, beginning behind `before`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        fits: Document = {} if scope is None else {"scope": scope}
        if before is not None:
            at, id_ = before
            fits["$or"] = [{"registered_at": {"$lt": at}}, {"registered_at": at, "_id": {"$lt": id_}}]
        order = [("registered_at", DESCENDING), ("_id", DESCENDING)]
        async with translated():
            return [self.read(each) async for each in self.collection.find(fits).sort(order).limit(limit)]


class Tallies(Documents[Tally]):
    """Sums of facts by their key; found again by what they are of, and their day."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database["tallies"],
            Tally,
            Tally,
            also=lambda tally: {"of": tally.key.rsplit("|", 1)[0]},
            sparse=True,
        )

    async def facts(self, of: str, first: str, last: str, session: Session | None = None) -> tuple[Fact, ...]:
        """Return the facts of a scope and a metric, `<scope>|<metric>`, over some days, both included.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        days = {"of": of, "day": {"$gte": first, "$lte": last}}
        async with translated():
            # Who was counted is no part of a fact, and most of a tally.
            found = self.collection.find(days, {"people": 0}, session=session)
            return tuple([self.read(each).fact async for each in found])


class Readings:
    """The facts of a metric over some days; they follow from the tallies, and are not stored."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Reading]:
        """Return the facts behind every key."""
        return {key: Reading(key, await self._tallies.facts(*_spans(key), session)) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, Reading]) -> None:
        """Store nothing.

        Raises:
            ValueError: a decision has changed one.
        """
        del session
        if changed:
            raise ValueError("facts of a metric follow from the tallies")


def _spans(key: str) -> tuple[str, str, str]:
    of, first, last = key.rsplit("|", 2)
    return of, first, last
