"""Series: begun, kept going, moved and ended; members register for each session by itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.events.domain import scheduling
from services.events.domain.community import MOST_AHEAD
from services.events.domain.course import Course, course_id
from services.events.domain.draft import Draft, Kind
from services.events.domain.replying import of
from services.events.domain.scene import Scene
from services.events.domain.scheduling import Change, room_of
from services.events.domain.timing.recurrence import Frequency
from services.events.domain.timing.rrule import from_rrule, to_rrule
from services.events.domain.timing.series import change_following
from services.events.domain.timing.zones import instant
from services.events.domain.webinar import Stage, Webinar, webinar_id
from shared.contracts.envelope import Envelope
from shared.contracts.webinars import SeriesDue
from shared.decision import Cancel, Decision, Phrase, Say, Wake
from shared.errors import Conflict

VALID_FOR = dt.timedelta(days=60)


def begin(scene: Scene, draft: Draft, *, host: str | None, now: dt.datetime) -> Decision[Scene]:
    """Return the decision to hold the series of a draft: its first sessions, and word of it to the group.

    Raises:
        Invalid: its first session has no time, or one that is over.
        Conflict: too many sessions are ahead.
    """
    number = scene.community.next_number
    course = Course(
        course_id=course_id(scene.chat.scope, number),
        scope=scene.chat.scope,
        chat_id=scene.chat.chat_id,
        title=draft.title,
        wall=draft.wall or "",
        zone=draft.zone,
        rule=draft.recurrence or "",
        minutes=draft.minutes or scene.community.terms.minutes,
        host=host,
        capacity=draft.capacity,
        link=draft.link,
        language=scene.language,
        origin=draft.origin,
    )
    # The first is made whatever happens, so that a wrong time is refused as that of a single session is.
    decision = _make(scene, course, dt.datetime.fromisoformat(course.wall), now)
    course = course.with_made(dt.datetime.fromisoformat(course.wall), number)
    decision = _go_on(decision, course, now)
    first = decision.state.webinars[webinar_id(course.scope, number)]
    if first is None:
        return decision
    phrase = Phrase("series.called", of(first, rule=rule_of(course), seats=room_of(first)))
    return replace(decision, say=scheduling.announcements(first, phrase), note="series_begun")


def decide_series_due(scene: Scene, event: Envelope[SeriesDue], now: dt.datetime) -> Decision[Scene]:
    """Make the sessions that have come near, and tell the group which one is next."""
    course = scene.courses.get(event.data.series_id)
    if course is None or course.over:
        return Decision(scene)
    decision = _go_on(Decision(scene), course, now)
    course = decision.state.courses[course.course_id] or course
    here = now.astimezone(dt.UTC)
    ahead = (
        each for each in course.made if instant(dt.datetime.fromisoformat(each.wall), course.zone) > here
    )
    following = next(ahead, None)
    if following is None:
        return replace(decision, note="series_over")
    webinar = decision.state.webinars.get(webinar_id(course.scope, following.number))
    if webinar is None or webinar.stage is not Stage.SCHEDULED:
        return replace(decision, note="series_extended")
    said = scheduling.announcements(webinar, Phrase("series.next", of(webinar)))
    return replace(decision, say=said, note="series_extended")


def end(scene: Scene, course: Course, begin_: int, reason: str | None, now: dt.datetime) -> Decision[Scene]:
    """Return the decision that a series has no session from `begin_` on; the group hears of it once."""
    gone = [each for each in _siblings(scene, course) if each.number >= begin_]
    done: Decision[Scene] = Decision(scene, wake=(Cancel(series_timer(course)),))
    for webinar in gone:
        one = scheduling.cancel(done.state, webinar, reason, now)
        done = Decision(one.state, (*done.emit, *one.emit), (), (*done.wake, *one.wake))
    over = replace(course, over=True)
    state = replace(done.state, courses={**done.state.courses, course.course_id: over})
    said: tuple[Say, ...] = ()
    if gone:
        phrase = Phrase("series.ended", of(gone[0], n=len(gone), reason=reason or ""))
        said = scheduling.announcements(gone[0], phrase)
    return replace(done, state=state, say=said, note="series_ended")


def move(scene: Scene, course: Course, webinar: Webinar, wall: str, now: dt.datetime) -> Decision[Scene]:
    """Return the decision to hold one session of a series and all after it at another time of the week.

    The series ends before it, and another one goes on for it; those with a seat keep it and hear of it.

    Raises:
        Conflict: it has begun, or is over.
        Invalid: the new time is over.
    """
    if webinar.stage is not Stage.SCHEDULED or webinar.recurrence is None:
        raise Conflict("This session has begun, or is over.")
    original = dt.datetime.fromisoformat(webinar.recurrence)
    to = dt.datetime.fromisoformat(wall)
    new_id = course_id(course.scope, webinar.number)
    if new_id == course.course_id:
        new_id = f"{new_id}.{webinar.version + 1}"
    split = change_following(course.series, original, new_id, starts=to)
    following = [
        each for each in _siblings(scene, course) if each.recurrence and each.number >= webinar.number
    ]
    gap = to - original
    fresh = replace(
        course,
        course_id=new_id,
        wall=wall,
        rule=to_rrule(split.after.recurrence, course.zone),
        made=(),
        made_until=None,
        follows=course.course_id,
    )
    done: Decision[Scene] = Decision(scene, wake=(Cancel(series_timer(course)),))
    for each in following:
        at = dt.datetime.fromisoformat(each.recurrence or "") + gap
        one = scheduling.change(done.state, each, Change(wall=at.isoformat()), now)
        moved = one.state.webinars[each.webinar_id]
        if moved is not None:
            moved = replace(moved, series=new_id, recurrence=at.isoformat())
            one = replace(one, state=one.state.with_webinar(moved))
        fresh = fresh.with_made(at, each.number)
        said = done.say or one.say
        done = Decision(one.state, (*done.emit, *one.emit), said, (*done.wake, *one.wake))
    old = replace(course, over=True)
    if split.before is not None:
        old = replace(old, rule=to_rrule(split.before.recurrence, course.zone))
    state = replace(done.state, courses={**done.state.courses, course.course_id: old, new_id: fresh})
    return replace(_go_on(replace(done, state=state), fresh, now), note="series_moved")


def rule_of(course: Course) -> Phrase:
    """Return in words how often a series comes."""
    return said_of(course.rule, course.wall, course.zone)


def said_of(rule: str, wall: str, zone: str) -> Phrase:
    """Return a rule in words: how often, how many times, until when."""
    recurrence = from_rrule(rule, dt.datetime.fromisoformat(wall), zone)
    if recurrence.frequency is Frequency.MONTHLY:
        said = Phrase("rule.monthly")
    elif recurrence.interval > 1:
        said = Phrase("rule.every", {"n": recurrence.interval})
    else:
        said = Phrase("rule.weekly")
    if recurrence.count is not None:
        return Phrase("rule.times", {"rule": said, "n": recurrence.count})
    if recurrence.until is not None:
        return Phrase("rule.until", {"rule": said, "until": instant(recurrence.until, zone)})
    return said


def series_timer(course: Course) -> str:
    """Return the name of the timer that keeps a series going."""
    return f"series/{course.course_id}"


def _siblings(scene: Scene, course: Course) -> list[Webinar]:
    """Return the sessions of a series that are still to come, in their order."""
    found = (scene.webinars.get(webinar_id(course.scope, each.number)) for each in course.made)
    return [each for each in found if each is not None and each.stage is Stage.SCHEDULED]


def _go_on(decision: Decision[Scene], course: Course, now: dt.datetime) -> Decision[Scene]:
    """Return the decision with all sessions of a series made that are near, and its timer set."""
    room = MOST_AHEAD - len(decision.state.community.ahead)
    ahead = len(_siblings(decision.state, course))
    for wall in course.next_walls(now, ahead)[: max(0, room)]:
        number = decision.state.community.next_number
        one = _make(decision.state, course, wall, now)
        decision = Decision(
            one.state, (*decision.emit, *one.emit), decision.say, (*decision.wake, *one.wake), decision.note
        )
        course = course.with_made(wall, number)
    state = replace(decision.state, courses={**decision.state.courses, course.course_id: course})
    starts = (instant(dt.datetime.fromisoformat(each.wall), course.zone) for each in course.made)
    due = next((each for each in starts if each > now), None)
    if due is None:
        return replace(decision, state=state)
    again = SeriesDue(chat_id=course.chat_id, series_id=course.course_id)
    wake = Wake(series_timer(course), due, again, course.chat_id, VALID_FOR)
    return replace(decision, state=state, wake=(*decision.wake, wake))


def _make(scene: Scene, course: Course, wall: dt.datetime, now: dt.datetime) -> Decision[Scene]:
    """Return the decision to hold one session of a series; nobody is told of it yet."""
    draft = Draft(
        Kind.CALL,
        title=course.title,
        wall=wall.isoformat(),
        zone=course.zone,
        minutes=course.minutes,
        capacity=course.capacity,
        link=course.link,
        origin=course.origin,
    )
    return replace(scheduling.call(scene, draft, host=course.host, now=now, series=course.course_id), say=())
