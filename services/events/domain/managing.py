"""What a REST client does about who takes part in a session, and about how a community runs its sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from services.events.domain import seats
from services.events.domain.community import Terms
from services.events.domain.facts import emit, of_webinar
from services.events.domain.registering import holding, listed, offered
from services.events.domain.roll import Seat
from services.events.domain.scene import Scene
from services.events.domain.timers import clocks, offer_name
from services.events.domain.webinar import Stage, Webinar
from shared.contracts.webinars import RegistrationCancelled, RegistrationConfirmed, RegistrationWaiting
from shared.decision import Cancel, Decision
from shared.errors import Conflict, Invalid

WEEK = 7 * 24 * 60


def put_on(scene: Scene, webinar: Webinar, now: dt.datetime) -> Decision[Scene]:
    """Return the scene in which the member has a seat, or waits for one; nobody is told.

    Raises:
        Conflict: the session is over or cancelled.
    """
    if not webinar.ahead:
        raise Conflict("This session is over or cancelled.")
    member, roll = scene.member.now, scene.roll(webinar)
    asking = seats.Asking(member, webinar.chat_id, now)
    changed = seats.take(roll, webinar, asking, holding(scene.community.terms))
    if changed is roll:
        return Decision(scene)
    scene = listed(scene.with_roll(changed), webinar)
    fact: RegistrationConfirmed | RegistrationWaiting
    if changed.entries[member].seat is Seat.CONFIRMED:
        fact = RegistrationConfirmed(**of_webinar(webinar), member_id=member, confirmed_at=now)
    else:
        fact = RegistrationWaiting(
            **of_webinar(webinar), member_id=member, position=changed.position(member) or 1, waiting_at=now
        )
    return Decision(
        scene,
        emit=(emit(webinar, fact),),
        wake=(Cancel(offer_name(webinar, member)),),
        note="registration_put",
    )


def take_off(scene: Scene, webinar: Webinar, now: dt.datetime) -> Decision[Scene]:
    """Return the scene in which the member has no seat, and theirs is offered to who waits.

    Raises:
        Conflict: the session is over or cancelled.
    """
    if not webinar.ahead:
        raise Conflict("This session is over or cancelled.")
    member, roll = scene.member.now, scene.roll(webinar)
    changed = seats.leave(roll, member, now)
    if changed is roll:
        return Decision(scene)
    cancelled = RegistrationCancelled(**of_webinar(webinar), member_id=member, cancelled_at=now)
    freed = offered(scene.with_roll(changed), webinar, now, now)
    return replace(
        freed,
        emit=(emit(webinar, cancelled), *freed.emit),
        wake=(Cancel(offer_name(webinar, member)), *freed.wake),
        note="registration_cancelled",
    )


def in_order(reminders: Sequence[int]) -> tuple[int, ...]:
    """Return minutes before the start, each once, the earliest reminder first.

    Raises:
        Invalid: one is not between a minute and a week.
    """
    if any(not 1 <= each <= WEEK for each in reminders):
        raise Invalid("A reminder comes between a minute and a week before the start.")
    return tuple(sorted(set(reminders), reverse=True))


def agree(scene: Scene, terms: Terms, now: dt.datetime) -> Decision[Scene]:
    """Return the scene in which a community runs its sessions by `terms`; reminders of those ahead follow."""
    old = scene.community.terms
    community = replace(scene.community, terms=terms)
    ahead = [each for each in scene.webinars.values() if each is not None and each.stage is Stage.SCHEDULED]
    gone = replace(terms, reminders=tuple(each for each in old.reminders if each not in terms.reminders))
    return Decision(
        replace(scene, community=community),
        wake=(
            *(
                Cancel(each.name)
                for webinar in ahead
                for each in clocks(webinar, gone, now)[: len(gone.reminders)]
            ),
            *(each for webinar in ahead for each in clocks(webinar, terms, now)),
        ),
        note="terms_agreed",
    )
