"""Boards, contributors and circles by REST."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from services.rewards.api.ids import READ, PeriodPath, ScopePath
from services.rewards.domain.board import Line, board_key
from services.rewards.domain.community import Community
from services.rewards.domain.periods import day_of, week_after, week_of
from services.rewards.domain.rings import bursts_of, edges_of, rings_of
from services.rewards.domain.week import Week
from shared.chats import DEFAULT_ZONE
from shared.clock import Clock
from shared.http.app import requires

MOST_LINES = 100
MOST_WEEKS = 13


class Boards(Protocol):
    """Where boards are read."""

    async def first(self, board: str, most: int) -> tuple[Line, ...]:
        """Return the first lines of a board."""
        ...


class Communities(Protocol):
    """Where communities are looked up."""

    async def find(self, key: str) -> Community | None:
        """Return a community."""
        ...


class Weeks(Protocol):
    """Where weeks are looked up."""

    def of(self, scope: str, weeks: Sequence[str]) -> AsyncIterator[Week]:
        """Return every member's week, of these."""
        ...


class LineView(BaseModel):
    """Somebody's place on a board."""

    place: int
    member_id: str
    points: int


class BoardView(BaseModel):
    """The first lines of a board; who is private, or not here any more, is on none."""

    scope: str
    period: str
    lines: list[LineView]


class NominationView(BaseModel):
    """Somebody's word for somebody else."""

    member_id: str
    by: str
    why: str


class VetoView(BaseModel):
    """An admin's word against naming somebody."""

    member_id: str
    by: str
    why: str


class ContributorView(BaseModel):
    """A week's contributors, and who was spoken of."""

    week: str
    members: list[str] = Field(description="Nobody where nobody had done enough.")


class ContributorList(BaseModel):
    """Contributors of the weeks that are over, the newest first, and what is said of the next."""

    contributors: list[ContributorView]
    nominations: dict[str, list[NominationView]] = Field(description="By week, of those not named yet.")
    vetoes: dict[str, list[VetoView]] = Field(description="By week, of those not named yet.")


class EdgeView(BaseModel):
    """Thanks from one member to another."""

    giver: str
    earner: str
    thanks: int
    claims: list[str]


class RingView(BaseModel):
    """Members who thank mostly each other."""

    members: list[str]
    edges: list[EdgeView]
    inside: float = Field(description="What share of the thanks to them came from them.")


class BurstView(BaseModel):
    """Many thanks to one member at once."""

    member_id: str
    begin: AwareDatetime
    end: AwareDatetime
    givers: list[str]
    claims: list[str]


class CircleView(BaseModel):
    """What an admin may want to look at; nothing follows from it by itself."""

    scope: str
    weeks: list[str]
    rings: list[RingView]
    bursts: list[BurstView]


def board_router(boards: Boards, communities: Communities, weeks: Weeks, clock: Clock) -> APIRouter:
    """Return the routes of boards, contributors and circles.

    Args:
        boards: where boards are read.
        communities: where it is looked up who was named.
        weeks: where weeks are looked up.
        clock: tells which week it is.
    """
    router = APIRouter(prefix="/v1", tags=["boards"], dependencies=[Depends(requires(READ))])

    @router.get("/boards/{scope}/{period}", summary="A board")
    async def get_board(
        scope: ScopePath, period: PeriodPath, limit: Annotated[int, Query(ge=1, le=MOST_LINES)] = 10
    ) -> BoardView:
        lines = await boards.first(board_key(scope, period), limit)
        views = [LineView(place=each.place, member_id=each.member_id, points=each.points) for each in lines]
        return BoardView(scope=scope, period=period, lines=views)

    @router.get("/contributors/{scope}", summary="Contributors of the week")
    async def list_contributors(scope: ScopePath) -> ContributorList:
        found = await communities.find(scope) or Community(scope)
        return ContributorList(
            contributors=[
                ContributorView(week=week, members=list(found.named[week]))
                for week in sorted(found.named, reverse=True)
            ],
            nominations={
                week: [NominationView.model_validate(each, from_attributes=True) for each in every]
                for week, every in found.nominations.items()
            },
            vetoes={
                week: [VetoView.model_validate(each, from_attributes=True) for each in every]
                for week, every in found.vetoes.items()
            },
        )

    @router.get("/rings/{scope}", summary="Who thanks mostly each other")
    async def get_rings(
        scope: ScopePath, last: Annotated[int, Query(ge=1, le=MOST_WEEKS, description="Weeks.")] = 4
    ) -> CircleView:
        names = lately(clock, last)
        found = [each async for each in weeks.of(scope, names)]
        return CircleView(
            scope=scope,
            weeks=names,
            rings=[RingView.model_validate(each, from_attributes=True) for each in rings_of(edges_of(found))],
            bursts=[BurstView.model_validate(each, from_attributes=True) for each in bursts_of(found)],
        )

    return router


def lately(clock: Clock, weeks: int) -> list[str]:
    """Return the last weeks, this one too, the newest last."""
    this = week_of(day_of(clock.now(), DEFAULT_ZONE))
    return [week_after(this, number - weeks + 1) for number in range(weeks)]
