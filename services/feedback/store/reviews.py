"""What is looked at again from time to time."""

from __future__ import annotations

from services.feedback.domain.reviews.item import Item
from shared.store.client import Database, translated
from shared.store.documents import Entries


class Reviews(Entries[Item]):
    """Items by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["reviews"], Item)

    async def of(self, scope: str) -> list[Item]:
        """Return what a community reviews.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            return [
                self.read(each) async for each in self.collection.find({"scope": scope, "retired": False})
            ]
