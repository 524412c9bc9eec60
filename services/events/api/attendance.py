"""Who was there, by REST: the code for it, what an admin corrects, and a member's own link."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.events.api.ids import MemberPath, WebinarPath
from services.events.api.public import Spoken, html
from services.events.api.views import WebinarWhole
from services.events.api.webinars import READ, WRITE, Rolls, Webinars, Writer, decided
from services.events.domain import attending
from services.events.domain.codes import MAX_TOKEN, Codes, Pass
from services.events.domain.community import Terms
from services.events.domain.facts import community_of
from services.events.domain.roll import Correction, Proof, Roll, Seat
from services.events.domain.scene import Scene
from services.events.domain.subjects import WebinarSubject
from services.events.domain.webinar import Stage, Webinar
from services.events.papers.pages import JOIN_POLICY, JoinPage, join_page
from shared.clock import Clock
from shared.decision import Decision
from shared.errors import NotFound
from shared.http.app import requires
from shared.i18n.language import Language
from shared.stream.desk import Desk

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class CorrectionView(BaseModel):
    """What somebody said of a member's attendance."""

    at: AwareDatetime
    by: str = Field(description="The id of their API key.")
    present: bool
    reason: str


class AttendanceView(BaseModel):
    """A member who was there, or of whom somebody has said that they were not."""

    member_id: str
    seat: Seat
    attended_at: AwareDatetime | None
    proof: Proof | None
    corrections: list[CorrectionView] = Field(description="The newest last.")


class Attendance(BaseModel):
    """Who was there."""

    webinar_id: str
    attendance: list[AttendanceView]


class Corrected(BaseModel):
    """Whether a member was there, and how that is known."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    present: bool
    reason: Words = Field(description="Kept with it.")


class CodeView(BaseModel):
    """What is spoken in a session."""

    webinar_id: str
    code: str = Field(description="Another one once the session has been moved.")


class Joined(BaseModel):
    """Where a session takes place."""

    title: str
    link: str | None
    attended: bool = Field(description="Whether it is recorded that the member is there.")


def attendance_router(webinars: Webinars, rolls: Rolls, desk: Desk[Scene], codes: Codes) -> APIRouter:
    """Return the routes of a session's attendance.

    Args:
        webinars: where sessions are looked up.
        rolls: where it is looked up who was there.
        desk: corrects; its bundle takes a `WebinarSubject`, and has what its member holds.
        codes: of this installation.
    """
    router = APIRouter(prefix="/v1/webinars/{webinar_id}", tags=["attendance"])

    @router.get("/attendance", summary="Who was there", dependencies=[Depends(requires(READ))])
    async def list_attendance(webinar_id: WebinarPath) -> Attendance:
        if await webinars.find(webinar_id) is None:
            raise NotFound("There is no such session.")
        roll = await rolls.find(webinar_id) or Roll(webinar_id)
        return Attendance(webinar_id=webinar_id, attendance=_views(roll))

    @router.put("/attendance/{member_id}", summary="Say for a member whether they were there")
    async def correct(
        webinar_id: WebinarPath, member_id: MemberPath, body: Corrected, actor: Writer
    ) -> WebinarWhole:
        def do(scene: Scene, webinar: Webinar, now: dt.datetime) -> Decision[Scene]:
            correction = Correction(now, actor.id, body.present, body.reason)
            return attending.decide_correction(scene, webinar, scene.member.now, correction)

        return await decided(desk, webinar_id, do, member_id)

    @router.get(
        "/code", summary="The code that is spoken in a session", dependencies=[Depends(requires(WRITE))]
    )
    async def code(webinar_id: WebinarPath) -> CodeView:
        found = await webinars.find(webinar_id)
        if found is None:
            raise NotFound("There is no such session.")
        return CodeView(webinar_id=webinar_id, code=codes.attendance(found))

    return router


def joining_router(
    webinars: Webinars, rolls: Rolls, desk: Desk[Scene], codes: Codes, clock: Clock
) -> APIRouter:
    """Return the routes by which a member comes with their own link; the link is all that they need.

    Args:
        webinars: where sessions are looked up.
        rolls: where it is looked up who was there.
        desk: records that they are there; its bundle takes a `WebinarSubject`.
        codes: of this installation.
        clock: tells whether it is time to come.
    """
    router = APIRouter(tags=["attendance"])

    def meant(token: str) -> Pass:
        ours = codes.joining(token) if len(token) <= MAX_TOKEN else None
        if ours is None:
            raise NotFound("This link is not valid.")
        return ours

    @router.get("/join/{token}", summary="A member's own link to a session", response_class=HTMLResponse)
    async def show(token: str, lang: Spoken = None) -> HTMLResponse:
        ours = meant(token)
        webinar = await webinars.find(ours.webinar_id)
        if webinar is None:
            raise NotFound("This link is not valid.")
        roll = await rolls.find(ours.webinar_id) or Roll(ours.webinar_id)
        entry = roll.of(ours.member_id)
        now, language = clock.now(), Language.of(lang or webinar.language)
        going_on = webinar.starts_at <= now <= attending.closes(webinar, Terms())
        page = JoinPage(
            title=webinar.title,
            starts_at=webinar.starts_at,
            zone=ZoneInfo(webinar.zone),
            community=community_of(webinar.scope) or "",
            open=going_on and webinar.stage is not Stage.CANCELLED,
            attended=entry is not None and entry.attended_at is not None,
            language=language,
        )
        return html(join_page(page), JOIN_POLICY)

    # A POST, which the page sends: whatever shows a preview of a link in a chat has been there with a GET.
    @router.post("/join/{token}", summary="Come to a session", response_model=Joined)
    async def join(token: str, request: Request) -> Joined | Response:
        ours = meant(token)

        def do(scene: Scene, now: dt.datetime) -> Decision[Scene]:
            webinar = scene.webinars.get(ours.webinar_id)
            return (
                Decision(scene) if webinar is None else attending.decide_present_by_link(scene, webinar, now)
            )

        scene = await desk.decide(WebinarSubject(ours.webinar_id, ours.member_id), do)
        webinar = scene.webinars.get(ours.webinar_id)
        if webinar is None:
            raise NotFound("This link is not valid.")
        entry = scene.roll(webinar).of(scene.member.now)
        attended = entry is not None and entry.attended_at is not None
        if "text/html" in request.headers.get("accept", ""):
            onward = webinar.link if attended and webinar.link else str(request.url.path)
            return RedirectResponse(onward, status_code=303)
        return Joined(title=webinar.title, link=webinar.link, attended=attended)

    return router


def _views(roll: Roll) -> list[AttendanceView]:
    return [
        AttendanceView(
            member_id=member,
            seat=entry.seat,
            attended_at=entry.attended_at,
            proof=entry.proof,
            corrections=[
                CorrectionView(at=each.at, by=each.by, present=each.present, reason=each.reason)
                for each in entry.corrections
            ],
        )
        for member, entry in sorted(roll.entries.items())
        if entry.attended_at is not None or entry.corrections
    ]
