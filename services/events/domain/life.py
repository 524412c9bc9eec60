"""What the clock does to a session: it begins, it ends, and leaves the lists."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.events.domain.attending import code_news
from services.events.domain.codes import Codes
from services.events.domain.facts import emit, of_webinar, origin_of
from services.events.domain.rating import feedback_clock
from services.events.domain.replying import of
from services.events.domain.roll import Seat
from services.events.domain.scene import Scene
from services.events.domain.scheduling import announcements
from services.events.domain.timers import archiving
from services.events.domain.webinar import Stage, Webinar
from shared.contracts.envelope import Envelope
from shared.contracts.webinars import MAX_TITLE, DueStage, WebinarDue, WebinarEnded, WebinarStarted
from shared.decision import Decision, Phrase


def decide_due(
    scene: Scene, event: Envelope[WebinarDue], now: dt.datetime, *, codes: Codes
) -> Decision[Scene]:
    """Return the scene in which the session is what the clock says; a moved or cancelled one is not."""
    webinar = scene.webinars.get(event.data.webinar_id)
    if webinar is None or webinar.starts_at != event.data.starts_at:
        return Decision(scene)
    match event.data.stage, webinar.stage:
        case DueStage.LIVE, Stage.SCHEDULED:
            return _started(scene, webinar, now, codes)
        case DueStage.ENDED, Stage.SCHEDULED | Stage.LIVE:
            return _ended(scene, webinar, now)
        case DueStage.ARCHIVED, Stage.ENDED:
            scene = replace(scene, community=scene.community.with_archived(webinar.webinar_id))
            return Decision(
                scene.with_webinar(replace(webinar, stage=Stage.ARCHIVED)), note="webinar_archived"
            )
        case _:
            return Decision(scene)


def _started(scene: Scene, webinar: Webinar, now: dt.datetime, codes: Codes) -> Decision[Scene]:
    webinar = replace(webinar, stage=Stage.LIVE)
    key = "webinar.started_at" if webinar.link else "webinar.started"
    told = announcements(webinar, Phrase(key, of(webinar, link=webinar.link or "")))
    # Said of what is going on, and of nothing that is over.
    fresh = tuple(replace(each, valid_for=dt.timedelta(minutes=webinar.minutes)) for each in told)
    return Decision(
        scene.with_webinar(webinar),
        emit=(emit(webinar, WebinarStarted(**of_webinar(webinar), started_at=now)),),
        say=(*fresh, *code_news(webinar, codes)) if now < webinar.ends_at else (),
        note="webinar_started",
    )


def _ended(scene: Scene, webinar: Webinar, now: dt.datetime) -> Decision[Scene]:
    roll = scene.roll(webinar)
    webinar = replace(
        webinar,
        stage=Stage.ENDED,
        ended_at=now,
        registered=len(roll.having(Seat.CONFIRMED)),
        attended=len(roll.attended),
    )
    fact = WebinarEnded(
        **of_webinar(webinar),
        title=webinar.title[:MAX_TITLE],
        host=webinar.host,
        speakers=webinar.speakers,
        session_at=webinar.starts_at,
        origin=origin_of(webinar),
        registered=webinar.registered,
        attended=webinar.attended,
        ended_at=now,
    )
    scene = replace(scene, community=scene.community.with_ended(webinar.webinar_id))
    return Decision(
        scene.with_webinar(webinar),
        emit=(emit(webinar, fact),),
        wake=(archiving(webinar, now), feedback_clock(webinar, scene.community.terms)),
        note="webinar_ended",
    )
