"""Chats, communities and their webinars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from pymongo import ASCENDING, DESCENDING

from services.events.domain.community import Community
from services.events.domain.course import Course
from services.events.domain.search import WebinarFilter
from services.events.domain.tally import Tally
from services.events.domain.webinar import AHEAD, Webinar
from shared.chats import Chat
from shared.store.client import Database, Document, translated
from shared.store.documents import Documents, Entries


class Chats(Documents[Chat]):
    """Chats by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["chats"], Chat, Chat)


class Communities(Documents[Community]):
    """Communities by their scope."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["communities"], Community, Community)


class Courses(Entries[Course]):
    """Series by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["courses"], Course)


class Webinars(Entries[Webinar]):
    """Webinars by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["webinars"], Webinar)

    async def page(
        self, wanted: WebinarFilter, after: tuple[dt.datetime, str] | None, limit: int
    ) -> list[Webinar]:
        """Return up to `limit` webinars that fit, in the order of their start, beginning behind `after`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        direction, beyond = (DESCENDING, "$lt") if wanted.latest_first else (ASCENDING, "$gt")
        fits: list[Document] = [_query(wanted)]
        if after is not None:
            at, webinar_id = after
            same = {"starts_at": at, "_id": {beyond: webinar_id}}
            fits.append({"$or": [{"starts_at": {beyond: at}}, same]})
        order = [("starts_at", direction), ("_id", direction)]
        async with translated():
            found = self.collection.find({"$and": fits}).sort(order).limit(limit)
            return [self.read(each) async for each in found]

    async def of(self, webinar_ids: Collection[str]) -> list[Webinar]:
        """Return the webinars of these ids that exist, in the order of their start.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = self.collection.find({"_id": {"$in": list(webinar_ids)}}).sort("starts_at", ASCENDING)
            return [self.read(each) async for each in found]

    async def tally(self, since: dt.datetime) -> Tally:
        """Return what the webinars that started since then, or will, come to.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        by_stage: list[Document] = [
            {"$match": {"starts_at": {"$gte": since}}},
            {
                "$group": {
                    "_id": "$stage",
                    "n": {"$sum": 1},
                    "registered": {"$sum": "$registered"},
                    "attended": {"$sum": "$attended"},
                }
            },
        ]
        roll: Document = {"from": "rolls", "localField": "_id", "foreignField": "_id", "as": "roll"}
        seats: list[Document] = [
            {"$match": {"stage": {"$in": sorted(str(each) for each in AHEAD)}}},
            {"$lookup": roll},
            {"$unwind": "$roll"},
            {
                "$group": {
                    "_id": None,
                    "taken": {"$sum": {"$ifNull": ["$roll.taken", 0]}},
                    "waiting": {"$sum": {"$size": {"$ifNull": ["$roll.queue", []]}}},
                }
            },
        ]
        async with translated():
            stages = [each async for each in await self.collection.aggregate(by_stage)]
            ahead = [each async for each in await self.collection.aggregate(seats)]
        return Tally(
            stages={each["_id"]: each["n"] for each in stages},
            taken=sum(each["taken"] for each in ahead),
            waiting=sum(each["waiting"] for each in ahead),
            registered=sum(each["registered"] for each in stages),
            attended=sum(each["attended"] for each in stages),
        )


def _query(wanted: WebinarFilter) -> Document:
    query: Document = {}
    if wanted.scope is not None:
        query["scope"] = wanted.scope
    if wanted.stages:
        query["stage"] = {"$in": sorted(str(each) for each in wanted.stages)}
    if wanted.origin is not None:
        query["origin.origin_id"] = wanted.origin
    span = {"$gte": wanted.since, "$lt": wanted.until}
    if bounds := {name: at for name, at in span.items() if at is not None}:
        query["starts_at"] = bounds
    return query
