"""Members, the rolls they are on, and what was sent to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from services.events.domain.member import Member
from services.events.domain.reach import Sent
from services.events.domain.roll import Roll
from shared.store.client import Database, Document, translated
from shared.store.documents import Documents, Entries

SENT_FOR = dt.timedelta(days=90)
"""How long it is known whom a reminder has reached."""


class Members(Documents[Member]):
    """Members by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["members"], Member, Member)


class Rolls(Documents[Roll]):
    """Rolls by the id of their webinar."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["rolls"], Roll, Roll, sparse=True)

    async def of(self, webinar_ids: Collection[str]) -> dict[str, Roll]:
        """Return the rolls of these webinars that exist, by the webinar.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = self.collection.find({"_id": {"$in": list(webinar_ids)}})
            return {str(each["_id"]): self.read(each) async for each in found}


class Sends(Entries[Sent]):
    """What was sent, by the id of the command."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["sends"], Sent, _until)

    async def reach(self, webinar_id: str) -> dict[tuple[int, str, str | None], int]:
        """Return how many reminders of a webinar got how far, by reminder, state and reason.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        group = {"before": "$before_minutes", "reached": "$reached", "reason": "$reason"}
        stages: list[Document] = [
            {"$match": {"webinar_id": webinar_id}},
            {"$group": {"_id": group, "n": {"$sum": 1}}},
        ]
        async with translated():
            found = [each async for each in await self.collection.aggregate(stages)]
        return {
            (each["_id"]["before"], each["_id"]["reached"], each["_id"].get("reason")): each["n"]
            for each in found
        }

    async def lately(self, since: dt.datetime) -> tuple[dict[str, int], float]:
        """Return how many reminders since then got how far, and the lateness of the latest, in seconds.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        stages: list[Document] = [
            {"$match": {"at": {"$gte": since}}},
            {"$group": {"_id": "$reached", "n": {"$sum": 1}, "late": {"$max": "$late_seconds"}}},
        ]
        async with translated():
            found = [each async for each in await self.collection.aggregate(stages)]
        return {each["_id"]: each["n"] for each in found}, max((each["late"] for each in found), default=0.0)


def _until(sent: Sent) -> Document:
    return {"remove_at": sent.at + SENT_FOR}
