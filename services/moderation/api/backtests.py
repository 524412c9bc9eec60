"""A policy on its own history: backtests, what shadow rules have hit, and whether all are treated alike."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.moderation.api.policies import Publisher, Rooms
from services.moderation.api.scopes import ScopeName, ScopePath, ScopeQuery, inner
from services.moderation.backtests import Backtests, Job, Period
from services.moderation.domain.history.backtest import Report
from services.moderation.domain.history.fairness import Group
from services.moderation.domain.judging.judge import Detectors
from services.moderation.domain.policy.checking import check
from services.moderation.domain.policy.document import Document, Policy
from services.moderation.domain.scopes import chat_of
from shared.clock import Clock
from shared.errors import Invalid, NotFound
from shared.http.app import requires

READ = "cases:read"
"""It shows what members wrote."""

LONGEST = dt.timedelta(days=366)
LATELY = 7

JobId = Annotated[str, Path(pattern="^b_[0-9a-f]{20}$", description="From POST /v1/policies:backtest.")]
Days = Annotated[int, Query(ge=1, le=366, description="How many days up to now.")]


class Backtested(BaseModel):
    """What is to be judged again, and under which policy."""

    model_config = ConfigDict(extra="forbid")

    scope: ScopeName
    start: AwareDatetime
    end: AwareDatetime
    version: int | None = Field(None, ge=1, description="A published version of the scope's own policy.")
    document: Document | None = Field(
        None, description="A policy that is not published. Without both: what was in force at the time."
    )


class RateView(BaseModel):
    """So many of so many, with the 95 % Wilson interval."""

    hits: int
    of: int
    value: float | None
    low: float
    high: float


class HitView(BaseModel):
    """One reason of a verdict."""

    rule: str
    check: str
    code: str
    shadow: bool
    intent: str


class SampleView(BaseModel):
    """A message that would be treated differently."""

    message_id: str
    chat_id: str
    at: AwareDatetime
    text: str
    script: str
    was: str
    would: str
    hits: list[HitView]
    case: str | None


class ReportView(BaseModel):
    """What the policy would have done."""

    judged: int
    would_hit: int
    did_hit: int
    newly_hit: int
    no_longer_hit: int
    changed: int
    per_rule: dict[str, int]
    per_script: dict[str, int]
    shadow: dict[str, int]
    samples: list[SampleView]
    precision: RateView = Field(description="Of what it would hit and people have looked at.")
    blind: int = Field(description="Messages at the edge of what is kept, where floods may be missed.")


class BacktestView(BaseModel):
    """A backtest, and how far it is."""

    id: str
    state: Literal["running", "done", "failed"]
    done: int
    total: int
    code: str | None = Field(description="What went wrong.")
    report: ReportView | None


class GroupView(BaseModel):
    """How messages of a group were treated."""

    name: str
    messages: int
    hit: RateView
    held: RateView
    reported: RateView
    overturned: RateView
    alarm: bool


class FairnessView(BaseModel):
    """Groups by how people write and by how long they have been there."""

    scripts: list[GroupView]
    tenure: list[GroupView]
    alarms: list[str] = Field(description="Groups with more overturned than the rest, beyond chance.")


class ExampleView(BaseModel):
    """A message that a shadow rule has hit."""

    message_id: str
    chat_id: str
    at: AwareDatetime
    text: str


class ShadowView(BaseModel):
    """How often a rule would have fired that is only tried out."""

    rule: str
    count: int
    examples: list[ExampleView] = Field(description="The latest ones.")


def backtest_router(
    backtests: Backtests, publisher: Publisher, rooms: Rooms, detectors: Detectors, clock: Clock
) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["policies"])
    reading = [Depends(requires(READ))]

    async def lately(scope: str, days: int) -> Period:
        # A tenth of a second more, so that what was judged in this very moment is in it.
        now = clock.now() + dt.timedelta(milliseconds=100)
        return await _period(rooms, scope, now - dt.timedelta(days=days), now)

    @router.post(
        "/policies:backtest", status_code=202, summary="Judge history under a policy", dependencies=reading
    )
    async def post_backtest(body: Backtested, response: Response) -> BacktestView:
        if not dt.timedelta(0) < body.end - body.start <= LONGEST:
            raise Invalid(f"`end` is after `start`, and at most {LONGEST.days} days.")
        period = await _period(rooms, body.scope, body.start, body.end)
        job = await backtests.start(period, await _candidate(body, publisher, detectors, clock.now()))
        response.headers["Location"] = f"/v1/backtests/{job.job_id}"
        return _job(job)

    @router.get("/backtests/{job_id}", summary="How far a backtest is", dependencies=reading)
    async def get_backtest(job_id: JobId) -> BacktestView:
        job = backtests.find(job_id)
        if job is None:
            raise NotFound("There is no such backtest, or none any more.")
        return _job(job)

    @router.get("/fairness", summary="Whether all are treated alike", dependencies=reading)
    async def get_fairness(scope: ScopeQuery, days: Days = 30) -> FairnessView:
        found = await backtests.fairness(await lately(scope, days))
        return FairnessView(
            scripts=[_group(each) for each in found.scripts],
            tenure=[_group(each) for each in found.tenure],
            alarms=list(found.alarms),
        )

    @router.get("/policies/{scope}/shadow", summary="What shadow rules have hit", dependencies=reading)
    async def get_shadow(scope: ScopePath, days: Days = LATELY) -> list[ShadowView]:
        found = await backtests.shadowed(await lately(scope, days))
        return [
            ShadowView(
                rule=rule,
                count=each.count,
                examples=[
                    ExampleView(message_id=row.message_id, chat_id=row.chat_id, at=row.at, text=row.text)
                    for row in each.examples
                ],
            )
            for rule, each in sorted(found.items())
        ]

    return router


async def _period(rooms: Rooms, name: str, start: dt.datetime, end: dt.datetime) -> Period:
    scope = inner(name)
    chat_id = chat_of(scope)
    if chat_id is None:
        return Period(scope, start, end)
    room = await rooms.find(chat_id)
    return Period(room.scope if room else scope, start, end, chat_id)


async def _candidate(
    body: Backtested, publisher: Publisher, detectors: Detectors, now: dt.datetime
) -> Policy | None:
    if body.document is not None:
        check(body.document, detectors)
        return Policy(0, body.document, "", now)
    if body.version is None:
        return None
    return await publisher.existing(inner(body.scope), body.version)


def _job(job: Job) -> BacktestView:
    state: Literal["running", "done", "failed"] = "running"
    if not job.running:
        state = "failed" if job.failed else "done"
    report = _report(job.report) if job.report else None
    return BacktestView(
        id=job.job_id, state=state, done=job.done, total=job.total, code=job.failed, report=report
    )


def _report(report: Report) -> ReportView:
    fields: dict[str, Any] = asdict(report)
    return ReportView.model_validate(fields)


def _group(group: Group) -> GroupView:
    return GroupView.model_validate(asdict(group))
