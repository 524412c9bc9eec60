"""Contests by REST: opened, read and cancelled; before the close nobody reads whose an entry is, or votes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Protocol, TypeAlias

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.rewards.api.ids import READ, SCOPE, Writer
from services.rewards.domain.asking import make_once
from services.rewards.domain.contests import opening
from services.rewards.domain.contests.contest import LONGEST_TITLE, Contest, Submission
from services.rewards.domain.scene import Scene
from services.rewards.domain.subjects import ContestSubject, MakingSubject
from shared.asked import asked
from shared.contracts.rewards import ContestStage
from shared.decision import Decision
from shared.errors import NotFound
from shared.http.app import requires
from shared.http.paging import NEXT, Key, PagedByTime, Place, cursor, place
from shared.stream.desk import Desk

ITEM = SCOPE.removesuffix("$") + r"#[0-9]{1,9}$"
CHAT = r"^c_[0-9a-f]{20}$"

ContestPath: TypeAlias = Annotated[
    str,
    Path(
        pattern=ITEM,
        examples=["community:seo-batch-7#3"],
        description="A contest: its scope, `#` (in a path `%23`) and its number.",
    ),
]


class Contests(Protocol):
    """Where contests are looked up."""

    async def find(self, key: str) -> Contest | None:
        """Return a contest."""
        ...

    async def page(
        self, scope: str | None, stage: ContestStage | None, before: Place | None, limit: int
    ) -> list[Contest]:
        """Return up to `limit` contests, the newest first, beginning behind `before`."""
        ...


class ContestQuery(PagedByTime):
    """Which contests."""

    scope: str | None = Field(None, pattern=SCOPE, description="Of one community or chat.")
    stage: ContestStage | None = None


class EntryView(BaseModel):
    """Something that was handed in."""

    number: int | None = Field(description="By which it is chosen; null until the voting begins.")
    text: str
    member_id: str | None = Field(description="Whose it is; null until the votes are counted.")
    votes: int | None = Field(description="Null until the votes are counted.")


class ContestView(BaseModel):
    """A contest."""

    contest_id: str
    scope: str
    number: int = Field(description="By which members name it.")
    chat_id: str
    title: str
    stage: ContestStage
    submissions_until: AwareDatetime
    votes_until: AwareDatetime
    opened_at: AwareDatetime
    opened_by: str | None = Field(description="The member; null where it was opened by REST.")
    entries: list[EntryView] = Field(description="What takes part; removed messages do not.")
    voters: int | None = Field(description="Whose vote counted; null until the votes are counted.")
    winners: list[str] = Field(description="The members who have won: all with the most votes.")
    closed_at: AwareDatetime | None
    reason: str | None = Field(description="Why it was cancelled.")


class ContestPage(BaseModel):
    """Some contests, and where to go on."""

    contests: list[ContestView]
    next: str | None = Field(description=NEXT)


class NewContest(BaseModel):
    """A contest that is to be opened."""

    model_config = ConfigDict(extra="forbid")

    chat_id: str = Field(pattern=CHAT, description="The group it is for.")
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TITLE)]
    submissions_until: AwareDatetime
    votes_until: AwareDatetime


class Cancellation(BaseModel):
    """Why a contest has no result."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(None, max_length=opening.LONGEST_REASON)


def contest_router(contests: Contests, making: Desk[Scene], desk: Desk[Scene]) -> APIRouter:
    """Return the routes under `/v1/contests`.

    Args:
        contests: where they are looked up.
        making: opens new ones; its bundle takes a `MakingSubject`.
        desk: changes them; its bundle takes a `ContestSubject`.
    """
    router = APIRouter(prefix="/v1/contests", tags=["contests"])
    reading = [Depends(requires(READ))]

    @router.get("", summary="Contests, the newest first", dependencies=reading)
    async def list_contests(wanted: Annotated[ContestQuery, Query()]) -> ContestPage:
        found = await contests.page(wanted.scope, wanted.stage, place(wanted.after), wanted.limit + 1)
        shown = found[: wanted.limit]
        last = shown[-1] if len(found) > wanted.limit else None
        return ContestPage(
            contests=[_view(each) for each in shown],
            next=cursor(last.opened_at, last.contest_id) if last else None,
        )

    @router.get("/{contest_id}", summary="One contest", dependencies=reading)
    async def get_contest(contest_id: ContestPath) -> ContestView:
        return _shown(await contests.find(contest_id))

    @router.post("", summary="Open a contest", status_code=201)
    async def open_contest(body: NewContest, key: Key, actor: Writer) -> ContestView:
        wanted = asked(actor.id, f"contest {key}", body.model_dump_json().encode())
        wish = opening.Wish(body.title, body.submissions_until, body.votes_until)
        scene = await making.decide(
            MakingSubject(body.chat_id, wanted.id),
            lambda scene, now: make_once(scene, wanted, lambda found: opening.open_wanted(found, wish, now)),
        )
        return _shown(scene.contests.get(scene.community.made[wanted.id].item_id))

    @router.post("/{contest_id}:cancel", summary="Cancel a contest")
    async def cancel(contest_id: ContestPath, body: Cancellation, actor: Writer) -> ContestView:
        del actor

        def decide(scene: Scene, now: dt.datetime) -> Decision[Scene]:
            contest = scene.contests.get(contest_id)
            if contest is None:
                raise NotFound("There is no such contest.")
            return opening.cancel_wanted(scene, contest, body.reason, now)

        scene = await desk.decide(ContestSubject(contest_id), decide)
        return _shown(scene.contests.get(contest_id))

    return router


def _shown(contest: Contest | None) -> ContestView:
    if contest is None:
        raise NotFound("There is no such contest.")
    return _view(contest)


def _view(contest: Contest) -> ContestView:
    counted = contest.stage is ContestStage.CLOSED
    return ContestView(
        contest_id=contest.contest_id,
        scope=contest.scope,
        number=contest.number,
        chat_id=contest.chat_id,
        title=contest.title,
        stage=contest.stage,
        submissions_until=contest.submissions_until,
        votes_until=contest.votes_until,
        opened_at=contest.opened_at,
        opened_by=contest.opened_by,
        entries=[_entry(each, counted=counted) for each in contest.entries],
        voters=contest.voters,
        winners=list(contest.winners),
        closed_at=contest.closed_at,
        reason=contest.reason,
    )


def _entry(entry: Submission, *, counted: bool) -> EntryView:
    return EntryView(
        number=entry.number,
        text=entry.text,
        member_id=entry.member_id if counted else None,
        votes=entry.votes if counted else None,
    )
