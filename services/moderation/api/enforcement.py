"""What rules wanted of the channel, and how much of it the channel could not do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.moderation.api.backtests import RateView
from services.moderation.api.cases import READ
from services.moderation.domain.cases.achieving import by_rule
from services.moderation.domain.cases.case import Achieved
from shared.clock import Clock
from shared.http.app import requires

WEEK = 7


class Cases(Protocol):
    """Where cases are counted."""

    async def achieved(self, scope: str | None, since: dt.datetime) -> Iterable[tuple[str, Achieved, int]]:
        """Return how often what rules wanted came to what, in cases opened since then."""
        ...


class EnforcementQuery(BaseModel):
    """Of whom, and of when."""

    scope: str | None = Field(
        None, pattern=r"^(community:[A-Za-z0-9_-]{1,64}|chat:c_[0-9a-f]{20})$", description="Of one scope."
    )
    days: int = Field(WEEK, ge=1, le=366, description="How many days up to now.")


class WantedView(BaseModel):
    """What one rule has wanted of the channel: messages to delete, members to remove."""

    rule: str
    done: int
    by_hand: int = Field(description="What the channel did not do, and somebody in the group did.")
    left: int = Field(description="What waits for somebody's hand.")
    pending: int
    beyond: RateView = Field(description="Of what has come to an end, how much the channel did not do.")


class EnforcementView(BaseModel):
    """What rules have wanted, by rule."""

    rules: list[WantedView]


def enforcement_router(cases: Cases, clock: Clock) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/v1", tags=["cases"])

    @router.get(
        "/enforcement",
        summary="What the channel could not do, by rule",
        dependencies=[Depends(requires(READ))],
    )
    async def get_enforcement(wanted: Annotated[EnforcementQuery, Query()]) -> EnforcementView:
        counts = await cases.achieved(wanted.scope, clock.now() - dt.timedelta(days=wanted.days))
        return EnforcementView(rules=[WantedView.model_validate(asdict(each)) for each in by_rule(counts)])

    return router
