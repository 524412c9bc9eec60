"""Seats: who gets one, who waits, and to whom one is offered next.

A seat that is offered is held, so that nobody is promised what another one takes meanwhile.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from services.events.domain.roll import Entry, Roll, Seat
from services.events.domain.webinar import Webinar

SHORTEST_OFFER = dt.timedelta(minutes=5)
"""An offer that nobody can read in time is none."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A seat that is held for a member."""

    member_id: str
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """For how long seats are offered."""

    hold: dt.timedelta
    cutoff: dt.timedelta
    """Before the start; from then on nobody is offered a seat any more."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a seat, where and when."""

    member_id: str
    chat_id: str
    at: dt.datetime


def take(roll: Roll, webinar: Webinar, asking: Asking, holding: Holding) -> Roll:
    """Return the roll after a member asked for a seat: they have one, or they wait behind all others.

    Who has, or is offered, or waits for a seat keeps their place. From the cut-off on nobody is offered a
    seat, so a free one goes to whoever asks for it.
    """
    member_id, now = asking.member_id, asking.at
    entry = roll.of(member_id)
    seat = entry.seat if entry is not None else None
    if seat is Seat.CONFIRMED:
        return roll
    if seat is Seat.OFFERED:
        return _put(roll, asking, Seat.CONFIRMED)
    free = webinar.capacity is None or roll.taken < webinar.capacity
    if free and (not roll.queue or now >= webinar.starts_at - holding.cutoff):
        queue = tuple(each for each in roll.queue if each != member_id)
        return replace(_put(roll, asking, Seat.CONFIRMED), taken=roll.taken + 1, queue=queue)
    if seat is Seat.WAITING:
        return roll
    return replace(_put(roll, asking, Seat.WAITING), queue=(*roll.queue, member_id))


def leave(roll: Roll, member_id: str, now: dt.datetime) -> Roll:
    """Return the roll after a member gave up what they had; it is nobody's yet."""
    entry = roll.of(member_id)
    if entry is None or entry.seat in {Seat.DECLINED, Seat.NONE}:
        return roll
    held = entry.seat in {Seat.CONFIRMED, Seat.OFFERED}
    queue = tuple(each for each in roll.queue if each != member_id)
    declined = replace(entry, seat=Seat.DECLINED, at=now, offered_until=None)
    return replace(roll, entries={**roll.entries, member_id: declined}, taken=roll.taken - held, queue=queue)


def offer(roll: Roll, webinar: Webinar, holding: Holding, now: dt.datetime) -> tuple[Roll, tuple[Offer, ...]]:
    """Return the roll with every free seat offered to who waits, in order, and to whom and until when.

    Nothing is offered from the cut-off on, nor so short before it that nobody could answer.
    """
    last = webinar.starts_at - holding.cutoff
    until = min(now + holding.hold, last)
    if not webinar.ahead or until - now < min(SHORTEST_OFFER, holding.hold):
        return roll, ()
    free = len(roll.queue) if webinar.capacity is None else max(0, webinar.capacity - roll.taken)
    chosen = roll.queue[:free]
    if not chosen:
        return roll, ()
    entries = dict(roll.entries)
    for member_id in chosen:
        entries[member_id] = replace(entries[member_id], seat=Seat.OFFERED, at=now, offered_until=until)
    roll = replace(roll, entries=entries, taken=roll.taken + len(chosen), queue=roll.queue[free:])
    return roll, tuple(Offer(each, until) for each in chosen)


def shorten(roll: Roll, webinar: Webinar, holding: Holding) -> tuple[Roll, tuple[Offer, ...]]:
    """Return the roll with no offer beyond the cut-off of a webinar that was moved, and which changed."""
    last = webinar.starts_at - holding.cutoff
    late = {
        member: replace(each, offered_until=last)
        for member, each in roll.entries.items()
        if each.seat is Seat.OFFERED and each.offered_until is not None and each.offered_until > last
    }
    if not late:
        return roll, ()
    return replace(roll, entries={**roll.entries, **late}), tuple(Offer(each, last) for each in sorted(late))


def _put(roll: Roll, asking: Asking, seat: Seat) -> Roll:
    known = roll.of(asking.member_id) or Entry(seat, asking.at)
    entry = replace(known, seat=seat, at=asking.at, chat_id=asking.chat_id, offered_until=None)
    return replace(roll, entries={**roll.entries, asking.member_id: entry})
