"""How a community runs its sessions, by REST."""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from services.events.api.ids import MemberName, ScopePath
from services.events.api.webinars import READ, WEEK, Writer
from services.events.domain import managing
from services.events.domain.community import Community, Terms
from services.events.domain.scene import Scene
from shared.http.app import requires
from shared.stream.desk import Desk

MOST_REMINDERS = 5


class Communities(Protocol):
    """Where communities are looked up."""

    async def find(self, key: str) -> Community | None:
        """Return a community."""
        ...


class TermsBody(BaseModel):
    """How sessions are run."""

    model_config = ConfigDict(extra="forbid")

    reminders: list[int] = Field(
        [24 * 60, 60, 10],
        max_length=MOST_REMINDERS,
        description="Minutes before the start, each between 1 and a week.",
    )
    minutes: int = Field(60, ge=1, le=WEEK, description="How long a session lasts where nobody says.")
    hold_minutes: int = Field(120, ge=5, le=WEEK, description="How long an offered seat is held.")
    cutoff_minutes: int = Field(15, ge=0, le=WEEK, description="No seat is offered later before the start.")
    present_minutes: int = Field(15, ge=0, le=24 * 60, description="How long after the end the code counts.")
    hosts: list[MemberName] = Field([], max_length=100, description="Who runs sessions beside the admins.")


def terms_router(communities: Communities, desk: Desk[Scene]) -> APIRouter:
    """Return the routes under `/v1/terms`.

    Args:
        communities: where terms are looked up.
        desk: changes them; its bundle takes a scope.
    """
    router = APIRouter(prefix="/v1/terms", tags=["terms"])

    @router.get("/{scope}", summary="How sessions are run", dependencies=[Depends(requires(READ))])
    async def get_terms(scope: ScopePath) -> TermsBody:
        found = await communities.find(scope)
        return _view(found.terms if found is not None else Terms())

    @router.put("/{scope}", summary="Run sessions in another way")
    async def put_terms(scope: ScopePath, body: TermsBody, actor: Writer) -> TermsBody:
        del actor
        terms = Terms(
            reminders=managing.in_order(body.reminders),
            minutes=body.minutes,
            hold_minutes=body.hold_minutes,
            cutoff_minutes=body.cutoff_minutes,
            present_minutes=body.present_minutes,
            hosts=frozenset(body.hosts),
        )
        scene = await desk.decide(scope, lambda scene, now: managing.agree(scene, terms, now))
        return _view(scene.community.terms)

    return router


def _view(terms: Terms) -> TermsBody:
    return TermsBody(
        reminders=list(terms.reminders),
        minutes=terms.minutes,
        hold_minutes=terms.hold_minutes,
        cutoff_minutes=terms.cutoff_minutes,
        present_minutes=terms.present_minutes,
        hosts=sorted(terms.hosts),
    )
