"""Reminders: to each who has a seat, once, and never once the session has begun."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.events.domain.codes import Codes
from services.events.domain.facts import emit, minutes, of_webinar
from services.events.domain.reach import Sent
from services.events.domain.replying import answer, of
from services.events.domain.scene import Scene
from services.events.domain.telling import AT_ONCE, HAVING, next_of
from services.events.domain.webinar import Stage, Webinar
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived, SendClass
from shared.contracts.webinars import ReminderDue, ReminderExpired
from shared.decision import Decision, Emit, Phrase, Say
from shared.ids import deterministic_id

ON = frozenset({"चालू", "हाँ", "हां", "on", "chalu", "chaalu", "haan", "yes"})
OFF = frozenset({"बंद", "नहीं", "off", "band", "nahin", "no"})

HOUR = 60
DAY = 24 * HOUR


def decide_reminder_due(
    scene: Scene, event: Envelope[ReminderDue], now: dt.datetime, *, codes: Codes, public_url: str
) -> Decision[Scene]:
    """Remind the next people of those who have a seat, and go on with the others.

    A reminder that was set for another time, or for a session that is cancelled, is none. One whose turn
    comes only once the session has begun is recorded and not sent.
    """
    data = event.data
    webinar = scene.webinars.get(data.webinar_id)
    if webinar is None or webinar.stage is not Stage.SCHEDULED or webinar.starts_at != data.starts_at:
        return Decision(scene)
    if now >= webinar.starts_at:
        expired = ReminderExpired(**of_webinar(webinar), before_minutes=data.before_minutes, expired_at=now)
        return Decision(scene, emit=(emit(webinar, expired),), note="reminder_expired")
    if any(
        each < data.before_minutes and webinar.starts_at - minutes(each) <= now
        for each in scene.community.terms.reminders
    ):
        # After an outage two are due at once: the one nearer to the start says all.
        return Decision(scene, note="reminder_overtaken")
    roll = scene.roll(webinar)
    due = webinar.starts_at - minutes(data.before_minutes)
    late = max(0.0, (now - due).total_seconds())
    chosen = next_of(roll, HAVING, data.after)
    said = {
        command_of(webinar, data.before_minutes, member): member for member in chosen if _wants(scene, member)
    }
    sends = {
        command: Sent(webinar.webinar_id, member, data.before_minutes, now, late_seconds=late)
        for command, member in said.items()
    }
    # Counted from when the reminder was due: after an outage it is good for as long as the session is ahead.
    valid_for = webinar.starts_at - event.time
    rest: tuple[Emit, ...] = ()
    if len(chosen) == AT_ONCE:
        rest = (emit(webinar, data.model_copy(update={"after": chosen[-1]})),)
    return Decision(
        replace(scene, sends={**scene.sends, **sends}),
        emit=rest,
        say=tuple(
            replace(
                _reminder(scene, webinar, member, now, _door(webinar, member, codes, public_url)),
                valid_for=valid_for,
                event_id=command,
            )
            for command, member in said.items()
        ),
        note="reminded",
    )


def decide_wish(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Note whether a member wants to be reminded; without a word for it, tell how it is."""
    del now
    word = command.args.casefold().strip()
    reminded = scene.member.reminded
    if word in OFF | ON:
        reminded = word in ON
        scene = replace(scene, member=replace(scene.member, reminded=reminded))
    phrase = Phrase("remind.on" if reminded else "remind.off")
    return answer(scene, event, phrase, "remind_set" if word in OFF | ON else "remind_shown")


def command_of(webinar: Webinar, before: int, member: str) -> str:
    """Return the id of the command that reminds a member: the same however often it is decided."""
    return deterministic_id(
        "reminder", webinar.webinar_id, webinar.starts_at.isoformat(), str(before), member
    )


def _wants(scene: Scene, member: str) -> bool:
    known = scene.others.get(member)
    return known is None or known.reminded


def _door(webinar: Webinar, member: str, codes: Codes, public_url: str) -> str:
    """Return a member's own link to where a session takes place, by which it is known that they came."""
    if webinar.link is None:
        return ""
    return f"{public_url.rstrip('/')}/join/{codes.join(webinar.webinar_id, member)}"


def _reminder(scene: Scene, webinar: Webinar, member: str, now: dt.datetime, door: str) -> Say:
    entry = scene.roll(webinar).entries[member]
    return Say(
        entry.chat_id or webinar.chat_id,
        Phrase("reminder", of(webinar, left=left(webinar.starts_at - now), link=door)),
        webinar.language,
        send_class=SendClass.REMINDER,
        privately_to=member,
    )


def left(time: dt.timedelta) -> Phrase:
    """Return in words how long it is still."""
    total = max(1, round(time.total_seconds() / 60))
    if total >= DAY:
        return Phrase("left.days", {"n": round(total / DAY)})
    if total >= HOUR:
        return Phrase("left.hours", {"n": round(total / HOUR)})
    return Phrase("left.minutes", {"n": total})
