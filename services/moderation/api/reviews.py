"""The queue of what waits for a person."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from services.moderation import measures
from services.moderation.api.cases import READ, RULE, Ruled, RuleId, act_of, wanted_by
from services.moderation.api.deciding import Reviewers, decided
from services.moderation.api.ids import CaseId, CasePath
from services.moderation.api.views import CaseSummary, CaseView, summary, view
from services.moderation.domain.cases.act import Act
from services.moderation.domain.cases.case import Case
from services.moderation.domain.cases.search import Clock
from services.moderation.domain.review import reviews
from services.moderation.domain.scene import Scene
from shared.clock import Clock as Now
from shared.decision import Decision
from shared.errors import Rejected
from shared.http.app import requires
from shared.http.keys import Actor
from shared.http.paging import NEXT, Key, PagedByTime, cursor, place
from shared.stream.desk import Desk

REVIEW = "reviews:write"
AT_ONCE = 50
"""Cases of one request: each is a transaction, and somebody waits for the answer."""

Reviewer = Annotated[Actor, Depends(requires(REVIEW))]


class Queue(Protocol):
    """Where open cases are looked up."""

    async def waiting(
        self, scope: str | None, after: tuple[dt.datetime, str] | None, limit: int
    ) -> list[Case]:
        """Return up to `limit` open cases, of one scope or of all, the oldest first, behind `after`."""
        ...

    async def clock(self, scope: str | None, now: dt.datetime) -> Clock:
        """Return how long people wait for a decision."""
        ...


class ClockView(BaseModel):
    """How long people wait for a decision."""

    open: int
    oldest_since: AwareDatetime | None = Field(
        description="Since when the one waits that waits longest: its appeal, or else its opening."
    )
    oldest_seconds: float | None
    median_seconds: float | None = Field(description="To a person's decision, of the last 30 days.")
    overdue: int = Field(description="Appeals whose answer is later than their policy promised.")


class ReviewPage(BaseModel):
    """Some open cases, and where to go on."""

    reviews: list[CaseSummary]
    clock: ClockView
    next: str | None = Field(description=NEXT)


class ReviewQuery(PagedByTime):
    """Which open cases."""

    state: Literal["open"] = "open"
    scope: str | None = Field(
        None, pattern=r"^(community:[A-Za-z0-9_-]{1,64}|chat:c_[0-9a-f]{20})$", description="Of one scope."
    )


class Ruling(StrEnum):
    """What is decided about many cases at once."""

    UPHOLD = "uphold"
    DISMISS = "dismiss"
    OVERTURN = "overturn"


class Bulk(Ruled):
    """One decision about many cases."""

    cases: list[CaseId] = Field(min_length=1, max_length=AT_ONCE)
    ruling: Ruling
    rule: RuleId | None = Field(None, description=RULE)


class Outcome(BaseModel):
    """What became of one of many."""

    case_id: str
    status: int = Field(description="As of a request about this case alone.")
    title: str | None = Field(description="The code of why not.")
    detail: str | None


class Outcomes(BaseModel):
    """What became of each: one that fails keeps none of the others from being decided."""

    outcomes: list[Outcome]


def review_router(queue: Queue, desk: Desk[Scene], reviewers: Reviewers, now: Now) -> APIRouter:
    """Return the routes under `/v1/reviews`.

    Args:
        queue: where open cases are looked up.
        desk: decides; its bundle takes a `CaseSubject`.
        reviewers: who could decide in place of somebody else.
        now: tells the time.
    """
    router = APIRouter(prefix="/v1", tags=["reviews"])

    @router.get("/reviews", summary="What waits for a person", dependencies=[Depends(requires(READ))])
    async def list_reviews(wanted: Annotated[ReviewQuery, Query()]) -> ReviewPage:
        at = now.now()
        found = await queue.waiting(wanted.scope, place(wanted.after), wanted.limit + 1)
        shown = found[: wanted.limit]
        last = shown[-1] if len(found) > wanted.limit else None
        clock = _clock(await queue.clock(wanted.scope, at), at, everywhere=wanted.scope is None)
        return ReviewPage(
            reviews=[summary(each) for each in shown],
            clock=clock,
            next=cursor(last.waits_since, last.case_id) if last else None,
        )

    @router.post("/reviews/{case_id}:claim", summary="Look at a case, so that nobody else does meanwhile")
    async def claim(case_id: CasePath, actor: Reviewer) -> CaseView:
        return view(
            await decided(
                desk, case_id, lambda scene, case, at: reviews.claim(scene, case, by=actor.id, now=at)
            )
        )

    @router.post("/reviews/{case_id}:release", summary="Give a claimed case back")
    async def release(case_id: CasePath, actor: Reviewer) -> CaseView:
        return view(
            await decided(
                desk, case_id, lambda scene, case, at: reviews.release(scene, case, by=actor.id, now=at)
            )
        )

    @router.post("/reviews:bulk", summary="Decide many cases in the same way")
    async def bulk(body: Bulk, key: Key, actor: Reviewer) -> Outcomes:
        outcomes = []
        for case_id in dict.fromkeys(body.cases):
            wanted = wanted_by(actor, key, f"bulk {case_id}", body)
            outcomes.append(
                await _one(desk, case_id, body, act=act_of(actor, body, wanted), reviewers=reviewers)
            )
        return Outcomes(outcomes=outcomes)

    return router


async def _one(desk: Desk[Scene], case_id: str, body: Bulk, *, act: Act, reviewers: Reviewers) -> Outcome:
    def do(scene: Scene, case: Case, at: dt.datetime) -> Decision[Scene]:
        others = reviewers() | scene.admins
        match body.ruling:
            case Ruling.UPHOLD:
                return reviews.uphold(scene, case, act, at, rule=body.rule, reviewers=others)
            case Ruling.DISMISS:
                return reviews.dismiss(scene, case, act, at, reviewers=others)
            case Ruling.OVERTURN:
                return reviews.reverse(scene, case, act, at, reviewers=others)

    try:
        await decided(desk, case_id, do, act.asked)
    except Rejected as error:
        return Outcome(case_id=case_id, status=error.status, title=error.code, detail=error.sentence)
    return Outcome(case_id=case_id, status=200, title=None, detail=None)


def _clock(clock: Clock, now: dt.datetime, *, everywhere: bool) -> ClockView:
    oldest = clock.oldest_since
    seconds = (now - oldest).total_seconds() if oldest is not None else None
    if everywhere:
        measures.waiting(clock, seconds or 0.0)
    return ClockView(
        open=clock.open,
        oldest_since=oldest,
        oldest_seconds=seconds,
        median_seconds=clock.median_seconds,
        overdue=clock.overdue,
    )
