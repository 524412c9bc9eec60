"""Calls, moves and cancels sessions: the same way for a yes in the chat and for a REST client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from services.events.domain import seats
from services.events.domain.community import MOST_AHEAD, Called
from services.events.domain.draft import Draft
from services.events.domain.facts import described, emit, of_webinar
from services.events.domain.registering import holding, offered
from services.events.domain.replying import of
from services.events.domain.scene import Scene
from services.events.domain.telling import news
from services.events.domain.timers import clocks, no_clocks, offer_timer
from services.events.domain.timing.zones import instant
from services.events.domain.webinar import Stage, Webinar, webinar_id
from shared.asked import Asked as RequestKey
from shared.contracts.gateway import SendClass
from shared.contracts.webinars import News, WebinarCancelled, WebinarChanged, WebinarScheduled
from shared.decision import Decision, Phrase, Say
from shared.errors import Conflict, Invalid, NotFound

KEPT_REQUESTS = 100
"""Requests of a community that are known when they come again, the latest."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different; None leaves it."""

    wall: str | None = None
    zone: str | None = None
    minutes: int | None = None
    title: str | None = None
    capacity: int | None = None
    unlimited: bool = False
    """Whether there is to be room for all from now on."""
    description: str | None = None
    link: str | None = None
    speakers: tuple[str, ...] | None = None


def call(
    scene: Scene, draft: Draft, *, host: str | None, now: dt.datetime, series: str | None = None
) -> Decision[Scene]:
    """Return the decision to hold the session of a draft: its number, its timers, and word to the group.

    Raises:
        Invalid: it has no time, or one that is over.
        Conflict: too many sessions are ahead.
    """
    if len(scene.community.ahead) >= MOST_AHEAD:
        raise Conflict("Too many sessions are ahead.")
    number = scene.community.next_number
    scope = scene.chat.scope
    webinar = Webinar(
        webinar_id=webinar_id(scope, number),
        scope=scope,
        number=number,
        chat_id=scene.chat.chat_id,
        title=draft.title,
        wall=draft.wall or "",
        zone=draft.zone,
        starts_at=_ahead(draft.wall, draft.zone, now),
        minutes=draft.minutes or scene.community.terms.minutes,
        host=host,
        created_at=now,
        changed_at=now,
        capacity=draft.capacity,
        language=scene.language,
        link=draft.link,
        origin=draft.origin,
        series=series,
        recurrence=draft.wall if series else None,
    )
    community = replace(scene.community, next_number=number + 1).with_ahead(webinar.webinar_id)
    scene = replace(scene, community=community).with_webinar(webinar)
    return Decision(
        scene,
        emit=(emit(webinar, WebinarScheduled(**described(webinar), scheduled_at=now)),),
        say=tuple(announcements(webinar, Phrase("webinar.called", of(webinar, seats=room_of(webinar))))),
        wake=clocks(webinar, scene.community.terms, now),
        note="webinar_scheduled",
    )


def call_once(scene: Scene, wanted: RequestKey, begin: Callable[[Scene], Decision[Scene]]) -> Decision[Scene]:
    """Return what `begin` decides, or to do nothing where the same request has called a session before.

    Args:
        scene: around the chat.
        wanted: the request.
        begin: calls a session, or a series of them.

    Raises:
        NotFound: nothing was ever heard of the chat.
        Conflict: another request had the same key; too many sessions are ahead.
        Invalid: it has no time, or one that is over.
    """
    if not scene.chat.known:
        raise NotFound("There is no such chat.")
    before = scene.community.called.get(wanted.id)
    if before is not None:
        if before.digest != wanted.digest:
            raise Conflict("Another request had this Idempotency-Key.")
        return Decision(scene)
    first = scene.community.next_number
    decision = begin(scene)
    community = decision.state.community
    new = Called(webinar_id(community.scope, first), wanted.digest)
    called = dict([*community.called.items(), (wanted.id, new)][-KEPT_REQUESTS:])
    return replace(decision, state=replace(decision.state, community=replace(community, called=called)))


def change(scene: Scene, webinar: Webinar, wanted: Change, now: dt.datetime) -> Decision[Scene]:
    """Return the decision to change a session: its timers move with it, and people hear where and when it is.

    A change of the time is told to the group and to everybody concerned; more seats are offered to who waits.

    Raises:
        Conflict: it is over or cancelled, or has begun and is to be moved.
        Invalid: the new time is over; fewer seats than are taken.
    """
    if not webinar.ahead:
        raise Conflict("This session is over or cancelled.")
    moves = wanted.wall is not None or wanted.zone is not None
    if moves and webinar.stage is not Stage.SCHEDULED:
        raise Conflict("This session has begun.")
    roll = scene.roll(webinar)
    if wanted.capacity is not None and wanted.capacity < roll.taken:
        raise Invalid("More seats are taken than that.")
    wall, zone = wanted.wall or webinar.wall, wanted.zone or webinar.zone
    before = webinar
    webinar = replace(
        webinar,
        title=wanted.title or webinar.title,
        wall=wall,
        zone=zone,
        starts_at=_ahead(wall, zone, now) if moves else webinar.starts_at,
        minutes=wanted.minutes or webinar.minutes,
        capacity=None if wanted.unlimited else wanted.capacity or webinar.capacity,
        description=webinar.description if wanted.description is None else wanted.description,
        link=webinar.link if wanted.link is None else wanted.link or None,
        speakers=webinar.speakers if wanted.speakers is None else wanted.speakers,
    )
    if webinar == before:
        return Decision(scene, note="webinar_unchanged")
    webinar = replace(webinar, version=webinar.version + 1, changed_at=now)
    moved = webinar.starts_at != before.starts_at
    roll, shortened = seats.shorten(roll, webinar, holding(scene.community.terms))
    freed = offered(scene.with_webinar(webinar).with_roll(roll), webinar, now, now)
    fact = WebinarChanged(
        **described(webinar),
        version=webinar.version,
        moved_from=before.starts_at if moved else None,
        changed_at=now,
    )
    told = announcements(webinar, Phrase("webinar.moved", of(webinar))) if moved else ()
    return replace(
        freed,
        emit=(emit(webinar, fact), *freed.emit, *((news(webinar, News.MOVED),) if moved else ())),
        say=(*told, *freed.say),
        wake=(
            *clocks(webinar, scene.community.terms, now),
            *(offer_timer(webinar, each) for each in shortened),
            *freed.wake,
        ),
        note="webinar_moved" if moved else "webinar_changed",
    )


def cancel(scene: Scene, webinar: Webinar, reason: str | None, now: dt.datetime) -> Decision[Scene]:
    """Return the decision that a session will not take place: no timer is left, and all concerned hear.

    Raises:
        Conflict: it is over or cancelled already.
    """
    if webinar.stage is not Stage.SCHEDULED:
        raise Conflict("This session has begun, is over or is cancelled.")
    webinar = replace(
        webinar, stage=Stage.CANCELLED, reason=reason, version=webinar.version + 1, changed_at=now
    )
    fact = WebinarCancelled(**of_webinar(webinar), host=webinar.host, reason=reason, cancelled_at=now)
    key = "webinar.cancelled_because" if reason else "webinar.cancelled"
    scene = replace(scene, community=scene.community.without(webinar.webinar_id))
    return Decision(
        scene.with_webinar(webinar),
        emit=(emit(webinar, fact), news(webinar, News.CANCELLED)),
        say=tuple(announcements(webinar, Phrase(key, of(webinar, reason=reason or "")))),
        wake=no_clocks(webinar, scene.community.terms),
        note="webinar_cancelled",
    )


def announcements(webinar: Webinar, phrase: Phrase) -> tuple[Say, ...]:
    """Return word to each of the groups that are told of a webinar."""
    return tuple(
        Say(
            chat,
            phrase,
            webinar.language,
            send_class=SendClass.REMINDER,
            valid_for=ANNOUNCED_FOR,
        )
        for chat in (webinar.chat_id, *sorted(webinar.chats - {webinar.chat_id}))
    )


ANNOUNCED_FOR = dt.timedelta(hours=12)
"""After that long an announcement would come as a surprise; the session is in the list all the same."""


def room_of(webinar: Webinar) -> Phrase:
    """Return in words how many seats there are."""
    return Phrase("seats.all") if webinar.capacity is None else Phrase("seats.some", {"n": webinar.capacity})


def _ahead(wall: str | None, zone: str, now: dt.datetime) -> dt.datetime:
    try:
        starts = instant(dt.datetime.fromisoformat(wall or ""), zone)
    except (ValueError, OverflowError) as error:
        raise Invalid("This is not a time.") from error
    if starts <= now:
        raise Invalid("This time is over.")
    return starts
