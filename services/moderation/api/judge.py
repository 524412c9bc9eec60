"""The test box: texts in, verdicts with all their reasons out; nothing is kept."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.moderation.api.policies import Publisher
from services.moderation.api.scopes import ScopeName, inner
from services.moderation.domain.judging.context import Trust
from services.moderation.domain.judging.judge import Detectors
from services.moderation.domain.judging.probing import Tested, probe, within_normal
from services.moderation.domain.judging.verdict import Span
from services.moderation.domain.policy.checking import check
from services.moderation.domain.policy.document import DEFAULT, Document, Policy
from shared.clock import Clock
from shared.http.app import requires

READ = "judge:read"
AT_ONCE = 1000
SLICE = 20
"""Texts judged before others get their turn: some 20 ms."""

Text = Annotated[str, StringConstraints(max_length=4096)]


class Texts(BaseModel):
    """What is to be judged, and by which policy."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"texts": ["घर बैठे रोज 3000 कमाओ, पहले 500 फीस"], "trust": "new"}]},
    )

    texts: list[Text] = Field(min_length=1, max_length=AT_ONCE)
    scope: ScopeName | None = Field(
        None, description="Whose own policy; the built-in one where none is named."
    )
    document: Document | None = Field(
        None, description="A policy that is not published; goes before `scope`."
    )
    trust: Trust = Field(Trust.MEMBER, description="How far the author would have come.")


class Place(BaseModel):
    """A part of a text, in code points, from `start` until before `end`."""

    start: int
    end: int


class ReasonView(BaseModel):
    """Something a check has found under a rule."""

    rule: str
    number: int
    check: str
    code: str
    category: str
    score: float
    intent: str
    shadow: bool
    original: list[Place] = Field(description="Where in the text as it was given.")
    normal: list[Place] = Field(description="Where in its normal form.")
    details: dict[str, str | int | float]


class Judgement(BaseModel):
    """What would be made of a text."""

    normal: str = Field(description="The form that checks look at.")
    script: str
    intent: str
    exempt: str | None
    reasons: list[ReasonView] = Field(description="The deciding one first.")
    scores: dict[str, float]


class Judgements(BaseModel):
    """One judgement for each text, in the same order."""

    policy_version: int | None = Field(description="null for a document that is not published.")
    judgements: list[Judgement]


def judge_router(publisher: Publisher, detectors: Detectors, clock: Clock) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/v1/judge", tags=["policies"])

    @router.post("", summary="Try texts out", dependencies=[Depends(requires(READ))])
    async def post_judge(body: Texts) -> Judgements:
        now = clock.now()
        policy = await _policy(body, publisher)
        if body.document is not None:
            check(body.document, detectors)
            policy = Policy(0, body.document, "", now)
        found: list[Judgement] = []
        for place, text in enumerate(body.texts):
            if place % SLICE == 0:
                await asyncio.sleep(0)
            found.append(_view(probe(text, policy, detectors, body.trust, now)))
        version = None if body.document is not None else policy.version
        return Judgements(policy_version=version, judgements=found)

    return router


async def _policy(body: Texts, publisher: Publisher) -> Policy:
    if body.scope is None or body.document is not None:
        return DEFAULT
    return await publisher.existing(inner(body.scope), None)


def _view(tested: Tested) -> Judgement:
    verdict, normal = tested.verdict, tested.normal
    return Judgement(
        normal=normal.text,
        script=verdict.script.value,
        intent=verdict.intent.value,
        exempt=verdict.exempt,
        reasons=[
            ReasonView(
                rule=each.rule,
                number=each.number,
                check=each.finding.check,
                code=each.finding.code,
                category=each.finding.category.value,
                score=each.finding.score,
                intent=each.finding.intent.value,
                shadow=each.shadow,
                original=[_place(span) for span in each.finding.spans],
                normal=[_place(within_normal(normal, span)) for span in each.finding.spans],
                details=dict(each.finding.details),
            )
            for each in verdict.reasons
        ],
        scores=dict(verdict.scores),
    )


def _place(span: Span) -> Place:
    return Place(start=span.start, end=span.end)
