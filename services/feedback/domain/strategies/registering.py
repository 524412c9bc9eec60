"""Registers a change before it begins: what is expected, how that is seen, and until when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from services.feedback.domain.community import Made
from services.feedback.domain.effects.windows import EVERY_DAY
from services.feedback.domain.scene import Scene
from services.feedback.domain.strategies.counting import day_in
from services.feedback.domain.strategies.metrics import METRICS
from services.feedback.domain.strategies.registered import Registered, strategy_id
from services.feedback.domain.strategies.telling import registered_word
from shared.asked import Asked
from shared.clock import as_stored
from shared.contracts.feedback import StrategyDue, StrategyRegistered
from shared.decision import Decision, Emit, Wake
from shared.errors import Conflict, Invalid, NotFound

TOLD_AT: Final = dt.time(9, 0)
"""When a group hears what came of a strategy, the day after its window."""
VALID_FOR: Final = dt.timedelta(days=30)
"""An outcome is worth hearing late."""
MOST: Final = 500
"""Strategies of a community."""
KEPT_REQUESTS: Final = 200
MOST_UNITS: Final = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to change, and to see."""

    change: str
    hypothesis: str
    metric: str
    first_day: dt.date
    last_day: dt.date
    owner: str
    weekdays: frozenset[int] = EVERY_DAY
    units: int | None = None
    suggestion_id: str | None = None


def register_once(scene: Scene, wanted: Asked, wish: Wish, by: str, now: dt.datetime) -> Decision[Scene]:
    """Register a strategy, or do nothing where the same request has registered one before.

    Args:
        scene: around the chat.
        wanted: the request.
        wish: what is to be changed.
        by: who asks.
        now: the time.

    Raises:
        NotFound: nothing was ever heard of the group, or there is no such suggestion.
        Conflict: another request had the same key; there are too many.
        Invalid: the window is over or no window, there is no such metric, or it has no sessions to count.
    """
    if not scene.chat.known or scene.chat.direct:
        raise NotFound("There is no such group.")
    before = scene.community.measured.get(wanted.id)
    if before is not None:
        if before.digest != wanted.digest:
            raise Conflict("Another request had this Idempotency-Key.")
        return Decision(scene, note="strategy_repeated")
    if len(scene.community.strategies) >= MOST:
        raise Conflict("There are too many strategies.")
    if wish.suggestion_id is not None and scene.suggestions.get(wish.suggestion_id) is None:
        raise NotFound("There is no such suggestion.")
    new = _checked(scene, wish, by, now)
    measured = {**scene.community.measured, wanted.id: Made(new.strategy_id, wanted.digest)}
    community = replace(
        scene.community,
        next_strategy=new.number + 1,
        strategies=scene.community.strategies | {new.strategy_id},
        measured=dict(list(measured.items())[-KEPT_REQUESTS:]),
    )
    told = StrategyRegistered(
        scope=new.scope,
        strategy_id=new.strategy_id,
        number=new.number,
        metric=new.metric,
        change=new.change,
        owner=new.owner,
        suggestion_id=new.suggestion_id,
        first_day=new.first_day,
        last_day=new.last_day,
        registered_by=by,
        registered_at=now,
    )
    return Decision(
        replace(scene, community=community).with_strategy(new),
        emit=(Emit(told, new.scope),),
        say=(registered_word(new),),
        wake=(due(new, dt.date.fromisoformat(new.last_day)),),
        note="strategy_registered",
    )


def due(registered: Registered, last: dt.date) -> Wake:
    """Return the timer by which a strategy is judged, on the morning after `last`."""
    at = dt.datetime.combine(last + dt.timedelta(days=1), TOLD_AT, ZoneInfo(registered.zone))
    name = (
        f"strategy/{registered.strategy_id}/{'end' if last.isoformat() == registered.last_day else 'units'}"
    )
    data = StrategyDue(scope=registered.scope, strategy_id=registered.strategy_id)
    return Wake(name, at, data, registered.scope, VALID_FOR)


def _checked(scene: Scene, wish: Wish, by: str, now: dt.datetime) -> Registered:
    measured = METRICS.get(wish.metric)
    if measured is None:
        raise Invalid(f"There is no such metric; there are {', '.join(METRICS)}.")
    if wish.units is not None and not measured.of_sessions:
        raise Invalid("This metric is counted by days, not by sessions.")
    if wish.last_day < day_in(now, scene.zone):
        # A window that is over was chosen by who knew its numbers.
        raise Invalid("The window is over: what is measured is registered before.")
    number = scene.community.next_strategy
    new = Registered(
        strategy_id=strategy_id(scene.scope, number),
        scope=scene.scope,
        number=number,
        chat_id=scene.chat.chat_id,
        change=wish.change,
        hypothesis=wish.hypothesis,
        metric=wish.metric,
        first_day=wish.first_day.isoformat(),
        last_day=wish.last_day.isoformat(),
        owner=wish.owner,
        registered_by=by,
        registered_at=as_stored(now),
        zone=scene.zone,
        weekdays=wish.weekdays,
        units=wish.units,
        language=scene.chat.spoken,
        suggestion_id=wish.suggestion_id,
    )
    try:
        # What effects refuse is no window: reading it is the check.
        _ = new.strategy.baseline
    except ValueError as wrong:
        raise Invalid(f"This is no window: {wrong}.") from wrong
    return new
