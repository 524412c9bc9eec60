"""Who takes part in a session by REST, and whom its reminders have reached."""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from services.events.api.ids import MemberPath, WebinarPath
from services.events.api.views import EntryView, WebinarWhole, entries
from services.events.api.webinars import READ, Rolls, Webinars, Writer, decided
from services.events.domain import managing
from services.events.domain.reach import Reached
from services.events.domain.roll import Roll
from services.events.domain.scene import Scene
from shared.errors import NotFound
from shared.http.app import requires
from shared.stream.desk import Desk


class Sends(Protocol):
    """Where it is looked up whom something has reached."""

    async def reach(self, webinar_id: str) -> dict[tuple[int, str, str | None], int]:
        """Return how many reminders got how far, by reminder, state and reason."""
        ...


class RollView(BaseModel):
    """Who takes part."""

    webinar_id: str
    registrations: list[EntryView]


class Reach(BaseModel):
    """How far one reminder got, with how many people."""

    before_minutes: int = Field(description="Which reminder: how long before the start.")
    reached: Reached
    reason: str | None = Field(description="Why it failed, as `GET /v1/deliveries` of the gateway says it.")
    members: int


class ReachView(BaseModel):
    """Whom the reminders of a session have reached."""

    webinar_id: str
    reminders: list[Reach]


def registration_router(webinars: Webinars, rolls: Rolls, sends: Sends, desk: Desk[Scene]) -> APIRouter:
    """Return the routes of a session's registrations.

    Args:
        webinars: where sessions are looked up.
        rolls: where it is looked up who takes part.
        sends: where it is looked up whom reminders have reached.
        desk: changes who takes part; its bundle takes a `WebinarSubject`.
    """
    router = APIRouter(prefix="/v1/webinars/{webinar_id}", tags=["registrations"])
    reading = [Depends(requires(READ))]

    @router.get("/registrations", summary="Who takes part, and who waits", dependencies=reading)
    async def list_registrations(webinar_id: WebinarPath) -> RollView:
        if await webinars.find(webinar_id) is None:
            raise NotFound("There is no such session.")
        roll = await rolls.find(webinar_id) or Roll(webinar_id)
        return RollView(webinar_id=webinar_id, registrations=entries(roll))

    @router.put("/registrations/{member_id}", summary="Give a member a seat, or a place in the queue")
    async def put_on(webinar_id: WebinarPath, member_id: MemberPath, actor: Writer) -> WebinarWhole:
        del actor
        return await decided(desk, webinar_id, managing.put_on, member_id)

    @router.delete("/registrations/{member_id}", summary="Take a member off")
    async def take_off(webinar_id: WebinarPath, member_id: MemberPath, actor: Writer) -> WebinarWhole:
        del actor
        return await decided(desk, webinar_id, managing.take_off, member_id)

    @router.get("/reach", summary="Whom the reminders have reached, and why not", dependencies=reading)
    async def reach(webinar_id: WebinarPath) -> ReachView:
        if await webinars.find(webinar_id) is None:
            raise NotFound("There is no such session.")
        found = await sends.reach(webinar_id)
        return ReachView(
            webinar_id=webinar_id,
            reminders=[
                Reach(before_minutes=before, reached=Reached(reached), reason=reason, members=members)
                for (before, reached, reason), members in sorted(found.items(), key=str)
            ],
        )

    return router
