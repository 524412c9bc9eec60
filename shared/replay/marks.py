"""What was done about letters, beside the log: on the log itself nothing is ever changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from shared.replay.letter import Letter, Mark, State
from shared.store.client import Database, Document, translated
from shared.store.mailboxes import REMEMBERED
from shared.store.migrations import Migration, collections
from shared.store.unit_of_work import Session

COLLECTION = "_letters"

_made = collections("0000_letters", **{COLLECTION: ()})


async def _migrate(database: Database) -> None:
    await _made.run(database)
    # Counted from the mark, which comes after the letter: it outlives the letter in any case.
    await database[COLLECTION].create_index("at", expireAfterSeconds=int(REMEMBERED.total_seconds()))


MIGRATION = Migration(_made.name, _migrate)


class Marks:
    """Remembers which letters were replayed or dropped, when, by whom and how often."""

    def __init__(self, database: Database) -> None:
        self._collection = database[COLLECTION]

    async def of(self, ids: Collection[str], session: Session | None = None) -> Mapping[str, Mark]:
        """Return the marks of those of `ids` that have one.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        if session is not None:
            return await self._of(ids, session)
        async with translated():
            return await self._of(ids, None)

    async def put(
        self, session: Session, letters: Sequence[Letter], state: State, *, by: str, now: dt.datetime
    ) -> None:
        """Mark `letters`, whose marks are as they say."""
        times = int(state is State.REPLAYED)
        new: list[Document] = [
            {"_id": each.id, "state": state, "at": now, "by": by, "times": times}
            for each in letters
            if each.mark is None
        ]
        if new:
            await self._collection.insert_many(new, ordered=False, session=session)
        if known := [each.id for each in letters if each.mark is not None]:
            await self._collection.update_many(
                {"_id": {"$in": known}},
                {"$set": {"state": state, "at": now, "by": by}, "$inc": {"times": times}},
                session=session,
            )

    async def _of(self, ids: Collection[str], session: Session | None) -> Mapping[str, Mark]:
        found = self._collection.find({"_id": {"$in": list(ids)}}, session=session)
        return {str(each["_id"]): _to_mark(each) async for each in found}


def _to_mark(document: Document) -> Mark:
    at = document["at"]
    assert isinstance(at, dt.datetime)  # noqa: S101 - what `put` wrote
    return Mark(State(str(document["state"])), at, str(document["by"]), int(str(document["times"])))
