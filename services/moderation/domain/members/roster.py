"""Who is in a chat as what, what the chat is, and the brake where too many come at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final, TypeAlias

from services.moderation.domain.cases.outcomes import decide_out
from services.moderation.domain.judging.context import Trust
from services.moderation.domain.members.standing import Standing
from services.moderation.domain.replying import language_of
from services.moderation.domain.room import Room
from services.moderation.domain.scene import Scene
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MemberJoined, MemberLeft, SendClass
from shared.contracts.members import ChatConfigured, MemberDemoted, MemberPresent, MemberPromoted
from shared.contracts.moderation import RaidDetected, RaidEnded
from shared.decision import Decision, Emit, Phrase, Say, Wake

Movement: TypeAlias = MemberJoined | MemberLeft | MemberPresent | MemberPromoted | MemberDemoted

COMPARED: Final = "/chaupal/gateway.roster"
"""Who says what a comparison of rosters has found: when it really happened nobody can tell."""

FRESH: Final = dt.timedelta(minutes=30)
"""Who came longer ago than this is no part of a raid that could still be braked."""

NOTICE_VALID_FOR: Final = dt.timedelta(minutes=10)


def decide_movement(scene: Scene, event: Envelope[Movement], now: dt.datetime) -> Decision[Scene]:
    """Return the scene after somebody came, went, rose or fell in a chat."""
    scene = _met(scene)
    match event.data:
        case MemberJoined(joined_at=at):
            return _joined(scene, at, now, compared=event.source == COMPARED)
        case MemberPresent(seen_at=at):
            return Decision(replace(scene, standing=_settled(scene, at)))
        case MemberLeft():
            left = decide_out(scene, now)
            return replace(left, state=_with_admin(left.state, admin=False))
        case MemberPromoted():
            return Decision(_with_admin(scene, admin=True))
        case MemberDemoted():
            return Decision(_with_admin(scene, admin=False))


def decide_configured(scene: Scene, event: Envelope[ChatConfigured], now: dt.datetime) -> Decision[Scene]:
    """Return the scene in which the chat is what was told of it last.

    A chat that moves into another community begins there without strikes: those of before stay where they
    were given.
    """
    del now
    data = event.data
    room = replace(
        scene.room,
        kind=data.chat_kind,
        community=data.community,
        language=data.language,
        zone=data.zone,
        channel=data.channel,
        capabilities=frozenset(data.capabilities),
    )
    return Decision(replace(scene, room=room) if room != scene.room else scene)


def _met(scene: Scene) -> Scene:
    person, scope = scene.person, scene.room.scope
    if scope in person.scopes:
        return scene
    return replace(scene, person=replace(person, scopes=person.scopes | {scope}))


def _joined(scene: Scene, at: dt.datetime, now: dt.datetime, *, compared: bool) -> Decision[Scene]:
    """Return the scene with one more member, and with the brake on where there are too many at once.

    Whom a comparison has found is new, but came at a time of their own: after an outage many are found at
    once, and that is no raid.
    """
    standing = scene.standing
    since = at if standing.since is None else min(at, standing.since)
    scene = replace(scene, standing=replace(standing, since=since))
    trust = scene.standing.trust(scene.policy, now, admin=scene.admin)
    if compared or trust is not Trust.NEW or now - at > FRESH:
        return Decision(scene)
    return _braked(scene, at)


def _braked(scene: Scene, at: dt.datetime) -> Decision[Scene]:
    room, terms = scene.room, scene.policy.document.raid
    window = dt.timedelta(minutes=terms.minutes)
    newest = max((*room.joins, at))
    joins = tuple(sorted(each for each in (*room.joins, at) if newest - each < window))[-terms.joins :]
    room = replace(room, joins=joins)
    if len(joins) < terms.joins:
        return Decision(replace(scene, room=room))
    until = newest + dt.timedelta(minutes=terms.hold_minutes)
    going_on = room.raid_until is not None and room.raid_until > at
    until = max(until, room.raid_until) if room.raid_until is not None else until
    room = replace(room, raid_until=until)
    ended = RaidEnded(chat_id=room.chat_id, ended_at=until)
    # Set again under the same name the timer moves: the brake holds until the last wave is over.
    wake = (Wake(raid_timer(room), until, ended, room.chat_id),)
    scene = replace(scene, room=room)
    if going_on:
        return Decision(scene, wake=wake)
    detected = RaidDetected(chat_id=room.chat_id, joins=len(joins), until=until, detected_at=at)
    notice = Say(
        room.chat_id,
        Phrase("raid.notice"),
        language_of(room, scene.policy),
        send_class=SendClass.SAFETY,
        valid_for=NOTICE_VALID_FOR,
    )
    return Decision(
        scene, emit=(Emit(detected, room.chat_id),), say=(notice,), wake=wake, note="raid_detected"
    )


def raid_timer(room: Room) -> str:
    """Return the name of the timer that lets go of a chat's brake."""
    return f"raid/{room.chat_id}"


def _settled(scene: Scene, at: dt.datetime) -> Standing:
    """Return the standing of whom the first look at a group has found there: no newcomer, and no more."""
    terms, standing = scene.policy.document.trust, scene.standing
    since = at - dt.timedelta(days=terms.newcomer_days)
    return replace(
        standing,
        since=since if standing.since is None else min(since, standing.since),
        accepted=max(standing.accepted, terms.newcomer_messages),
    )


def _with_admin(scene: Scene, *, admin: bool) -> Scene:
    ids = {scene.person.member_id, scene.person.now}
    admins = scene.room.admins | {scene.person.now} if admin else scene.room.admins - ids
    return scene if admins == scene.room.admins else replace(scene, room=replace(scene.room, admins=admins))
