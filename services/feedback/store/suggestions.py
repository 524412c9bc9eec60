"""Suggestions, and what members say of each."""

from __future__ import annotations

import datetime as dt

from pymongo import DESCENDING

from services.feedback.domain.suggestions.suggestion import Suggestion
from services.feedback.domain.suggestions.voices import Voices
from services.feedback.domain.suggestions.waiting import Waiting
from shared.contracts.feedback import SuggestionStatus
from shared.http.paging import Place
from shared.store.client import Database, Document, translated
from shared.store.documents import Documents, Entries


class Suggestions(Entries[Suggestion]):
    """Suggestions by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["suggestions"], Suggestion)

    async def page(
        self, scope: str | None, status: SuggestionStatus | None, before: Place | None, limit: int
    ) -> list[Suggestion]:
        """Return up to `limit` suggestions, the newest first, beginning behind `before`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        fits: list[Document] = []
        if scope is not None:
            fits.append({"scope": scope})
        if status is not None:
            fits.append({"status": str(status)})
        if before is not None:
            at, id_ = before
            fits.append({"$or": [{"made_at": {"$lt": at}}, {"made_at": at, "_id": {"$lt": id_}}]})
        order = [("made_at", DESCENDING), ("_id", DESCENDING)]
        async with translated():
            found = self.collection.find({"$and": fits} if fits else {}).sort(order).limit(limit)
            return [self.read(each) async for each in found]

    async def waiting(self, since: dt.datetime) -> Waiting:
        """Return how many there are of each status, and how many made before `since` nobody has answered.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        standing: Document = {"merged_into": None}
        async with translated():
            counts: dict[SuggestionStatus, int] = {
                status: await self.collection.count_documents({**standing, "status": str(status)})
                for status in SuggestionStatus
                if status is not SuggestionStatus.UNKNOWN
            }
            late = {**standing, "status": str(SuggestionStatus.NEW), "made_at": {"$lt": since}}
            return Waiting(counts, await self.collection.count_documents(late))


class Voiced(Documents[Voices]):
    """What members say of suggestions, by the suggestion's id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["voices"], Voices, Voices, sparse=True)
