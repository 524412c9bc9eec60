"""`!राय 12 5`: who was at a session is asked once how it was, and may say so once."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Final

from services.events.domain.attending import closes
from services.events.domain.community import Terms
from services.events.domain.facts import emit, of_webinar
from services.events.domain.feedback import HIGHEST, Feedback
from services.events.domain.member import Member
from services.events.domain.replying import answer, of
from services.events.domain.roll import Roll
from services.events.domain.scene import Scene
from services.events.domain.telling import AT_ONCE
from services.events.domain.timers import VALID_FOR
from services.events.domain.webinar import Stage, Webinar
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived, SendClass
from shared.contracts.webinars import FeedbackDue, SessionRated
from shared.decision import Cancel, Decision, Phrase, Say, Wake

OPEN_FOR: Final = dt.timedelta(hours=72)
"""After the end; what is said later is said of a memory."""

_BOTH: Final = re.compile(r"#?(\d{1,9})\s+(\d{1,2})(?:\s*/\s*5)?")
_ONE: Final = re.compile(r"(\d{1,2})(?:\s*/\s*5)?\s*[.!।⭐🌟★]{0,5}")
_ASCII: Final = str.maketrans("०१२३४५६७८९", "0123456789")


def feedback_clock(webinar: Webinar, terms: Terms) -> Wake:
    """Return the timer by which those who were there are asked, once no more can come."""
    due = FeedbackDue(**of_webinar(webinar))
    return Wake(_timer(webinar), closes(webinar, terms), due, webinar.chat_id, VALID_FOR)


def no_feedback_clock(webinar: Webinar) -> Cancel:
    """Return what keeps anybody from being asked."""
    return Cancel(_timer(webinar))


def decide_due(scene: Scene, event: Envelope[FeedbackDue], now: dt.datetime) -> Decision[Scene]:
    """Ask the next of those who were there, and go on with the others; nobody is asked twice."""
    data = event.data
    webinar = scene.webinars.get(data.webinar_id)
    if webinar is None or webinar.stage is Stage.CANCELLED or now > until(webinar):
        return Decision(scene)
    roll, feedback = scene.roll(webinar), feedback_of(scene, webinar)
    chosen = next_attended(roll, data.after)
    asked = [each for each in chosen if each not in feedback.asked]
    others = {
        each: replace(scene.others[each], rating=webinar.webinar_id) for each in asked if each in scene.others
    }
    more = len(chosen) == AT_ONCE
    return Decision(
        replace(_with(scene, webinar, _asked(feedback, *asked)), others={**scene.others, **others}),
        emit=(emit(webinar, data.model_copy(update={"after": chosen[-1]})),) if more else (),
        say=tuple(
            Say(
                roll.entries[member].chat_id or webinar.chat_id,
                Phrase("rating.ask", of(webinar)),
                webinar.language,
                send_class=SendClass.DIGEST,
                valid_for=until(webinar) - event.time,
                privately_to=member,
            )
            for member in asked
        ),
        note="feedback_asked" if asked else None,
    )


def decide_rate(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Take what a member says of a session: by its number, or of the one they were last asked about."""
    text = command.args.strip()
    if found := _BOTH.fullmatch(text):
        number, rating = int(found[1]), int(found[2])
        webinar = scene.found(number)
        if webinar is None:
            return answer(scene, event, Phrase("webinar.unknown", {"number": number}), "rating_unclear")
    else:
        one = _ONE.fullmatch(text)
        webinar = scene.webinars.get(scene.member.rating or "")
        if one is None or webinar is None:
            return answer(scene, event, Phrase("rating.how"), "rating_unclear")
        rating = int(one[1])
    return _rated(scene, webinar, rating, event, now)


def decide_answer(scene: Scene, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Scene] | None:
    """Return what follows from a bare number where a member was asked; None for what is no such answer.

    Only in a direct chat: in a group a number alone is said to somebody else.
    """
    webinar = scene.webinars.get(scene.member.rating or "")
    found = _ONE.fullmatch((event.data.text or "")[:64].strip().translate(_ASCII))
    if not scene.direct or webinar is None or found is None or not 1 <= int(found[1]) <= HIGHEST:
        return None
    return _rated(scene, webinar, int(found[1]), event, now) if now <= until(webinar) else None


def until(webinar: Webinar) -> dt.datetime:
    """Return until when something can be said of a session."""
    return (webinar.ended_at or webinar.ends_at) + OPEN_FOR


def next_attended(roll: Roll, after: str | None) -> tuple[str, ...]:
    """Return the next people who were there, by their ids, behind who was asked last."""
    return tuple(member for member in roll.attended if after is None or member > after)[:AT_ONCE]


def feedback_of(scene: Scene, webinar: Webinar) -> Feedback:
    """Return what was said of a session."""
    return scene.feedback.get(webinar.webinar_id) or Feedback(webinar.webinar_id)


def _rated(
    scene: Scene, webinar: Webinar, rating: int, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    feedback, ids = feedback_of(scene, webinar), scene.member.ids
    if not 1 <= rating <= HIGHEST:
        return answer(scene, event, Phrase("rating.how"), "rating_unclear")
    entry = scene.roll(webinar).of(scene.member.now)
    if entry is None or entry.attended_at is None:
        return answer(scene, event, Phrase("rating.only_attended", of(webinar)), "rating_refused")
    if not feedback.rated.isdisjoint(ids):
        return answer(scene, event, Phrase("rating.already", of(webinar)), "rating_repeated")
    if min(now, event.data.sent_at) > until(webinar):
        return answer(scene, event, Phrase("rating.over", of(webinar)), "rating_refused")
    if feedback.asked.isdisjoint(ids):
        feedback = _asked(feedback, scene.member.now)
    said = replace(feedback, rating=feedback.rating.rated(rating), rated=feedback.rated | {scene.member.now})
    fact = SessionRated(**of_webinar(webinar), rating=rating, rated_at=now)
    state = replace(_with(scene, webinar, said), member=_answered(scene, webinar))
    return replace(
        answer(state, event, Phrase("rating.thanks", of(webinar)), "session_rated"),
        emit=(emit(webinar, fact),),
    )


def _answered(scene: Scene, webinar: Webinar) -> Member:
    member = scene.member
    return replace(member, rating=None) if member.rating == webinar.webinar_id else member


def _asked(feedback: Feedback, *members: str) -> Feedback:
    return replace(
        feedback, rating=feedback.rating.of_more(len(members)), asked=feedback.asked | frozenset(members)
    )


def _with(scene: Scene, webinar: Webinar, feedback: Feedback) -> Scene:
    """Return the scene with what was said of a session, of which its speakers have their share."""
    before = feedback_of(scene, webinar).rating
    known = {each: scene.speakers.get(each) for each in webinar.speakers}
    speakers = {
        name: replace(each, rating=each.rating.after(before, feedback.rating))
        for name, each in known.items()
        if each is not None
    }
    return replace(
        scene,
        feedback={**scene.feedback, webinar.webinar_id: feedback},
        speakers={**scene.speakers, **speakers},
    )


def _timer(webinar: Webinar) -> str:
    return f"feedback/{webinar.webinar_id}"
