"""Cases over REST: looked for, looked at, and decided."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.moderation.api.deciding import Decide, Reviewers, decided
from services.moderation.api.ids import CasePath
from services.moderation.api.views import CasePage, CaseView, summary, view
from services.moderation.domain.cases import tasks
from services.moderation.domain.cases.act import Act, Grounds
from services.moderation.domain.cases.case import Case, CaseState
from services.moderation.domain.cases.search import CaseFilter
from services.moderation.domain.review import reviews
from services.moderation.domain.scene import Scene
from shared.asked import Asked, asked
from shared.contracts.gateway import ChatId, MemberId
from shared.decision import Decision
from shared.errors import NotFound
from shared.http.app import requires
from shared.http.keys import Actor
from shared.http.paging import Key, PagedByTime, cursor, place
from shared.stream.desk import Desk

READ, WRITE = "cases:read", "cases:write"

RULE = (
    "The rule that is broken. It decides the weight of the strike: its own, or that of the kind of offence "
    "its first check looks for. What members alone have reported stands on no rule: one has to be named. "
    "Else null stands for the rule that was found."
)

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Writer = Annotated[Actor, Depends(requires(WRITE))]


class Cases(Protocol):
    """Where cases are looked up."""

    async def find(self, case_id: str) -> Case | None:
        """Return a case."""
        ...

    async def page(self, wanted: CaseFilter, after: tuple[dt.datetime, str] | None, limit: int) -> list[Case]:
        """Return up to `limit` cases that fit, the newest first, beginning behind `after`."""
        ...


class CaseQuery(PagedByTime):
    """Which cases; all that is said must fit."""

    state: CaseState | None = None
    member_id: MemberId | None = Field(None, description="Whom it is about.")
    chat_id: ChatId | None = None
    rule: RuleId | None = Field(None, description="A rule's id.")
    tasks: bool = Field(False, description="Only those of which something is left to be done by hand.")
    text: str | None = Field(
        None, min_length=2, max_length=100, description="In the reasons and words of the audit."
    )


class Ruled(BaseModel):
    """Why somebody decides so."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: Grounds = Field(description="A code, for numbers; `other` takes words.")
    words: Words | None = Field(None, description="What the member is told with it; an appeal takes words.")


class Upheld(Ruled):
    """Why a case is right."""

    rule: RuleId | None = Field(None, description=RULE)


class Answered(Ruled):
    """The answer to an appeal."""

    words: Words = Field(description="What the member is told.")
    upheld: bool = Field(description="Whether the decision stands.")


class Done(BaseModel):
    """What was done by hand."""

    model_config = ConfigDict(extra="forbid")

    action: str | None = Field(
        None, pattern=r"^[a-z]+\.[a-z]+$", max_length=64, description="One of the case's tasks; null: all."
    )


def case_router(cases: Cases, desk: Desk[Scene], reviewers: Reviewers) -> APIRouter:
    """Return the routes under `/v1/cases`.

    Args:
        cases: where they are looked up.
        desk: decides; its bundle takes a `CaseSubject`.
        reviewers: who could decide in place of somebody else.
    """
    router = APIRouter(prefix="/v1/cases", tags=["cases"])
    _add_reading(router, cases)
    _add_amending(router, desk)

    async def decide(case_id: str, wanted: Asked, do: Decide) -> CaseView:
        return view(await decided(desk, case_id, do, wanted))

    @router.post("/{case_id}:uphold", summary="Confirm a case")
    async def uphold(case_id: CasePath, body: Upheld, key: Key, actor: Writer) -> CaseView:
        wanted = wanted_by(actor, key, "uphold", body)

        def do(scene: Scene, case: Case, now: dt.datetime) -> Decision[Scene]:
            act = act_of(actor, body, wanted)
            others = reviewers() | scene.admins
            return reviews.uphold(scene, case, act, now, rule=body.rule, reviewers=others)

        return await decide(case_id, wanted, do)

    @router.post("/{case_id}:dismiss", summary="Close a case that has had no effect yet")
    async def dismiss(case_id: CasePath, body: Ruled, key: Key, actor: Writer) -> CaseView:
        wanted = wanted_by(actor, key, "dismiss", body)
        return await decide(
            case_id,
            wanted,
            lambda scene, case, now: reviews.dismiss(scene, case, act_of(actor, body, wanted), now),
        )

    @router.post("/{case_id}:overturn", summary="Take a decision back, with all that followed from it")
    async def overturn(case_id: CasePath, body: Ruled, key: Key, actor: Writer) -> CaseView:
        wanted = wanted_by(actor, key, "overturn", body)

        def do(scene: Scene, case: Case, now: dt.datetime) -> Decision[Scene]:
            others = reviewers() | scene.admins
            return reviews.reverse(scene, case, act_of(actor, body, wanted), now, reviewers=others)

        return await decide(case_id, wanted, do)

    @router.post("/{case_id}:answer", summary="Answer an appeal in words")
    async def answer(case_id: CasePath, body: Answered, key: Key, actor: Writer) -> CaseView:
        wanted = wanted_by(actor, key, "answer", body)

        def do(scene: Scene, case: Case, now: dt.datetime) -> Decision[Scene]:
            act, others = act_of(actor, body, wanted), reviewers() | scene.admins
            return reviews.answer_appeal(scene, case, act, now, upheld=body.upheld, reviewers=others)

        return await decide(case_id, wanted, do)

    return router


def wanted_by(actor: Actor, key: str, what: str, body: BaseModel) -> Asked:
    """Return the request by which the same one is known again."""
    return asked(actor.id, key, f"{what} {body.model_dump_json(exclude_defaults=True)}".encode())


def act_of(actor: Actor, body: Ruled, wanted: Asked) -> Act:
    """Return what the client decides, with its name to it."""
    return Act(actor.id, body.reason, body.words, wanted)


def _add_reading(router: APIRouter, cases: Cases) -> None:
    reading = [Depends(requires(READ))]

    @router.get("", summary="Cases, the newest first", dependencies=reading)
    async def list_cases(wanted: Annotated[CaseQuery, Query()]) -> CasePage:
        search = CaseFilter(
            states=frozenset({wanted.state}) if wanted.state else frozenset(),
            member_id=wanted.member_id,
            chat_id=wanted.chat_id,
            rule=wanted.rule,
            tasks=wanted.tasks,
            text=wanted.text,
        )
        found = await cases.page(search, place(wanted.after), wanted.limit + 1)
        shown = found[: wanted.limit]
        last = shown[-1] if len(found) > wanted.limit else None
        return CasePage(
            cases=[summary(each) for each in shown],
            next=cursor(last.opened_at, last.case_id) if last else None,
        )

    @router.get("/{case_id}", summary="A case with its audit", dependencies=reading)
    async def get_case(case_id: CasePath) -> CaseView:
        case = await cases.find(case_id)
        if case is None:
            raise NotFound("There is no such case.")
        return view(case)


def _add_amending(router: APIRouter, desk: Desk[Scene]) -> None:
    @router.post("/{case_id}:undo", summary="Take the last decision about a case back")
    async def undo(case_id: CasePath, actor: Writer) -> CaseView:
        return view(
            await decided(
                desk, case_id, lambda scene, case, now: reviews.undo(scene, case, by=actor.id, now=now)
            )
        )

    @router.post("/{case_id}:done-by-hand", summary="Say that what was left has been done by hand")
    async def done(case_id: CasePath, body: Done, actor: Writer) -> CaseView:
        return view(
            await decided(
                desk,
                case_id,
                lambda scene, case, now: tasks.decide_done(
                    scene, case, by=actor.id, action=body.action, now=now
                ),
            )
        )
