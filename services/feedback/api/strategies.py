"""Strategies by REST: a change registered before it begins, and what came of it."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated, Final, Protocol, TypeAlias

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.feedback.api.ids import READ, SCOPE, SUGGESTION, Writer
from services.feedback.domain.effects.effect import Side
from services.feedback.domain.effects.verdict import Outcome, Reason, Verdict
from services.feedback.domain.effects.windows import EVERY_DAY
from services.feedback.domain.scene import Scene
from services.feedback.domain.strategies.judging import verdict_on
from services.feedback.domain.strategies.metrics import METRICS
from services.feedback.domain.strategies.registered import Registered
from services.feedback.domain.strategies.registering import MOST_UNITS, Wish, register_once
from services.feedback.domain.subjects import ChatSubject, StrategySubject
from services.feedback.papers.charts import Comparison, comparison_png, comparison_svg
from services.feedback.papers.wording import Unit, metric_text
from shared.asked import asked
from shared.clock import Clock
from shared.contracts.feedback import StrategyOutcome
from shared.decision import Decision
from shared.errors import NotFound
from shared.http.app import requires
from shared.http.paging import NEXT, Key, PagedByTime, Place, cursor, place
from shared.i18n import Language
from shared.stream.desk import Desk

CHAT: Final = r"^c_[0-9a-f]{20}$"
MEMBER: Final = r"^m_[0-9a-f]{20}$"
STRATEGY: Final = rf"^{SCOPE}#ST[0-9]{{1,9}}$"

StrategyPath: TypeAlias = Annotated[
    str,
    Path(
        pattern=STRATEGY,
        examples=["community:seo-batch-7#ST8"],
        description="A strategy: its scope, `#ST` (in a path `%23ST`) and its number.",
    ),
]
Words: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]


class Strategies(Protocol):
    """Where strategies are looked up."""

    async def find(self, key: str) -> Registered | None:
        """Return a strategy."""
        ...

    async def page(self, scope: str | None, before: Place | None, limit: int) -> list[Registered]:
        """Return up to `limit` strategies, the newest first, beginning behind `before`."""
        ...


class StrategyQuery(PagedByTime):
    """Which strategies."""

    scope: str | None = Field(None, pattern=f"^{SCOPE}$", description="Of one community or chat.")


class NewStrategy(BaseModel):
    """A change that is to be measured."""

    model_config = ConfigDict(extra="forbid")

    chat_id: str = Field(pattern=CHAT, description="The group it is for, which hears what came of it.")
    change: Words = Field(examples=["सत्र का समय 7:30 → 8:30"], description="What is done otherwise.")
    hypothesis: Words = Field(description="What is expected of it, and why.")
    metric: str = Field(max_length=64, examples=["attendance_ratio"], description="One of `/v1/metrics`.")
    first_day: dt.date = Field(description="The first on which it is in force, in the group's zone.")
    last_day: dt.date = Field(description="Of the window; the baseline is as long, whole weeks before.")
    weekdays: Annotated[list[int], Field(min_length=1, max_length=7)] | None = Field(
        None, description="If only some days count: 0 is Monday."
    )
    sessions: int | None = Field(
        None,
        ge=1,
        le=MOST_UNITS,
        description="By how many it is measured, if not by the whole window.",
    )
    owner: str = Field(pattern=MEMBER, description="The member who answers for it.")
    suggestion_id: str | None = Field(None, pattern=SUGGESTION, description="The suggestion it carries out.")


class StrategyView(BaseModel):
    """A strategy."""

    strategy_id: str
    scope: str
    number: int = Field(description="By which it is named: ST-8.")
    chat_id: str
    change: str
    hypothesis: str
    metric: str
    first_day: dt.date
    last_day: dt.date
    baseline_first_day: dt.date
    baseline_last_day: dt.date
    weekdays: list[int]
    sessions: int | None
    owner: str
    suggestion_id: str | None
    registered_by: str
    registered_at: AwareDatetime
    outcome: StrategyOutcome | None = Field(description="Null until its window is over.")
    judged_at: AwareDatetime | None


class StrategyPage(BaseModel):
    """Some strategies, and where to go on."""

    strategies: list[StrategyView]
    next: str | None = Field(description=NEXT)


class SideView(BaseModel):
    """What a metric came to in one of the two windows."""

    n: int = Field(description="Sessions, days or people.")
    value: float | None
    low: float | None = Field(description="Of the interval, with 90 % confidence.")
    high: float | None


class ClashView(BaseModel):
    """Another change that may have moved the metric."""

    strategy_id: str
    mark: str
    starts_on: dt.date


class EffectView(BaseModel):
    """What came of a strategy, by all that is known now."""

    strategy_id: str
    metric: str
    before: SideView
    after: SideView
    difference: float | None
    low: float | None = Field(description="Of the difference, with 95 % confidence.")
    high: float | None
    verdict: Outcome
    reasons: list[Reason] = Field(description="Why nothing can be told, and what makes it doubtful.")
    clashes: list[ClashView]
    festivals: list[str]


class MetricView(BaseModel):
    """A metric."""

    name: str
    kind: str
    good: str = Field(description="Whether it is to go up or down.")
    of_sessions: bool = Field(description="Whether a strategy can be measured by so many sessions.")


def strategy_router(
    strategies: Strategies, registering: Desk[Scene], desk: Desk[Scene], clock: Clock
) -> APIRouter:
    """Return the routes under `/v1/strategies` and `/v1/metrics`.

    Args:
        strategies: where they are looked up.
        registering: registers new ones; its bundle takes a `ChatSubject`.
        desk: reads one with its facts; its bundle takes a `StrategySubject`.
        clock: tells which days are over.
    """
    router = APIRouter(prefix="/v1", tags=["strategies"])
    reading = [Depends(requires(READ))]

    @router.get("/metrics", summary="What a strategy can be measured by", dependencies=reading)
    async def list_metrics() -> list[MetricView]:
        return [
            MetricView(name=name, kind=each.metric.kind, good=each.metric.good, of_sessions=each.of_sessions)
            for name, each in METRICS.items()
        ]

    @router.get("/strategies", summary="Strategies, the newest first", dependencies=reading)
    async def list_strategies(wanted: Annotated[StrategyQuery, Query()]) -> StrategyPage:
        found = await strategies.page(wanted.scope, place(wanted.after), wanted.limit + 1)
        shown = found[: wanted.limit]
        last = shown[-1] if len(found) > wanted.limit else None
        return StrategyPage(
            strategies=[_view(each) for each in shown],
            next=cursor(last.registered_at, last.strategy_id) if last else None,
        )

    @router.get("/strategies/{strategy_id}", summary="One strategy", dependencies=reading)
    async def get_strategy(strategy_id: StrategyPath) -> StrategyView:
        return _view(_found(await strategies.find(strategy_id)))

    @router.post("/strategies", summary="Register a strategy", status_code=201)
    async def register(body: NewStrategy, key: Key, actor: Writer) -> StrategyView:
        wanted = asked(actor.id, key, body.model_dump_json().encode())
        wish = Wish(
            change=body.change,
            hypothesis=body.hypothesis,
            metric=body.metric,
            first_day=body.first_day,
            last_day=body.last_day,
            owner=body.owner,
            weekdays=frozenset(body.weekdays) if body.weekdays else EVERY_DAY,
            units=body.sessions,
            suggestion_id=body.suggestion_id,
        )
        scene = await registering.decide(
            ChatSubject(body.chat_id, body.suggestion_id),
            lambda scene, now: register_once(scene, wanted, wish, actor.id, now),
        )
        return _view(_found(scene.strategies.get(scene.community.measured[wanted.id].item_id)))

    @router.get("/strategies/{strategy_id}/effect", summary="What came of it", dependencies=reading)
    async def get_effect(strategy_id: StrategyPath) -> EffectView:
        registered, verdict = await judged(strategy_id)
        return _effect(registered, verdict)

    @router.get(
        "/strategies/{strategy_id}/effect.svg",
        summary="What came of it, as a picture",
        dependencies=reading,
        response_class=Response,
    )
    async def get_svg(strategy_id: StrategyPath, language: Language = Language.HI) -> Response:
        registered, verdict = await judged(strategy_id)
        drawn = await asyncio.to_thread(comparison_svg, _comparison(registered, verdict, language))
        return Response(drawn, media_type="image/svg+xml")

    @router.get(
        "/strategies/{strategy_id}/effect.png",
        summary="What came of it, as a picture for a chat",
        dependencies=reading,
        response_class=Response,
    )
    async def get_png(strategy_id: StrategyPath, language: Language = Language.HI) -> Response:
        registered, verdict = await judged(strategy_id)
        drawn = await asyncio.to_thread(comparison_png, _comparison(registered, verdict, language))
        return Response(drawn, media_type="image/png")

    async def judged(strategy_id: str) -> tuple[Registered, Verdict]:
        scope = strategy_id.rpartition("#")[0]
        scene = await desk.decide(StrategySubject(scope, strategy_id), lambda scene, _: Decision(scene))
        registered = _found(scene.strategies.get(strategy_id))
        # The bootstrap of many sessions takes a while, in which others are to be answered.
        return registered, await asyncio.to_thread(verdict_on, scene, registered, clock.now())

    return router


def _found(registered: Registered | None) -> Registered:
    if registered is None:
        raise NotFound("There is no such strategy.")
    return registered


def _view(registered: Registered) -> StrategyView:
    strategy = registered.strategy
    return StrategyView(
        strategy_id=registered.strategy_id,
        scope=registered.scope,
        number=registered.number,
        chat_id=registered.chat_id,
        change=registered.change,
        hypothesis=registered.hypothesis,
        metric=registered.metric,
        first_day=strategy.window.first,
        last_day=strategy.window.last,
        baseline_first_day=strategy.baseline.first,
        baseline_last_day=strategy.baseline.last,
        weekdays=sorted(registered.weekdays),
        sessions=registered.units,
        owner=registered.owner,
        suggestion_id=registered.suggestion_id,
        registered_by=registered.registered_by,
        registered_at=registered.registered_at,
        outcome=registered.outcome,
        judged_at=registered.judged_at,
    )


def _effect(registered: Registered, verdict: Verdict) -> EffectView:
    effect, season = verdict.effect, verdict.season
    return EffectView(
        strategy_id=registered.strategy_id,
        metric=registered.metric,
        before=side_view(effect.before),
        after=side_view(effect.after),
        difference=effect.difference,
        low=effect.interval.low if effect.interval else None,
        high=effect.interval.high if effect.interval else None,
        verdict=verdict.outcome,
        reasons=list(verdict.reasons),
        clashes=[
            ClashView(strategy_id=each.strategy_id, mark=each.mark, starts_on=each.starts_on)
            for each in verdict.clashes
        ],
        festivals=sorted({str(each) for each in (*season.baseline, *season.window)}),
    )


def side_view(side: Side) -> SideView:
    """Return what a metric came to in a window, as REST clients see it."""
    low, high = (side.interval.low, side.interval.high) if side.interval else (None, None)
    return SideView(n=side.n, value=side.value, low=low, high=high)


def _comparison(registered: Registered, verdict: Verdict, language: Language) -> Comparison:
    return Comparison(
        title=metric_text(registered.metric, language),
        effect=verdict.effect,
        outcome=verdict.outcome,
        change=f"{registered.strategy.mark}: {registered.change}",
        unit=Unit.PERCENT if METRICS[registered.metric].percent else Unit.NUMBER,
        language=language,
    )
