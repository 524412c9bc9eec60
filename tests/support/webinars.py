"""A group that holds sessions, in memory."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import services.events
from services.events.consumer import subscription
from services.events.domain.award import Award
from services.events.domain.board import Board
from services.events.domain.codes import Codes
from services.events.domain.community import Community
from services.events.domain.course import Course
from services.events.domain.feedback import Feedback
from services.events.domain.listening import Listener
from services.events.domain.member import Member
from services.events.domain.reach import Sent
from services.events.domain.roll import Entry, Roll
from services.events.domain.speaker import Speaker
from services.events.domain.webinar import Webinar, webinar_id
from services.events.scenes import Stores
from shared.chats import Chat
from shared.clock import DEFAULT_ZONE
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageSend
from shared.contracts.members import ChatConfigured, MemberPromoted
from shared.i18n import Catalogue, Language
from shared.replies import Speaker as Voice
from tests.support.events import chat_id, member_id
from tests.support.moderation import happens, writes
from tests.support.village import InMemory, Village

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
"""Monday 23 November 2026, 10:00 in India."""

SCOPE = "community:seekho"
ADMIN = 1000
CODES = Codes(b"the secret of these tests")
PUBLIC_URL = "https://chaupal.example.org"
VOICE = Voice(Catalogue.load(Path(services.events.__path__[0]) / "locale"), Language.HI, DEFAULT_ZONE)


def nothing(key: str) -> None:
    """Return what is under a key that nothing was put under."""
    del key


class Group:
    """A group of the community `seekho`, of which member 1000 is the admin."""

    def __init__(self, *, language: str | None = "hi") -> None:
        self.chats: InMemory[Chat] = InMemory(Chat)
        self.communities: InMemory[Community] = InMemory(Community)
        self.members: InMemory[Member] = InMemory(Member)
        self.webinars: InMemory[Webinar | None] = InMemory(nothing)
        self.courses: InMemory[Course | None] = InMemory(nothing)
        self.rolls: InMemory[Roll] = InMemory(Roll)
        self.boards: InMemory[Board | None] = InMemory(nothing)
        self.feedback: InMemory[Feedback | None] = InMemory(nothing)
        self.awards: InMemory[Award | None] = InMemory(nothing)
        self.speakers: InMemory[Speaker | None] = InMemory(nothing)
        self.sends: InMemory[Sent | None] = InMemory(nothing)
        self.stores = Stores(
            chats=self.chats,
            communities=self.communities,
            members=self.members,
            webinars=self.webinars,
            courses=self.courses,
            rolls=self.rolls,
            boards=self.boards,
            feedback=self.feedback,
            awards=self.awards,
            speakers=self.speakers,
            sends=self.sends,
        )
        table = subscription(self.stores, Listener(CODES, PUBLIC_URL), CODES, PUBLIC_URL)
        self.village = Village(table, VOICE, NOW)
        self._language = language
        self._numbers = itertools.count(1)

    async def begin(self) -> Group:
        """Tell the service what the group is and who its admin is."""
        configured = ChatConfigured(
            chat_id=chat_id(0),
            chat_kind=ChatKind.GROUP,
            community="seekho",
            language=self._language,
            zone="Asia/Kolkata",
            channel="waha",
            configured_at=NOW,
        )
        await self.village.happens(happens(configured, at=NOW))
        await self.promotes(ADMIN)
        return self

    async def promotes(self, member: int) -> None:
        """Make somebody an admin."""
        promoted = MemberPromoted(
            chat_id=chat_id(0), chat_kind=ChatKind.GROUP, member_id=member_id(member), promoted_at=NOW
        )
        await self.village.happens(happens(promoted, at=NOW))

    async def writes(self, text: str, *, by: int = ADMIN, **more: Any) -> str:
        """Let somebody write, and return what was said last, "" where nothing was said to it."""
        before = len(self.village.said)
        await self.village.happens(self.message(text, by=by, **more))
        return self.village.last if len(self.village.said) > before else ""

    def message(self, text: str, *, by: int = ADMIN, **more: Any) -> Envelope[Any]:
        """Return the event of somebody writing just now."""
        return writes(next(self._numbers), text, by=by, at=self.village.now, **more)

    async def calls(self, text: str = "SEO वेबिनार कल शाम साढ़े सात बजे") -> int:
        """Let the admin call a session, and return its number."""
        await self.writes(f"!कार्यक्रम नया {text}")
        await self.writes("हाँ")
        return self.communities.kept[SCOPE].next_number - 1

    @property
    def reminders(self) -> list[MessageSend]:
        """Return what was sent to remind of sessions."""
        return [each for each in self.village.said if each.member_id and each.text.startswith("⏰")]

    def webinar(self, number: int) -> Webinar:
        """Return a session of the group."""
        found = self.webinars.kept[webinar_id(SCOPE, number)]
        assert found is not None
        return found

    def entry(self, number: int, member: int) -> Entry | None:
        """Return what a member has on the roll of a session."""
        roll = self.rolls.kept.get(webinar_id(SCOPE, number))
        return roll.of(member_id(member)) if roll is not None else None
