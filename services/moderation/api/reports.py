"""Reports over REST: what members have pointed at, and pointing for one of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.moderation.api.cases import READ, WRITE, Cases
from services.moderation.domain.cases.case import Case, CaseState
from services.moderation.domain.cases.search import CaseFilter
from services.moderation.domain.review.reports import decide_request
from services.moderation.domain.scene import Scene
from services.moderation.domain.subjects import ReportSubject
from shared.contracts.gateway import ChatId, MemberId, MessageId
from shared.errors import NotFound
from shared.http.app import requires
from shared.http.keys import Actor
from shared.http.paging import NEXT, PagedByTime, cursor, place
from shared.stream.desk import Desk


class ReportView(BaseModel):
    """A message that members have reported."""

    case_id: str
    chat_id: str
    message_id: str | None
    member_id: str = Field(description="Whose message it is.")
    state: CaseState
    reporters: dict[str, float] = Field(description="Who reported it, and what their word weighed.")
    opened_at: AwareDatetime


class ReportPage(BaseModel):
    """Some reported messages, and where to go on."""

    reports: list[ReportView]
    next: str | None = Field(description=NEXT)


class ReportQuery(PagedByTime):
    """Which reported messages; all that is said must fit."""

    chat_id: ChatId | None = None
    member_id: MemberId | None = Field(None, description="Whose message it is.")
    state: CaseState | None = None


class ReportBody(BaseModel):
    """A report that is handed in for a member."""

    model_config = ConfigDict(extra="forbid")

    chat_id: ChatId
    message_id: MessageId = Field(description="What is reported.")
    member_id: MemberId = Field(description="Who reports it; the same member counts once, however often.")


class Taken(BaseModel):
    """What the report belongs to."""

    case_id: str | None = Field(description="Null where the report weighs nothing and nobody else reported.")


def report_router(cases: Cases, desk: Desk[Scene]) -> APIRouter:
    """Return the routes under `/v1/reports`.

    Args:
        cases: where they are looked up.
        desk: decides; its bundle takes a `ReportSubject`.
    """
    router = APIRouter(prefix="/v1/reports", tags=["reports"])

    @router.get("", summary="What members have reported", dependencies=[Depends(requires(READ))])
    async def list_reports(wanted: Annotated[ReportQuery, Query()]) -> ReportPage:
        search = CaseFilter(
            states=frozenset({wanted.state}) if wanted.state else frozenset(),
            member_id=wanted.member_id,
            chat_id=wanted.chat_id,
            reported=True,
        )
        found = await cases.page(search, place(wanted.after), wanted.limit + 1)
        shown = found[: wanted.limit]
        last = shown[-1] if len(found) > wanted.limit else None
        return ReportPage(
            reports=[_view(each) for each in shown],
            next=cursor(last.opened_at, last.case_id) if last else None,
        )

    @router.post("", summary="Report a message for a member", status_code=202)
    async def report(body: ReportBody, actor: Annotated[Actor, Depends(requires(WRITE))]) -> Taken:
        del actor
        scene = await desk.decide(
            ReportSubject(body.chat_id, body.member_id, body.message_id),
            decide_request,
        )
        if scene.target is None:
            raise NotFound("This message is not known here, or not any more.")
        return Taken(case_id=scene.target.case)

    return router


def _view(case: Case) -> ReportView:
    return ReportView(
        case_id=case.case_id,
        chat_id=case.chat_id,
        message_id=case.message_id,
        member_id=case.member_id,
        state=case.state,
        reporters={each: case.weights.get(each, 0.0) for each in case.reporters},
        opened_at=case.opened_at,
    )
