"""`!कार्यक्रम …`: sessions are called, moved, cancelled and listed from the chat.

What would happen is repeated with weekday, date and zone, and happens once an admin says yes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

from services.events.domain import repeating, scheduling
from services.events.domain.draft import Draft, Kind, Whole
from services.events.domain.drafting import Ask, Time, Told, drafted, extras, shown, timed, titled
from services.events.domain.member import Asked
from services.events.domain.replying import answer, number_in, of, reply
from services.events.domain.scene import Scene
from services.events.domain.scheduling import Change, room_of
from services.events.domain.timing.reader import read_time
from services.events.domain.timing.reading import NoTime
from services.events.domain.timing.zones import zone_of
from services.events.domain.webinar import Stage, Webinar
from shared.chats import DEFAULT_ZONE
from shared.commands import Command, says_only
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Phrase
from shared.errors import Rejected

YES: Final = ("हाँ", "हां", "haan", "han", "yes")
NO: Final = ("नहीं", "nahin", "nahi", "no")

OPEN_FOR: Final = dt.timedelta(minutes=10)
"""A yes that comes later may answer something else."""

LISTED: Final = 8
MOST_ANSWERS: Final = 6
"""Of what was said of one time; who has not said it by then begins again."""

_NEW: Final = frozenset(("नया", "नई", "नये", "naya", "nayi", "new", "add"))
_MOVE: Final = frozenset(("बदलें", "बदलो", "बदलना", "badlen", "badlo", "badle", "move", "change", "reschedule"))
_CANCEL: Final = frozenset(("रद्द", "radd", "rad", "cancel"))
_ALL: Final = frozenset(("सब", "सभी", "sab", "sabhi", "all", "series"))
_FOLLOWING: Final = frozenset(("आगे", "आगेसे", "aage", "following", "onwards"))
_FILLERS: Final = frozenset(("करें", "करो", "करना", "karen", "karein", "karo", "ko", "को"))

Event: TypeAlias = Envelope[MessageReceived]
Propose: TypeAlias = Callable[[Scene, str, Event, dt.datetime], Decision[Scene]]


def decide(scene: Scene, command: Command, event: Event, now: dt.datetime) -> Decision[Scene]:
    """Show sessions, or ask an admin whether what they have written is meant."""
    if not command.args:
        return _list(scene, event)
    number = number_in(command.args)
    if number is not None and command.args.lstrip("#").isdecimal():
        return _show(scene, number, event)
    first, _, rest = command.args.partition(" ")
    named = first.casefold() in _NEW | _MOVE | _CANCEL
    if not named and not scene.admin:
        return answer(scene, event, Phrase("session.how"), "session_unknown")
    proposal, said = _proposed(scene, first.casefold(), rest if named else command.args, now)
    return _asked(scene, event, now, proposal, said=(said,), since=now)


def decide_answer(scene: Scene, event: Event, now: dt.datetime) -> Decision[Scene] | None:
    """Return what follows from a message that answers an open question; None for one that answers none.

    A yes does what was shown, a no withdraws it; whatever else is said leaves the question open.
    """
    asked, text = scene.member.asked, event.data.text or ""
    if asked is None or asked.chat_id != scene.chat.chat_id or now - asked.at > OPEN_FOR:
        return None
    closed = replace(scene, member=replace(scene.member, asked=None))
    if says_only(text, NO):
        return answer(closed, event, Phrase("ask.withdrawn"), "draft_withdrawn")
    if not scene.admin:
        return None
    if asked.said:
        return _completed(scene, asked, event, now)
    return _do(closed, asked.draft, event, now) if says_only(text, YES) else None


def _completed(scene: Scene, asked: Asked, event: Event, now: dt.datetime) -> Decision[Scene] | None:
    """Return what an answer makes of a draft whose time was open; None for what is no such answer."""
    since = asked.since or asked.at
    said = (*asked.said, event.data.text or "")
    before, time = _time(scene, asked.said, since), _time(scene, said, since)
    if time == before or len(said) > MOST_ANSWERS:
        return None
    return _asked(scene, event, now, drafted(asked.draft, time), said=said, since=since)


def _do(scene: Scene, draft: Draft, event: Event, now: dt.datetime) -> Decision[Scene]:
    """Do what was shown, unless it is no longer what it was."""
    webinar = scene.webinars.get(draft.webinar_id or "")
    if draft.kind is not Kind.CALL and (webinar is None or webinar.version != draft.version):
        return answer(scene, event, Phrase("ask.outdated"), "draft_outdated")
    try:
        done = _done(scene, draft, webinar, now)
    except Rejected:
        return answer(scene, event, Phrase("ask.too_late"), "draft_refused")
    # The word to the group answers the admin too.
    here = scene.chat.chat_id
    quoted = tuple(
        replace(say, reply_to=event.data.message_id) if say.chat_id == here and not say.privately_to else say
        for say in done.say
    )
    if not any(say.chat_id == here and say.privately_to is None for say in quoted):
        quoted = (reply(scene, event, Phrase("ask.done")), *quoted)
    return replace(done, say=quoted)


def _done(scene: Scene, draft: Draft, webinar: Webinar | None, now: dt.datetime) -> Decision[Scene]:
    """Return what a draft comes to; to a session alone, or to it and all that follow it in its series."""
    if webinar is None or draft.kind is Kind.CALL:
        begin = repeating.begin if draft.recurrence else scheduling.call
        return begin(scene, draft, host=scene.member.now, now=now)
    course = scene.courses.get(webinar.series or "") if draft.whole is not Whole.THIS else None
    if draft.kind is Kind.CANCEL:
        if course is not None:
            first = webinar.number if draft.whole is Whole.FOLLOWING else 0
            return repeating.end(scene, course, first, draft.reason, now)
        return scheduling.cancel(scene, webinar, draft.reason, now)
    if course is not None and draft.wall is not None:
        return repeating.move(scene, course, webinar, draft.wall, now)
    change = Change(
        wall=draft.wall, zone=draft.zone, minutes=draft.minutes, capacity=draft.capacity, link=draft.link
    )
    return scheduling.change(scene, webinar, change, now)


def _asked(
    scene: Scene,
    event: Event,
    now: dt.datetime,
    proposal: Draft | Ask | Told,
    *,
    said: tuple[str, ...],
    since: dt.datetime,
) -> Decision[Scene]:
    """Return the question that a proposal leads to, kept until it is answered."""
    if not scene.admin:
        return answer(scene, event, Phrase("ask.admins_only"), "draft_refused")
    if scene.direct:
        return answer(scene, event, Phrase("ask.in_group"), "draft_refused")
    if isinstance(proposal, Told):
        return answer(scene, event, proposal.phrase, "draft_impossible")
    chat = scene.chat.chat_id
    if isinstance(proposal, Ask):
        asked = Asked(chat, now, proposal.draft, since, said)
        phrase, note = proposal.phrase, "draft_incomplete"
    else:
        asked = Asked(chat, now, proposal)
        phrase, note = _question(scene, proposal), "draft_asked"
    scene = replace(scene, member=replace(scene.member, asked=asked))
    return answer(scene, event, phrase, note)


def _proposed(scene: Scene, what: str, text: str, now: dt.datetime) -> tuple[Draft | Ask | Told, str]:
    """Return what an admin proposes, and the words of the time in it."""
    if what in _MOVE:
        return _move(scene, _without_fillers(text), now)
    if what in _CANCEL:
        return _cancel(scene, _without_fillers(text)), ""
    return _new(scene, text, now)


def _question(scene: Scene, draft: Draft) -> Phrase:
    if draft.kind is Kind.CANCEL:
        webinar = scene.webinars[draft.webinar_id or ""]
        key = "ask.cancel" if draft.whole is Whole.THIS else "ask.cancel_series"
        return Phrase(key, of(webinar) if webinar is not None else {})
    if draft.recurrence:
        rule = repeating.said_of(draft.recurrence, draft.wall or "", draft.zone)
        return Phrase("ask.confirm_series", {**shown(draft), "rule": rule})
    return Phrase("ask.move" if draft.kind is Kind.MOVE else "ask.confirm", shown(draft))


def _new(scene: Scene, text: str, now: dt.datetime) -> tuple[Draft | Ask | Told, str]:
    text, draft = extras(text)
    time = _time(scene, (text,), now)
    if isinstance(time, Told):
        return time, text
    draft = replace(titled(draft, time.reading.rest), kind=Kind.CALL)
    if not draft.title:
        return Told(Phrase("ask.title")), text
    return drafted(draft, time), text


def _move(scene: Scene, text: str, now: dt.datetime) -> tuple[Draft | Ask | Told, str]:
    webinar, rest = _named(scene, text)
    if webinar is None:
        return Told(Phrase("session.which")), rest
    if webinar.stage is not Stage.SCHEDULED:
        return Told(Phrase("session.too_late", of(webinar))), rest
    whole, rest = _whole(webinar, rest)
    rest, draft = extras(rest)
    draft = replace(
        draft,
        kind=Kind.MOVE,
        whole=whole,
        title=webinar.title,
        webinar_id=webinar.webinar_id,
        version=webinar.version,
        wall=webinar.wall,
        zone=webinar.zone,
    )
    reading = read_time(rest, now, zone_of(webinar.zone))
    if isinstance(reading, NoTime) and (draft.capacity or draft.link):
        return draft, rest
    return drafted(draft, Time(reading)), rest


def _cancel(scene: Scene, text: str) -> Draft | Told:
    webinar, rest = _named(scene, text)
    if webinar is None:
        return Told(Phrase("session.which"))
    if webinar.stage is not Stage.SCHEDULED:
        return Told(Phrase("session.too_late", of(webinar)))
    whole, rest = _whole(webinar, _without_fillers(rest))
    return Draft(
        Kind.CANCEL,
        whole=whole,
        title=webinar.title,
        webinar_id=webinar.webinar_id,
        version=webinar.version,
        reason=_without_fillers(rest).strip() or None,
    )


def _named(scene: Scene, text: str) -> tuple[Webinar | None, str]:
    number = number_in(text)
    if number is None:
        return None, text
    return scene.found(number), text.strip().lstrip("#").lstrip("0123456789")


def _whole(webinar: Webinar, text: str) -> tuple[Whole, str]:
    """Return to how much of a series something is to be done, and the text without the word for it."""
    first, _, rest = text.strip().partition(" ")
    if webinar.series is None:
        return Whole.THIS, text
    if first.casefold() in _ALL:
        return Whole.ALL, rest
    return (Whole.FOLLOWING, rest) if first.casefold() in _FOLLOWING else (Whole.THIS, text)


def _without_fillers(text: str) -> str:
    first, _, rest = text.strip().partition(" ")
    return rest if first.casefold() in _FILLERS else text


def _time(scene: Scene, said: tuple[str, ...], since: dt.datetime) -> Time | Told:
    return timed(said, since, zone_of(scene.chat.zone or DEFAULT_ZONE))


def _list(scene: Scene, event: Event) -> Decision[Scene]:
    ahead = [each for each in scene.webinars.values() if each is not None and each.ahead]
    if not ahead:
        return answer(scene, event, Phrase("session.none"), "sessions_listed")
    ahead.sort(key=lambda each: (each.starts_at, each.number))
    lines = tuple(Phrase("session.line", of(each)) for each in ahead[:LISTED])
    return answer(scene, event, Phrase("session.list", {"lines": lines}), "sessions_listed")


def _show(scene: Scene, number: int, event: Event) -> Decision[Scene]:
    webinar = scene.found(number)
    if webinar is None:
        return answer(scene, event, Phrase("webinar.unknown", {"number": number}), "session_unknown")
    stage = Phrase(f"stage.{webinar.stage}")
    taken = scene.roll(webinar).taken
    params = of(webinar, seats=room_of(webinar), stage=stage, taken=taken, text=webinar.description)
    return answer(scene, event, Phrase("session.shown", params), "session_shown")
