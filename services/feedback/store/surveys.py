"""Surveys, what was answered, which links were used, and who may be asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from pymongo import DESCENDING

from services.feedback.domain.surveys.panel import Panel, Panelist
from services.feedback.domain.surveys.survey import Receipts, Responses, Sent, Survey
from services.feedback.store.people import Members
from shared.clock import Clock
from shared.http.paging import Place
from shared.store.client import Database, Document, translated
from shared.store.documents import Documents, Entries
from shared.store.unit_of_work import Session

KNOWN_FOR = dt.timedelta(days=7)
"""How long it is known for which survey something was sent: longer than any delivery takes to fail."""


class Surveys(Entries[Survey]):
    """Surveys by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["surveys"], Survey)

    async def page(self, scope: str | None, before: Place | None, limit: int) -> list[Survey]:
        """Return up to `limit` surveys, the newest first, beginning behind `before`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        fits: Document = {} if scope is None else {"scope": scope}
        if before is not None:
            at, id_ = before
            fits["$or"] = [{"opened_at": {"$lt": at}}, {"opened_at": at, "_id": {"$lt": id_}}]
        order = [("opened_at", DESCENDING), ("_id", DESCENDING)]
        async with translated():
            return [self.read(each) async for each in self.collection.find(fits).sort(order).limit(limit)]


class Answers(Documents[Responses]):
    """What was answered, by the survey."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["responses"], Responses, Responses, sparse=True)


class UsedLinks(Documents[Receipts]):
    """Which links were used, by the survey."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["receipts"], Receipts, Receipts)


class Invitations(Entries[Sent]):
    """What was sent, by the id of the command."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database["sends"], Sent, lambda _: {"remove_at": clock.now() + KNOWN_FOR})


class Panels:
    """The members of scopes, with when they were asked last; they follow from the members."""

    def __init__(self, members: Members) -> None:
        self._members = members

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Panel]:
        """Return the members of every scope."""
        return {key: Panel(key, await self._of(session, key)) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, Panel]) -> None:
        """Store nothing.

        Raises:
            ValueError: a decision has changed one.
        """
        del session
        if changed:
            raise ValueError("a panel follows from its members")

    async def _of(self, session: Session, scope: str) -> tuple[Panelist, ...]:
        found = self._members.collection.find(
            {"scopes": scope, "merged_into": None}, {"asked_at": 1}, session=session
        )
        return tuple([Panelist(str(each["_id"]), self._asked(each)) async for each in found])

    def _asked(self, document: Document) -> dt.datetime | None:
        return self._members.read({"member_id": "", **document}).asked_at
