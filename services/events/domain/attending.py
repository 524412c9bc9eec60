"""Who was there: by the code that is spoken in a session, by their own link, or because an admin says so."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Final

from services.events.domain import certificates
from services.events.domain.codes import Codes, same
from services.events.domain.community import Terms
from services.events.domain.facts import emit, minutes, of_webinar
from services.events.domain.member import Tries
from services.events.domain.naming import named, near, runs
from services.events.domain.replying import answer, of, reply
from services.events.domain.roll import Correction, Entry, Proof, Seat
from services.events.domain.scene import Scene
from services.events.domain.webinar import Stage, Webinar
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived, SendClass
from shared.contracts.webinars import AttendanceProof, AttendanceRecorded, AttendanceWithdrawn
from shared.decision import Decision, Phrase, Say

WRONG: Final = 5
"""Wrong codes in a row, after which somebody has to wait: else a machine tries all 9 000 in a session."""

BLOCKED: Final = dt.timedelta(minutes=10)
"""How long they wait, and for how long a wrong code is remembered."""

KEPT: Final = 20
"""Corrections of one member's attendance that are remembered."""

_CODE: Final = re.compile(r"\D*(?:#?(\d{1,9})\D+)?(\d{4})\D*")


@dataclass(frozen=True, slots=True)
class _Given:
    number: int | None
    code: str


def decide_present(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime, *, codes: Codes
) -> Decision[Scene]:
    """`!हाज़िर 4821`: record that a member is there.

    What counts is when they sent it, not when it is read: after an outage nobody has come too late. A code is
    looked at from the start of its session on; before, it could be found out by trying.
    """
    given = _given(command)
    refused = _refused(scene, given, now)
    if given is None or refused is not None:
        return answer(scene, event, refused or Phrase("attendance.how"), "attendance_refused")
    at = min(now, event.data.sent_at)
    one = scene.found(given.number) if given.number is not None else None
    meant = near(scene) if one is None else (one,)
    begun = [each for each in meant if each.stage is not Stage.CANCELLED and each.starts_at <= at]
    open_ = [each for each in begun if at <= closes(each, scene.terms_of(each))]
    fitting = [each for each in begun if same(codes.attendance(each), given.code)]
    right = [each for each in fitting if each in open_]
    if len(right) == 1:
        return _taken(scene, right[0], event, at, now)
    if fitting and not right:
        return _late(scene, fitting[0], event)
    if open_ and not right:
        return _wrong(scene, event, now)
    key = "attendance.which" if right else "attendance.none_open"
    return answer(scene, event, Phrase(key), "attendance_unclear")


def decide_present_by_link(scene: Scene, webinar: Webinar, now: dt.datetime) -> Decision[Scene]:
    """Record that who acts is there, having opened their own link; outside the time nothing is recorded."""
    if webinar.stage is Stage.CANCELLED or not webinar.starts_at <= now <= closes(
        webinar, scene.terms_of(webinar)
    ):
        return Decision(scene, note="attendance_not_open")
    return recorded(scene, webinar, Proof.LINK, now, now)


def decide_correction(
    scene: Scene, webinar: Webinar, member_id: str, correction: Correction
) -> Decision[Scene]:
    """Say for a member whether they were there, as somebody who is responsible says it, and why.

    A certificate does not outlive the attendance that it certifies. Where nothing changes, nothing follows.
    """
    roll, now = scene.roll(webinar), correction.at
    entry = roll.of(member_id) or Entry(Seat.NONE, now, webinar.chat_id)
    if (entry.attended_at is not None) is correction.present:
        return Decision(scene, note="attendance_unchanged")
    entry = replace(
        entry,
        attended_at=now if correction.present else None,
        proof=Proof.ADMIN if correction.present else None,
        corrections=(*entry.corrections, correction)[-KEPT:],
    )
    scene = scene.with_roll(replace(roll, entries={**roll.entries, member_id: entry}))
    if member_id == scene.member.member_id:
        scene = replace(scene, member=scene.member.on(webinar.webinar_id))
    if correction.present:
        recorded_fact = AttendanceRecorded(
            **of_webinar(webinar),
            member_id=member_id,
            proof=AttendanceProof.ADMIN,
            recorded_by=correction.by,
            reason=correction.reason,
            session_at=webinar.starts_at,
            recorded_at=now,
        )
        return Decision(scene, emit=(emit(webinar, recorded_fact),), note="attendance_recorded")
    withdrawn = AttendanceWithdrawn(
        **of_webinar(webinar),
        member_id=member_id,
        withdrawn_by=correction.by,
        reason=correction.reason,
        session_at=webinar.starts_at,
        withdrawn_at=now,
    )
    revoked = certificates.revoked(scene, webinar, member_id, correction.reason, now)
    return replace(revoked, emit=(emit(webinar, withdrawn), *revoked.emit), note="attendance_withdrawn")


def decide_code(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime, *, codes: Codes
) -> Decision[Scene]:
    """`!कोड 12`: tell the code of a session to who runs it, and to nobody else."""
    meant = named(scene, command.args, lambda each: each.ahead and runs(scene, each))
    if isinstance(meant, Phrase):
        return answer(scene, event, meant, "code_unclear")
    webinar = meant.webinar
    if not runs(scene, webinar):
        return answer(scene, event, Phrase("code.host_only"), "code_refused")
    if webinar.stage is Stage.CANCELLED or now > closes(webinar, scene.terms_of(webinar)):
        return answer(scene, event, Phrase("registration.over", of(webinar)), "code_refused")
    phrase = _spoken(webinar, codes)
    return Decision(scene, say=(reply(scene, event, phrase, private=True),), note="code_told")


def code_news(webinar: Webinar, codes: Codes) -> tuple[Say, ...]:
    """Return what the host alone is told as a session starts; nothing where a REST client has called it."""
    if webinar.host is None:
        return ()
    return (
        Say(
            webinar.chat_id,
            _spoken(webinar, codes),
            webinar.language,
            send_class=SendClass.REMINDER,
            valid_for=minutes(webinar.minutes),
            privately_to=webinar.host,
        ),
    )


def closes(webinar: Webinar, terms: Terms) -> dt.datetime:
    """Return until when the code of a session is taken."""
    over = min(webinar.ended_at or webinar.ends_at, webinar.ends_at)
    return over + minutes(terms.present_minutes)


def recorded(
    scene: Scene, webinar: Webinar, proof: Proof, at: dt.datetime, now: dt.datetime
) -> Decision[Scene]:
    """Return the decision that who acts was there; of who is known to have been nothing follows."""
    member, roll = scene.member.now, scene.roll(webinar)
    entry = roll.of(member) or Entry(Seat.NONE, now, scene.chat.chat_id)
    if entry.attended_at is not None:
        return Decision(scene, note="attendance_repeated")
    entries = {**roll.entries, member: replace(entry, attended_at=at, proof=proof)}
    fact = AttendanceRecorded(
        **of_webinar(webinar),
        member_id=member,
        proof=AttendanceProof(proof),
        session_at=webinar.starts_at,
        recorded_at=now,
    )
    scene = replace(
        scene.with_roll(replace(roll, entries=entries)), member=scene.member.on(webinar.webinar_id)
    )
    return Decision(scene, emit=(emit(webinar, fact),), note="attendance_recorded")


def _refused(scene: Scene, given: _Given | None, now: dt.datetime) -> Phrase | None:
    """Return why a code is not looked at, None where it is."""
    blocked = scene.member.tries.blocked_until
    if given is None:
        return Phrase("attendance.how")
    if blocked is not None and now < blocked:
        return _wait(blocked - now)
    if given.number is not None and scene.found(given.number) is None:
        return Phrase("webinar.unknown", {"number": given.number})
    return None


def _taken(
    scene: Scene, webinar: Webinar, event: Envelope[MessageReceived], at: dt.datetime, now: dt.datetime
) -> Decision[Scene]:
    done = recorded(scene, webinar, Proof.CODE, at, now)
    if not done.emit:
        return answer(scene, event, Phrase("attendance.already", of(webinar)), "attendance_repeated")
    state = replace(done.state, member=replace(done.state.member, tries=Tries()))
    return replace(done, state=state, say=(reply(scene, event, Phrase("attendance.recorded", of(webinar))),))


def _late(scene: Scene, webinar: Webinar, event: Envelope[MessageReceived]) -> Decision[Scene]:
    entry = scene.roll(webinar).of(scene.member.now)
    if entry is not None and entry.attended_at is not None:
        return answer(scene, event, Phrase("attendance.already", of(webinar)), "attendance_repeated")
    return answer(scene, event, Phrase("attendance.over", of(webinar)), "attendance_late")


def _wrong(scene: Scene, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Scene]:
    tries = scene.member.tries
    lately = tries.last_at is not None and now - tries.last_at < BLOCKED
    count = (tries.wrong if lately else 0) + 1
    if count >= WRONG:
        tries, phrase, note = Tries(blocked_until=now + BLOCKED), _wait(BLOCKED), "attendance_blocked"
    else:
        tries, note = Tries(count, now), "attendance_wrong"
        phrase = Phrase("attendance.wrong", {"left": WRONG - count})
    return answer(replace(scene, member=replace(scene.member, tries=tries)), event, phrase, note)


def _wait(time: dt.timedelta) -> Phrase:
    return Phrase("attendance.blocked", {"minutes": max(1, -(-int(time.total_seconds()) // 60))})


def _spoken(webinar: Webinar, codes: Codes) -> Phrase:
    return Phrase("attendance.code", of(webinar, code=codes.attendance(webinar)))


def _given(command: Command) -> _Given | None:
    found = _CODE.fullmatch(command.args.strip())
    return _Given(int(found[1]) if found[1] else None, found[2]) if found else None
