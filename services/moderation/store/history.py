"""Messages as they were judged, for as long as text may be kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from typing import cast

from pymongo import ASCENDING, DESCENDING

from services.moderation import measures
from services.moderation.domain.history.judged import Judged
from shared.store.client import Database, Document, translated
from shared.store.documents import Entries
from shared.store.unit_of_work import Session

_OF_BOTH = ("message_id", "chat_id", "member_id", "at")
"""What a judgement and its trace have in common, and mostly the same."""


class History(Entries[Judged]):
    """Judgements by the message's id; the database forgets them when their time is over.

    Every message leaves one, so none says twice what its trace says too, nor what is as it is by default.
    """

    def __init__(self, database: Database, retention: dt.timedelta) -> None:
        super().__init__(
            database["history"],
            Judged,
            also=lambda judged: {"remove_at": judged.at + retention},
            sparse=True,
        )

    def read(self, document: Mapping[str, object]) -> Judged:
        """Return the judgement in `document`."""
        shared = {field: document[field] for field in _OF_BOTH}
        return super().read({**document, "trace": shared | cast("Document", document["trace"])})

    def write(self, key: str, state: Judged) -> Document:
        """Return the document that stands for `state`; of its trace, what the rest does not say."""
        fields = super().write(key, state)
        trace = cast("Document", fields["trace"])
        for field in _OF_BOTH:
            if trace[field] == fields[field]:
                del trace[field]
        return fields

    async def save(self, session: Session, changed: Mapping[str, Judged | None]) -> None:
        """Store `changed`, and count what the rules have found."""
        await super().save(session, changed)
        for each in changed.values():
            if each is not None and not each.edits:
                # A transaction that is run again counts again: races are rare, and these are no bills.
                measures.judged(each)

    async def between(
        self, scope: str, start: dt.datetime, end: dt.datetime, chat_id: str | None = None
    ) -> AsyncIterator[Judged]:
        """Yield what was judged in a scope from `start` until before `end`, each chat in its order.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        query: Document = {"scope": scope, "at": {"$gte": start, "$lt": end}}
        if chat_id is not None:
            query["chat_id"] = chat_id
        async with translated():
            async for each in self.collection.find(query).sort([("chat_id", ASCENDING), ("seq", ASCENDING)]):
                yield self.read(each)

    async def count(self, scope: str, start: dt.datetime, end: dt.datetime) -> int:
        """Return how many judgements `between` yields.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            return await self.collection.count_documents({"scope": scope, "at": {"$gte": start, "$lt": end}})

    async def before(self, chat_id: str, seq: int, limit: int) -> list[Judged]:
        """Return the last judgements of a chat before `seq`, at most `limit`, the oldest first.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        query: Document = {"chat_id": chat_id, "seq": {"$lt": seq}}
        async with translated():
            found = self.collection.find(query).sort("seq", DESCENDING).limit(limit)
            return [self.read(each) async for each in found][::-1]
