"""Boards: read, and written only by what is on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import TypeAdapter
from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.collection import AsyncCollection

from services.rewards.domain.account import Account
from services.rewards.domain.board import COUNTED, NEW_FOR, NEWCOMERS, SHOWN, Board, Line, Place
from services.rewards.domain.leaders import MOST, Leaders
from services.rewards.domain.periods import ALL
from services.rewards.store.ledger import Accounts, Standings, Weeks
from services.rewards.store.people import Members
from shared.clock import Clock
from shared.store.client import Document
from shared.store.unit_of_work import Session

ORDER = [("points", DESCENDING), ("reached", ASCENDING), ("_id", ASCENDING)]
"""Of every board: the most points first, and of two who have as many, who had them first."""

STEP = 50
"""Lines that are read at once: some are not shown."""

_POINTS = TypeAdapter(int)


class _ReadOnly:
    """States that follow from others, and are stored by nobody."""

    async def save(self, session: Session, changed: Mapping[str, Any]) -> None:
        """Store nothing.

        Raises:
            TypeError: somebody has changed a board, which only follows from what is on it.
        """
        del session
        if changed:
            raise TypeError("a board follows from what is on it")


class Leading(_ReadOnly):
    """The first of each week, by `<scope>|<week>`."""

    def __init__(self, weeks: Weeks) -> None:
        self._weeks = weeks

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Leaders]:
        """Return the leaders of these weeks."""
        return {key: await self._leaders(session, key) for key in keys}

    async def _leaders(self, session: Session, board: str) -> Leaders:
        fits = {"board": board, "points": {"$gt": 0}}
        cursor = self._weeks.collection.find(fits, session=session).sort(ORDER).limit(MOST)
        return Leaders(board, tuple([self._weeks.read(each) async for each in cursor]))


class Places(_ReadOnly):
    """Where members stand, by `standing_key`; a week is named like any period."""

    def __init__(self, weeks: Weeks, standings: Standings, accounts: Accounts) -> None:
        self._weeks, self._standings, self._accounts = weeks, standings, accounts

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Place]:
        """Return the places of these members."""
        return {key: await self.of(key, session=session) for key in keys}

    async def of(self, key: str, *, session: Session | None = None) -> Place:
        """Return the place of a member."""
        board = key.rsplit("|", 1)[0]
        lines = _lines_of(board, self._weeks, self._standings, self._accounts)
        # The line of all time is the account itself, which is kept under the scope alone.
        name = key.replace(f"|{ALL}|", "|") if board.endswith(f"|{ALL}") else key
        own = await lines.find_one({"_id": name}, {"points": 1}, session=session)
        points = _POINTS.validate_python(own["points"]) if own else 0
        if points <= 0:
            return Place(key)
        before = await lines.count_documents(
            {"board": board, "points": {"$gt": points}}, limit=COUNTED, session=session
        )
        return Place(key, points, before + 1)


class Boards(_ReadOnly):
    """Boards by `board_key`, without those who are private or not here any more."""

    def __init__(
        self, weeks: Weeks, standings: Standings, accounts: Accounts, members: Members, clock: Clock
    ) -> None:
        self._weeks, self._standings, self._accounts, self._members = weeks, standings, accounts, members
        self._clock = clock

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Board]:
        """Return the first lines of these boards."""
        return {key: Board(key, await self.first(key, SHOWN, session=session)) for key in keys}

    async def first(self, board: str, most: int, *, session: Session | None = None) -> tuple[Line, ...]:
        """Return up to `most` lines of a board, the first ones."""
        scope, _, period = board.rpartition("|")
        if period == NEWCOMERS:
            return await self._newcomers(scope, most, session)
        found: list[tuple[str, int]] = []
        lines, skipped = _lines_of(board, self._weeks, self._standings, self._accounts), 0
        while len(found) < most:
            cursor = lines.find({"board": board, "points": {"$gt": 0}}, {"points": 1}, session=session)
            step = [
                (str(each["_id"]).rpartition("|")[2], _POINTS.validate_python(each["points"]))
                async for each in cursor.sort(ORDER).skip(skipped).limit(STEP)
            ]
            hidden = await self._hidden(scope, [member for member, _ in step], session)
            found += [each for each in step if each[0] not in hidden]
            skipped += len(step)
            if len(step) < STEP:
                break
        return _placed(found[:most])

    async def _newcomers(self, scope: str, most: int, session: Session | None) -> tuple[Line, ...]:
        since = self._clock.now() - NEW_FOR
        cursor = self._accounts.collection.find(
            {"scope": scope, "joined_at": {"$gte": since}}, session=session
        )
        accounts = [self._accounts.read(each) async for each in cursor]
        hidden = await self._hidden(scope, [each.member_id for each in accounts], session)
        lines = [(each.member_id, each.total) for each in accounts if _shown(each, hidden)]
        return _placed(sorted(lines, key=lambda each: (-each[1], each[0]))[:most])

    async def _hidden(self, scope: str, members: Collection[str], session: Session | None) -> set[str]:
        """Return which of them are on no board: who is private, and who is not here any more."""
        private = self._members.collection.find(
            {"_id": {"$in": list(members)}, "private": True}, {"_id": 1}, session=session
        )
        gone = self._accounts.collection.find(
            {"_id": {"$in": [f"{scope}|{each}" for each in members]}, "here": False},
            {"_id": 1},
            session=session,
        )
        hidden = {str(each["_id"]) async for each in private}
        return hidden | {str(each["_id"]).rpartition("|")[2] async for each in gone}


def _shown(account: Account, hidden: set[str]) -> bool:
    return account.total > 0 and account.member_id not in hidden


def _lines_of(
    board: str, weeks: Weeks, standings: Standings, accounts: Accounts
) -> AsyncCollection[Document]:
    period = board.rpartition("|")[2]
    if period == ALL:
        return accounts.collection
    return weeks.collection if "-W" in period else standings.collection


def _placed(lines: list[tuple[str, int]]) -> tuple[Line, ...]:
    """Return the lines with their places: who has as many points has the same."""
    placed: list[Line] = []
    for number, (member, points) in enumerate(lines, start=1):
        same = placed and placed[-1].points == points
        placed.append(Line(member, points, placed[-1].place if same else number))
    return tuple(placed)
