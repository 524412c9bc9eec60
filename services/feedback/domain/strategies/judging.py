"""Says what came of a strategy, once, when its window is over."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.feedback.domain.effects.assessing import assess
from services.feedback.domain.effects.verdict import Reason, Verdict
from services.feedback.domain.reviews.deciding import with_rating, with_session
from services.feedback.domain.scene import Scene
from services.feedback.domain.strategies.counting import day_in, decide_ended, decide_rated
from services.feedback.domain.strategies.registered import Registered, reading_key
from services.feedback.domain.strategies.registering import due
from services.feedback.domain.strategies.telling import outcome_word
from shared.clock import as_stored
from shared.contracts.envelope import Envelope
from shared.contracts.feedback import StrategyDue, StrategyJudged, StrategyOutcome
from shared.contracts.webinars import SessionRated, WebinarEnded
from shared.decision import Decision, Emit


def verdict_on(scene: Scene, registered: Registered, now: dt.datetime) -> Verdict:
    """Return what a strategy has come to by now."""
    reading = scene.readings.get(reading_key(registered))
    others = [each.strategy for each in scene.strategies.values() if each is not None]
    facts = reading.facts if reading is not None else ()
    return assess(registered.strategy, facts, others, day_in(now, registered.zone))


def decide_due(scene: Scene, event: Envelope[StrategyDue], now: dt.datetime) -> Decision[Scene]:
    """Tell a group what came of a change, where that can be said by now and was not said before."""
    registered = scene.strategies.get(event.data.strategy_id)
    if registered is None or registered.outcome is not None:
        return Decision(scene)
    verdict = verdict_on(scene, registered, now)
    if Reason.RUNNING in verdict.reasons:
        return Decision(scene, note="strategy_running")
    outcome = StrategyOutcome(verdict.outcome)
    judged = StrategyJudged(
        scope=registered.scope,
        strategy_id=registered.strategy_id,
        number=registered.number,
        metric=registered.metric,
        outcome=outcome,
        judged_at=now,
    )
    after = replace(registered, outcome=outcome, judged_at=as_stored(now))
    return Decision(
        scene.with_strategy(after),
        emit=(Emit(judged, registered.scope),),
        say=(outcome_word(after, verdict),),
        note=f"strategy_{outcome}",
    )


def decide_session_ended(scene: Scene, event: Envelope[WebinarEnded], now: dt.datetime) -> Decision[Scene]:
    """Count a session; who is measured by so many of them may be judged on the next morning."""
    decision = decide_ended(with_session(scene, event), event, now)
    waiting = (
        each
        for each in scene.strategies.values()
        if each is not None and each.units is not None and each.outcome is None
    )
    today = day_in(now, scene.zone)
    wake = tuple(due(each, today) for each in waiting if each.first_day <= today.isoformat() < each.last_day)
    return replace(decision, wake=wake)


def decide_session_rated(scene: Scene, event: Envelope[SessionRated], now: dt.datetime) -> Decision[Scene]:
    """Count a rating, and how useful the session is by it."""
    return decide_rated(with_rating(scene, event), event, now)
