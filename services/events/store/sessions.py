"""What belongs to webinars: questions, ratings, certificates and speakers."""

from __future__ import annotations

from collections.abc import Collection

from services.events.domain.award import Award
from services.events.domain.board import Board
from services.events.domain.feedback import Feedback
from services.events.domain.speaker import Speaker
from services.events.domain.webinar import Webinar
from shared.store.client import Database, translated
from shared.store.documents import Entries


class Boards(Entries[Board]):
    """Questions by their webinar."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["boards"], Board)


class Feedbacks(Entries[Feedback]):
    """What was said of a webinar, by the webinar."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["feedback"], Feedback)


class Awards(Entries[Award]):
    """What members hold for webinars, by `award_key`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["awards"], Award)

    async def of_certificate(self, certificate_id: str) -> Award | None:
        """Return the award to which a certificate belongs.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = await self.collection.find_one({"issued.certificate_id": certificate_id})
        return self.read(found) if found else None


class Speakers(Entries[Speaker]):
    """Speakers by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["speakers"], Speaker)

    async def of_scope(self, scope: str) -> list[Speaker]:
        """Return the speakers of a community or chat, by name.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            return [self.read(each) async for each in self.collection.find({"scope": scope}).sort("name", 1)]

    async def names_of(self, webinars: Collection[Webinar]) -> dict[str, str]:
        """Return whom to name as the speaker of each, by the webinar: only who agrees to be named.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        wanted = sorted({name for each in webinars for name in each.speakers})
        if not wanted:
            return {}
        async with translated():
            found = [self.read(each) async for each in self.collection.find({"_id": {"$in": wanted}})]
        names = {each.speaker_id: each.name for each in found if each.named.holds}
        said = {
            each.webinar_id: ", ".join(names[name] for name in each.speakers if name in names)
            for each in webinars
        }
        return {webinar: text for webinar, text in said.items() if text}
