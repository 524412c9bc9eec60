"""How a community is doing, by REST: the parts, and a picture of each."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Protocol, TypeAlias

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, Field

from services.feedback.api.ids import READ, SCOPE
from services.feedback.api.strategies import SideView, side_view
from services.feedback.domain.community import Community
from services.feedback.domain.effects.samples import Fact
from services.feedback.domain.effects.verdict import Outcome, Reason
from services.feedback.domain.health import WEEKS_SHOWN, Health, Part, health_of, weekly, windows
from services.feedback.domain.strategies.counting import day_in
from services.feedback.domain.strategies.metrics import METRICS
from services.feedback.papers.charts import Point, Trend, trend_png, trend_svg
from services.feedback.papers.wording import Unit, metric_text
from shared.chats import DEFAULT_ZONE
from shared.clock import Clock
from shared.errors import NotFound
from shared.http.app import requires
from shared.i18n import Language

ScopeName: TypeAlias = Annotated[str, Path(pattern=f"^{SCOPE}$", examples=["community:seo-batch-7"])]
MetricName: TypeAlias = Annotated[str, Path(max_length=64, description="One of `/v1/metrics`.")]
Until: TypeAlias = Annotated[
    dt.date | None, Query(description="The day after the last that counts; else today, in the group's zone.")
]


class Facts(Protocol):
    """Where facts are looked up."""

    async def facts(self, of: str, first: str, last: str) -> tuple[Fact, ...]:
        """Return the facts of a scope and a metric over some days."""
        ...


class Communities(Protocol):
    """Where communities are looked up."""

    async def find(self, key: str) -> Community | None:
        """Return a community."""
        ...


class PartView(BaseModel):
    """One metric."""

    metric: str
    good: str = Field(description="Whether it is to go up or down.")
    now: SideView | None = Field(
        description="Null where nothing was counted in both windows: no data, not 0."
    )
    before: SideView | None
    low: float | None = Field(description="Of the difference, with 95 % confidence.")
    high: float | None
    verdict: Outcome | None
    reasons: list[Reason] = Field(description="Why nothing can be told, and what makes it doubtful.")


class HealthReport(BaseModel):
    """How a community is doing; there is no number over all of it."""

    scope: str
    first_day: dt.date
    last_day: dt.date
    before_first_day: dt.date
    before_last_day: dt.date
    parts: list[PartView]


def health_router(facts: Facts, communities: Communities, clock: Clock) -> APIRouter:
    """Return the routes under `/v1/health-report`.

    Args:
        facts: where facts are looked up.
        communities: where their zones are looked up.
        clock: tells which days are over.
    """
    router = APIRouter(prefix="/v1/health-report", tags=["health"])
    reading = [Depends(requires(READ))]

    @router.get("/{scope}", summary="How a community is doing", dependencies=reading)
    async def get_report(scope: ScopeName, until: Until = None) -> HealthReport:
        day = until or await today(scope)
        window, before = windows(day)
        found = {name: await between(scope, name, before.first, window.last) for name in METRICS}
        # The bootstrap takes a while, in which others are to be answered.
        return _report(scope, await asyncio.to_thread(health_of, scope, found, day))

    @router.get(
        "/{scope}/{metric}.svg", summary="One part over weeks", dependencies=reading, response_class=Response
    )
    async def get_svg(
        scope: ScopeName, metric: MetricName, until: Until = None, language: Language = Language.HI
    ) -> Response:
        drawn = await asyncio.to_thread(trend_svg, await trend(scope, metric, until, language))
        return Response(drawn, media_type="image/svg+xml")

    @router.get(
        "/{scope}/{metric}.png",
        summary="One part over weeks, for a chat",
        dependencies=reading,
        response_class=Response,
    )
    async def get_png(
        scope: ScopeName, metric: MetricName, until: Until = None, language: Language = Language.HI
    ) -> Response:
        drawn = await asyncio.to_thread(trend_png, await trend(scope, metric, until, language))
        return Response(drawn, media_type="image/png")

    async def today(scope: str) -> dt.date:
        community = await communities.find(scope)
        if community is None:
            raise NotFound("There is no such community.")
        return day_in(clock.now(), community.zone or DEFAULT_ZONE)

    async def between(scope: str, metric: str, first: dt.date, last: dt.date) -> Sequence[Fact]:
        return await facts.facts(f"{scope}|{metric}", first.isoformat(), last.isoformat())

    async def trend(scope: str, metric: str, until: dt.date | None, language: Language) -> Trend:
        measured = METRICS.get(metric)
        if measured is None:
            raise NotFound("There is no such metric.")
        day = until or await today(scope)
        found = await between(scope, metric, day - dt.timedelta(weeks=WEEKS_SHOWN), day)
        return Trend(
            title=metric_text(metric, language),
            points=tuple(Point(on, value) for on, value in weekly(measured, found, day)),
            unit=Unit.PERCENT if measured.percent else Unit.NUMBER,
            language=language,
        )

    return router


def _report(scope: str, health: Health) -> HealthReport:
    return HealthReport(
        scope=scope,
        first_day=health.window.first,
        last_day=health.window.last,
        before_first_day=health.before.first,
        before_last_day=health.before.last,
        parts=[_part(each) for each in health.parts],
    )


def _part(part: Part) -> PartView:
    metric, verdict = part.measured.metric, part.verdict
    if verdict is None:
        return PartView(
            metric=metric.name,
            good=metric.good,
            now=None,
            before=None,
            low=None,
            high=None,
            verdict=None,
            reasons=[],
        )
    effect = verdict.effect
    return PartView(
        metric=metric.name,
        good=metric.good,
        now=side_view(effect.after),
        before=side_view(effect.before),
        low=effect.interval.low if effect.interval else None,
        high=effect.interval.high if effect.interval else None,
        verdict=verdict.outcome,
        reasons=list(verdict.reasons),
    )
