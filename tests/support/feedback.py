"""A group that suggests things, in memory: messages go in, and what became of them comes out."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import services.feedback
from services.feedback.consumer import subscription
from services.feedback.domain.community import Community
from services.feedback.domain.effects.samples import Fact
from services.feedback.domain.member import Member
from services.feedback.domain.post import Post
from services.feedback.domain.reviews.item import Item
from services.feedback.domain.strategies.registered import Reading, Registered
from services.feedback.domain.strategies.tally import Tally
from services.feedback.domain.suggestions.suggestion import Suggestion, suggestion_id
from services.feedback.domain.suggestions.voices import Voices
from services.feedback.domain.surveys.panel import Panel, Panelist
from services.feedback.domain.surveys.survey import Receipts, Responses, Sent, Survey
from services.feedback.domain.surveys.telling import Asking
from services.feedback.domain.surveys.tickets import Tickets
from services.feedback.scenes import Stores
from shared.chats import Chat
from shared.clock import DEFAULT_ZONE
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind
from shared.contracts.members import ChatConfigured, MemberMerged, MemberPromoted, MemberUnmerged
from shared.i18n import Catalogue, Language
from shared.replies import Speaker
from tests.support.events import chat_id, member_id
from tests.support.moderation import happens, writes
from tests.support.village import InMemory, Village

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
"""Monday 23 November 2026, 10:00 in India."""

SCOPE = "community:seekho"
ADMIN = 1000
VOICE = Speaker(Catalogue.load(Path(services.feedback.__path__[0]) / "locale"), Language.HI, DEFAULT_ZONE)


ASKING = Asking(Tickets(b"the secret of these tests"), "https://chaupal.example.org")


def nothing(key: str) -> None:
    """Return what is under a key that nothing was put under."""
    del key


class ReadingsInMemory:
    """The facts of a metric, from the tallies in memory."""

    def __init__(self, tallies: InMemory[Tally]) -> None:
        self._tallies = tallies

    async def load(self, session: Any, keys: Collection[str]) -> Mapping[str, Reading]:
        """Return the facts behind every key."""
        del session
        return {key: Reading(key, self._facts(key)) for key in keys}

    async def save(self, session: Any, changed: Mapping[str, Reading]) -> None:
        """Store nothing: facts of a metric follow from the tallies."""
        del session
        assert not changed

    def _facts(self, key: str) -> tuple[Fact, ...]:
        of, first, last = key.rsplit("|", 2)
        kept = self._tallies.kept.values()
        return tuple(
            each.fact for each in kept if each.key.rsplit("|", 1)[0] == of and first <= each.day <= last
        )


class PanelsInMemory:
    """Who may be asked, from the members in memory."""

    def __init__(self, members: InMemory[Member]) -> None:
        self._members = members

    async def load(self, session: Any, keys: Collection[str]) -> Mapping[str, Panel]:
        """Return the members of every scope."""
        del session
        return {key: Panel(key, self._of(key)) for key in keys}

    async def save(self, session: Any, changed: Mapping[str, Panel]) -> None:
        """Store nothing: a panel follows from its members."""
        del session
        assert not changed

    def _of(self, scope: str) -> tuple[Panelist, ...]:
        kept = (each for each in self._members.kept.values() if each.merged_into is None)
        return tuple(Panelist(each.member_id, each.asked_at) for each in kept if scope in each.scopes)


class Group:
    """A group of the community `seekho`, of which member 1000 is the admin."""

    def __init__(self, *, language: str | None = "hi") -> None:
        self.chats: InMemory[Chat] = InMemory(Chat)
        self.communities: InMemory[Community] = InMemory(Community)
        self.members: InMemory[Member] = InMemory(Member)
        self.posts: InMemory[Post] = InMemory(Post)
        self.suggestions: InMemory[Suggestion | None] = InMemory(nothing)
        self.voices: InMemory[Voices] = InMemory(Voices)
        self.tallies: InMemory[Tally] = InMemory(Tally)
        self.strategies: InMemory[Registered | None] = InMemory(nothing)
        self.reviews: InMemory[Item | None] = InMemory(nothing)
        self.surveys: InMemory[Survey | None] = InMemory(nothing)
        self.responses: InMemory[Responses] = InMemory(Responses)
        self.receipts: InMemory[Receipts] = InMemory(Receipts)
        self.sends: InMemory[Sent | None] = InMemory(nothing)
        self.stores = Stores(
            chats=self.chats,
            communities=self.communities,
            members=self.members,
            posts=self.posts,
            suggestions=self.suggestions,
            voices=self.voices,
            tallies=self.tallies,
            strategies=self.strategies,
            readings=ReadingsInMemory(self.tallies),
            reviews=self.reviews,
            surveys=self.surveys,
            responses=self.responses,
            receipts=self.receipts,
            panels=PanelsInMemory(self.members),
            sends=self.sends,
        )
        self.village = Village(subscription(self.stores, ASKING), VOICE, NOW)
        self._language = language
        self._numbers = itertools.count(1)

    async def begin(self) -> Group:
        """Tell the service what the group is and who its admin is."""
        await self.configured("seekho")
        promoted = MemberPromoted(
            chat_id=chat_id(0), chat_kind=ChatKind.GROUP, member_id=member_id(ADMIN), promoted_at=NOW
        )
        await self.village.happens(happens(promoted, at=NOW))
        return self

    async def configured(self, community: str | None, chat: int = 0) -> None:
        """Tell the service what a chat is."""
        configured = ChatConfigured(
            chat_id=chat_id(chat),
            chat_kind=ChatKind.GROUP,
            community=community,
            language=self._language,
            zone="Asia/Kolkata",
            channel="waha",
            configured_at=NOW,
        )
        await self.village.happens(happens(configured, at=NOW))

    async def writes(self, text: str, *, by: int = 1, **more: Any) -> str:
        """Let somebody write, and return what was said first to it, "" where nothing was said."""
        before = len(self.village.said)
        await self.village.happens(self.message(text, by=by, **more))
        return self.village.said[before].text if len(self.village.said) > before else ""

    def message(self, text: str, *, by: int = 1, **more: Any) -> Envelope[Any]:
        """Return the event of somebody writing just now."""
        self.village.now += dt.timedelta(seconds=1)
        return writes(next(self._numbers), text, by=by, at=self.village.now, **more)

    async def merged(self, kept: int, gone: int) -> None:
        """Tell that two members are one person."""
        one = MemberMerged(member_id=member_id(kept), merged_id=member_id(gone), merged_at=self.village.now)
        await self.village.happens(happens(one, at=self.village.now))

    async def parted(self, kept: int, gone: int) -> None:
        """Tell that they are two after all."""
        two = MemberUnmerged(
            member_id=member_id(kept), merged_id=member_id(gone), unmerged_at=self.village.now
        )
        await self.village.happens(happens(two, at=self.village.now))

    def suggestion(self, number: int) -> Suggestion:
        """Return a suggestion of the community."""
        found = self.suggestions.kept[suggestion_id(SCOPE, number)]
        assert found is not None
        return found

    def told(self) -> list[tuple[str | None, str]]:
        """Return what was said to members alone: to whom, and what."""
        return [(each.member_id, each.text) for each in self.village.said if each.member_id is not None]
