"""`!शामिल 12` and `!नहीं 12`: members take a seat, wait for one, and give it back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.events.domain import seats
from services.events.domain.community import Terms
from services.events.domain.facts import emit, minutes, of_webinar
from services.events.domain.replying import answer, number_in, of, reply
from services.events.domain.roll import Entry, Roll, Seat
from services.events.domain.scene import Scene
from services.events.domain.timers import offer_name, offer_timer
from services.events.domain.webinar import Webinar
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived, SendClass
from shared.contracts.webinars import (
    OfferDue,
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationOffered,
    RegistrationWaiting,
)
from shared.decision import Cancel, Decision, Emit, Moment, Phrase, Say


def decide_join(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Give a member a seat, or a place behind those who wait."""
    webinar = _meant(scene, command)
    if isinstance(webinar, Phrase):
        return answer(scene, event, webinar, "registration_unknown")
    member, roll = scene.member.now, scene.roll(webinar)
    before = roll.of(member)
    if refused := _refused(webinar, before, event, over=now >= webinar.ends_at):
        return answer(scene, event, refused, "registration_refused")
    changed = seats.take(
        roll, webinar, seats.Asking(member, scene.chat.chat_id, now), holding(scene.community.terms)
    )
    scene = listed(scene.with_roll(changed.heard(member, event.data.sent_at)), webinar)
    entry = changed.entries[member]
    if entry.seat is Seat.WAITING:
        position = changed.position(member) or 1
        said = Phrase(
            "registration.waiting",
            of(
                webinar,
                position=Phrase(f"place.{position}")
                if position <= NAMED_PLACES
                else Phrase("place.n", {"n": position}),
            ),
        )
        if changed is roll:
            return answer(scene, event, said, "registration_repeated")
        waiting = RegistrationWaiting(
            **of_webinar(webinar), member_id=member, position=position, waiting_at=now
        )
        return replace(answer(scene, event, said, "registration_waiting"), emit=(emit(webinar, waiting),))
    if changed is roll:
        return answer(scene, event, Phrase("registration.already", of(webinar)), "registration_repeated")
    confirmed = RegistrationConfirmed(**of_webinar(webinar), member_id=member, confirmed_at=now)
    silenced = before is not None and before.seat is Seat.OFFERED
    return Decision(
        scene,
        emit=(emit(webinar, confirmed),),
        say=(reply(scene, event, Phrase("registration.confirmed", of(webinar))),),
        wake=(Cancel(offer_name(webinar, member)),) if silenced else (),
        note="registration_confirmed",
    )


NAMED_PLACES = 3
"""Places in the queue that the catalogue has words for."""


def decide_leave(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Take a member off, and offer their seat to who waits first."""
    webinar = _meant(scene, command)
    if isinstance(webinar, Phrase):
        return answer(scene, event, webinar, "registration_unknown")
    member, roll = scene.member.now, scene.roll(webinar)
    if refused := _refused(webinar, roll.of(member), event):
        return answer(scene, event, refused, "registration_refused")
    changed = seats.leave(roll, member, now)
    scene = scene.with_roll(changed.heard(member, event.data.sent_at))
    if changed is roll:
        return answer(scene, event, Phrase("registration.not_in", of(webinar)), "registration_repeated")
    cancelled = RegistrationCancelled(**of_webinar(webinar), member_id=member, cancelled_at=now)
    freed = offered(scene, webinar, event.time, now)
    return replace(
        freed,
        emit=(emit(webinar, cancelled), *freed.emit),
        say=(reply(scene, event, Phrase("registration.left", of(webinar))), *freed.say),
        wake=(Cancel(offer_name(webinar, member)), *freed.wake),
        note="registration_cancelled",
    )


def _refused(
    webinar: Webinar, entry: Entry | None, event: Envelope[MessageReceived], *, over: bool = False
) -> Phrase | None:
    """Return why nothing is changed: it is too late, or what they have written since came before it."""
    if not webinar.ahead or over:
        return Phrase("registration.over", of(webinar))
    if entry is not None and entry.wished_at is not None and event.data.sent_at < entry.wished_at:
        return Phrase("registration.older", of(webinar))
    return None


def decide_offer_due(scene: Scene, event: Envelope[OfferDue], now: dt.datetime) -> Decision[Scene]:
    """Take back a seat that was offered and not taken, and offer it to who waits next."""
    data = event.data
    webinar = scene.webinars.get(data.webinar_id)
    if webinar is None:
        return Decision(scene)
    roll = scene.roll(webinar)
    entry = roll.of(data.member_id)
    if entry is None or entry.seat is not Seat.OFFERED or entry.offered_until != data.until:
        return Decision(scene)
    cancelled = RegistrationCancelled(
        **of_webinar(webinar), member_id=data.member_id, expired=True, cancelled_at=now
    )
    freed = offered(scene.with_roll(seats.leave(roll, data.member_id, now)), webinar, event.time, now)
    return replace(freed, emit=(emit(webinar, cancelled), *freed.emit), note="offer_expired")


def offered(scene: Scene, webinar: Webinar, since: dt.datetime, now: dt.datetime) -> Decision[Scene]:
    """Return the decision to offer every free seat to who waits for one.

    Args:
        scene: where the roll is.
        webinar: whose seats.
        since: when the cause of it was; how long words are good for is counted from there.
        now: when it is decided.
    """
    roll, offers = seats.offer(scene.roll(webinar), webinar, holding(scene.community.terms), now)
    if not offers:
        return Decision(scene)
    facts: list[Emit] = []
    says: list[Say] = []
    for each in offers:
        facts.append(
            emit(
                webinar,
                RegistrationOffered(
                    **of_webinar(webinar), member_id=each.member_id, until=each.until, offered_at=now
                ),
            )
        )
        says.append(_news(roll, webinar, each.member_id, each.until, since))
    return Decision(
        scene.with_roll(roll),
        emit=tuple(facts),
        say=tuple(says),
        wake=tuple(offer_timer(webinar, each) for each in offers),
        note="seat_offered",
    )


def holding(terms: Terms) -> seats.Holding:
    """Return for how long seats are offered under these terms."""
    return seats.Holding(minutes(terms.hold_minutes), minutes(terms.cutoff_minutes))


def _news(roll: Roll, webinar: Webinar, member_id: str, until: dt.datetime, since: dt.datetime) -> Say:
    """Return the offer in words: to the member alone, else in the chat where they had asked, by name."""
    entry = roll.entries[member_id]
    return Say(
        entry.chat_id or webinar.chat_id,
        Phrase("registration.offered", of(webinar, until=Moment(until, webinar.zone))),
        webinar.language,
        send_class=SendClass.REMINDER,
        valid_for=until - since,
        mentions=(member_id,),
        privately_to=member_id,
        aloud=True,
    )


def _meant(scene: Scene, command: Command) -> Webinar | Phrase:
    """Return the webinar that a command names, or what to say where it names none."""
    number = number_in(command.args)
    if number is None:
        ahead = [each for each in scene.webinars.values() if each is not None and each.ahead]
        if len(ahead) == 1 and not command.args:
            return ahead[0]
        return Phrase("registration.which")
    return scene.found(number) or Phrase("webinar.unknown", {"number": number})


def listed(scene: Scene, webinar: Webinar) -> Scene:
    """Return the scene in which it is known of the member that they are on the roll of this webinar."""
    if webinar.webinar_id in scene.member.webinars:
        return scene
    webinars = scene.member.webinars | {webinar.webinar_id}
    return replace(scene, member=replace(scene.member, webinars=webinars))
