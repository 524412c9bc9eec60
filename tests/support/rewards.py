"""A group whose members thank each other, in memory: facts go in, and points come out."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import services.rewards
from services.rewards.consumer import subscription
from services.rewards.domain.account import Account, account_key
from services.rewards.domain.board import NEWCOMERS, Board, Line, Place
from services.rewards.domain.community import Community
from services.rewards.domain.contests.contest import Ballots
from services.rewards.domain.leaders import MOST, Leaders
from services.rewards.domain.member import Member
from services.rewards.domain.post import Post
from services.rewards.domain.rules import Rules
from services.rewards.domain.standing import Standing
from services.rewards.domain.week import Week
from services.rewards.scenes import Stores
from shared.chats import Chat
from shared.clock import DEFAULT_ZONE
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import ChatKind, MessageKind, MessageReceived, ReactionChanged
from shared.contracts.members import ChatConfigured, MemberPromoted
from shared.contracts.webinars import AttendanceProof, AttendanceRecorded, AttendanceWithdrawn, WebinarEnded
from shared.i18n import Catalogue, Language
from shared.ids import deterministic_id
from shared.replies import Speaker
from tests.support.events import chat_id, member_id, message_id
from tests.support.village import InMemory, Village

NOW = dt.datetime(2026, 11, 18, 6, 30, tzinfo=dt.UTC)
"""Wednesday 18 November 2026, noon in India."""

SCOPE = "community:seekho"
GROUP = chat_id(0)
ADMIN = 100
PUBLIC_URL = "https://chaupal.example"


class LeadingInMemory:
    """Who leads a week, from the weeks in memory."""

    def __init__(self, weeks: InMemory[Week]) -> None:
        self._weeks = weeks

    async def load(self, session: Any, keys: Collection[str]) -> Mapping[str, Leaders]:
        """Return the leaders of these weeks."""
        del session
        return {key: self._leaders(key) for key in keys}

    async def save(self, session: Any, changed: Mapping[str, Leaders]) -> None:
        """Store nothing: a board follows from what is on it."""
        del session
        assert not changed

    def _leaders(self, board: str) -> Leaders:
        fit = [each for key, each in self._weeks.kept.items() if key.rsplit("|", 1)[0] == board]
        weeks = sorted(
            (each for each in fit if each.points), key=lambda each: (-each.points, each.reached, each.key)
        )
        return Leaders(board, tuple(weeks[:MOST]))


class BoardsInMemory:
    """Boards and places on them, from the weeks and standings in memory."""

    def __init__(self, stores: dict[str, InMemory[Any]]) -> None:
        self._stores = stores

    async def load(self, session: Any, keys: Collection[str]) -> Mapping[str, Any]:
        """Return these boards, or these places."""
        del session
        return {key: self._place(key) if "|m_" in key else self._board(key) for key in keys}

    async def save(self, session: Any, changed: Mapping[str, Any]) -> None:
        """Store nothing: a board follows from what is on it."""
        del session
        assert not changed

    def _lines(self, board: str) -> list[tuple[str, int]]:
        every = {**self._stores["weeks"].kept, **self._stores["standings"].kept}
        if board.endswith("|all"):
            accounts = self._stores["accounts"].kept.values()
            found = [each for each in accounts if f"{each.scope}|all" == board and each.total > 0]
            found.sort(key=lambda each: (-each.total, each.reached, each.key))
            return [(each.member_id, each.total) for each in found]
        lines = [each for key, each in every.items() if key.rpartition("|")[0] == board and each.points > 0]
        lines.sort(key=lambda each: (-each.points, each.reached, each.key))
        return [(each.member_id, each.points) for each in lines]

    def _board(self, key: str) -> Board:
        scope, _, period = key.rpartition("|")
        lines = self._lines(key)
        if period == NEWCOMERS:
            accounts = self._stores["accounts"].kept.values()
            lines = [(each.member_id, each.total) for each in accounts if each.joined_at and each.total > 0]
        shown = [
            each
            for each in lines
            if not getattr(self._stores["members"].kept.get(each[0]), "private", False)
            and getattr(self._stores["accounts"].kept.get(f"{scope}|{each[0]}"), "here", True)
        ]
        return Board(
            key,
            tuple(
                Line(member, points, 1 + sum(more > points for _, more in shown)) for member, points in shown
            ),
        )

    def _place(self, key: str) -> Place:
        board, _, member = key.rpartition("|")
        lines = self._lines(board)
        points = dict(lines).get(member, 0)
        return Place(key, points, 1 + sum(more > points for _, more in lines) if points else None)


def stores_in_memory() -> Stores:
    """Return the stores of rewards without a database."""
    weeks, standings = InMemory(Week), InMemory(Standing)
    accounts, members = InMemory(Account), InMemory(Member)
    boards = BoardsInMemory(
        {"weeks": weeks, "standings": standings, "accounts": accounts, "members": members}
    )
    return Stores(
        chats=InMemory(Chat),
        communities=InMemory(Community),
        members=members,
        posts=InMemory(Post),
        accounts=accounts,
        weeks=weeks,
        standings=standings,
        entries=InMemory(lambda _: None),
        leaders=LeadingInMemory(weeks),
        boards=boards,
        places=boards,
        contests=InMemory(lambda _: None),
        ballots=InMemory(Ballots),
        prizes=InMemory(lambda _: None),
    )


class Group(Village):
    """The group `seekho`; member 100 is its admin."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.stores = stores_in_memory()
        voice = Speaker(
            Catalogue.load(Path(services.rewards.__path__[0]) / "locale"), Language.HI, DEFAULT_ZONE
        )
        super().__init__(subscription(self.stores, PUBLIC_URL), voice, now)
        self._numbers = itertools.count(1)

    async def founded(self, **rules: Any) -> Group:
        """Tell of the group and its admin, and let it count by `rules` from long ago."""
        await self.happens(
            self.fact(
                ChatConfigured(
                    chat_id=GROUP,
                    chat_kind=ChatKind.GROUP,
                    community="seekho",
                    language="hi",
                    zone="Asia/Kolkata",
                    channel="simulator",
                    configured_at=self.now,
                )
            ),
            self.fact(
                MemberPromoted(
                    chat_id=GROUP,
                    chat_kind=ChatKind.GROUP,
                    member_id=member_id(ADMIN),
                    promoted_at=self.now,
                )
            ),
        )
        if rules:
            self.kept(self.stores.communities)[SCOPE] = Community(
                SCOPE,
                versions=(Rules(version=1, **rules),),
                chats=frozenset({GROUP}),
                zone="Asia/Kolkata",
            )
        return self

    def fact(self, data: EventModel, *, at: dt.datetime | None = None) -> Envelope[Any]:
        """Return an event that is like no other."""
        return originate(
            data,
            event_id=deterministic_id("test", str(next(self._numbers))),
            source="/chaupal/tests",
            key=GROUP,
            time=at or self.now,
        )

    def message(
        self, member: int, text: str = "जवाब", *, at: dt.datetime | None = None, **more: Any
    ) -> Envelope[MessageReceived]:
        """Return something that a member writes."""
        number = next(self._numbers)
        data = MessageReceived(
            **{
                "chat_id": GROUP,
                "chat_kind": ChatKind.GROUP,
                "message_id": message_id(number),
                "member_id": member_id(member),
                "sent_at": at or self.now,
                "kind": MessageKind.TEXT,
                "text": text,
                **more,
            }
        )
        return self.fact(data, at=at)

    async def writes(self, member: int, text: str = "जवाब", **more: Any) -> str:
        """Let a member write, a second after what was before, and return the message's id."""
        self.now += dt.timedelta(seconds=1)
        event = self.message(member, text, **more)
        await self.happens(event)
        return str(event.data.message_id)

    async def thanks(self, giver: int, message: str, **more: Any) -> str:
        """Let a member thank for a message, and return what is said to that."""
        await self.writes(giver, "!धन्यवाद", reply_to=message, **more)
        return self.last

    async def reacts(self, member: int, message: str, emoji: str | None = "🙏") -> None:
        """Let a member react to a message."""
        await self.happens(
            self.fact(
                ReactionChanged(
                    chat_id=GROUP,
                    chat_kind=ChatKind.GROUP,
                    message_id=message,
                    member_id=member_id(member),
                    emoji=emoji,
                    changed_at=self.now,
                )
            )
        )

    def attends(self, member: int, session: int, at: dt.datetime | None = None) -> Envelope[Any]:
        """Return that a member was at a session."""
        at = at or self.now
        data = AttendanceRecorded(
            webinar_id=f"{SCOPE}#{session}",
            chat_id=GROUP,
            community="seekho",
            member_id=member_id(member),
            proof=AttendanceProof.CODE,
            session_at=at,
            recorded_at=at,
        )
        return self.fact(data, at=at)

    def absent(self, member: int, session: int, at: dt.datetime) -> Envelope[Any]:
        """Return that a member was not at a session after all, which was told an hour later."""
        data = AttendanceWithdrawn(
            webinar_id=f"{SCOPE}#{session}",
            chat_id=GROUP,
            community="seekho",
            member_id=member_id(member),
            withdrawn_by="reena",
            reason="गलती",
            session_at=at,
            withdrawn_at=at + dt.timedelta(hours=1),
        )
        return self.fact(data)

    def hosts(
        self, member: int, session: int, at: dt.datetime | None = None, attended: int = 9
    ) -> Envelope[Any]:
        """Return that a session is over, which a member has run."""
        at = at or self.now
        data = WebinarEnded(
            webinar_id=f"{SCOPE}#{session}",
            chat_id=GROUP,
            community="seekho",
            title="SEO",
            host=member_id(member),
            session_at=at,
            registered=attended,
            attended=attended,
            ended_at=at + dt.timedelta(hours=1),
        )
        return self.fact(data)

    def kept(self, store: Any) -> dict[str, Any]:
        """Return all that a store holds."""
        found: dict[str, Any] = store.kept
        return found

    def points(self, member: int) -> int:
        """Return all points of a member."""
        account = self.kept(self.stores.accounts).get(account_key(SCOPE, member_id(member)))
        return account.total if account is not None else 0

    def entries(self, member: int | None = None) -> list[Any]:
        """Return the lines of the ledger, or those of a member, in the order in which they were written."""
        found = self.kept(self.stores.entries).values()
        return [each for each in found if member is None or each.member_id == member_id(member)]

    def balances(self) -> dict[str, int]:
        """Return what every account, week and board comes to, without those that come to nothing."""
        accounts = {key: each.total for key, each in self.kept(self.stores.accounts).items()}
        weeks = {key: each.points for key, each in self.kept(self.stores.weeks).items()}
        boards = {key: each.points for key, each in self.kept(self.stores.standings).items()}
        return {key: points for key, points in {**accounts, **weeks, **boards}.items() if points}
