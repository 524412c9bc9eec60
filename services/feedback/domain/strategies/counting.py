"""Keeps the sums from which effects are worked out, as facts of all services come in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TypeAlias
from zoneinfo import ZoneInfo

from services.feedback.domain import following
from services.feedback.domain.following import AgainstMessage, InFavour
from services.feedback.domain.scene import Scene
from services.feedback.domain.strategies.metrics import (
    ACTIVE_MEMBERS,
    ATTENDANCE_RATIO,
    OVERTURNED,
    SESSION_ATTENDANCE,
    SESSION_RATING,
    THANKS,
    Measured,
)
from services.feedback.domain.strategies.tally import Tally, tally_key
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.moderation import CaseOverturned, MessageFlagged
from shared.contracts.rewards import PointsAwarded
from shared.contracts.webinars import SessionRated, WebinarEnded
from shared.decision import Decision

OfSession: TypeAlias = WebinarEnded | SessionRated
THANKED = "thanks"
"""The action of rewards by which somebody was thanked."""


def day_in(at: dt.datetime, zone: str) -> dt.date:
    """Return on which day of a zone something was."""
    return at.astimezone(ZoneInfo(zone)).date()


def with_active(scene: Scene, event: Envelope[MessageReceived]) -> Scene:
    """Return the scene in which who has written in a group is counted on that day."""
    day = day_in(event.data.sent_at, scene.zone)
    tally = _tally(scene, ACTIVE_MEMBERS, day.isoformat())
    counted = tally.with_person(day, scene.member.now)
    return scene if counted is tally else scene.with_tally(counted)


def decide_ended(scene: Scene, event: Envelope[WebinarEnded], now: dt.datetime) -> Decision[Scene]:
    """Count who came to a session, and of those who wanted to come."""
    del now
    session, day = event.data, day_in(event.data.session_at or event.data.ended_at, scene.zone)
    ratio = _tally(scene, ATTENDANCE_RATIO, session.webinar_id)
    mean = _tally(scene, SESSION_ATTENDANCE, session.webinar_id)
    # Who came without a seat is no part of those who had one.
    attended = min(session.attended, session.registered)
    scene = scene.with_tally(ratio.being(day, attended, session.registered))
    return Decision(scene.with_tally(mean.being(day, session.attended, 1)), note="session_counted")


def decide_rated(scene: Scene, event: Envelope[SessionRated], now: dt.datetime) -> Decision[Scene]:
    """Count how somebody rated a session."""
    del now
    tally = _tally(scene, SESSION_RATING, event.data.webinar_id)
    day = day_in(event.data.rated_at, scene.zone)
    return Decision(scene.with_tally(tally.plus(day, event.data.rating, 1)), note="rating_counted")


def decide_awarded(scene: Scene, event: Envelope[PointsAwarded], now: dt.datetime) -> Decision[Scene]:
    """Count thanks that earned somebody points."""
    del now
    entry = event.data
    if entry.action != THANKED or entry.points == 0 or entry.number > 0:
        return Decision(scene)
    tally = _tally(scene, THANKS, entry.day)
    return Decision(
        scene.with_tally(tally.plus(dt.date.fromisoformat(entry.day), 1, 1)), note="thanks_counted"
    )


def decide_against(scene: Scene, event: Envelope[AgainstMessage], now: dt.datetime) -> Decision[Scene]:
    """Follow what moderation holds against a message, and count the case where it is opened."""
    decision = following.decide_against(scene, event, now)
    if not isinstance(event.data, MessageFlagged):
        return decision
    return _case(decision, event.data.flagged_at, 0, 1)


def decide_in_favour(scene: Scene, event: Envelope[InFavour], now: dt.datetime) -> Decision[Scene]:
    """Follow that a case was a mistake, and count that."""
    decision = following.decide_in_favour(scene, event, now)
    if not isinstance(event.data, CaseOverturned):
        return decision
    return _case(decision, event.data.overturned_at, 1, 0)


def _case(decision: Decision[Scene], at: dt.datetime, part: float, whole: float) -> Decision[Scene]:
    scene = decision.state
    day = day_in(at, scene.zone)
    tally = _tally(scene, OVERTURNED, day.isoformat())
    return replace(decision, state=scene.with_tally(tally.plus(day, part, whole)))


def _tally(scene: Scene, measured: Measured, unit: str) -> Tally:
    key = tally_key(scene.scope, measured, unit)
    return scene.tallies.get(key) or Tally(key)
