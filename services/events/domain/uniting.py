"""One place on a roll of two, and two of one again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from services.events.domain.roll import Absorbed, Entry, Roll, Seat
from services.events.domain.webinar import Webinar

KEPT: Final = 20
"""Corrections of one member that are remembered."""

_HELD: Final = frozenset({Seat.CONFIRMED, Seat.OFFERED})
_WORST_FIRST: Final = (Seat.NONE, Seat.DECLINED, Seat.WAITING, Seat.OFFERED, Seat.CONFIRMED)


def united(roll: Roll, mine: str, theirs: str) -> Roll:
    """Return the roll on which `theirs` stands no more: what they had, `mine` has, the better seat of two.

    What both had before is remembered, for the case that it was a mistake.
    """
    gone = roll.of(theirs)
    if gone is None:
        return roll
    before = roll.of(mine)
    made = gone if before is None else _both(before, gone)
    entries = {member: each for member, each in roll.entries.items() if member != theirs} | {mine: made}
    places = dict.fromkeys(mine if each == theirs else each for each in roll.queue)
    absorbed = {**roll.absorbed, theirs: Absorbed(gone, before, made)}
    return _counted(replace(roll, entries=entries, queue=tuple(places), absorbed=absorbed))


def parted(roll: Roll, webinar: Webinar | None, mine: str, theirs: str) -> Roll:
    """Return the roll on which `theirs` has again what they came with, and `mine` the rest.

    A seat that has been given to somebody else meanwhile is not taken back from them: who has lost it waits
    for the next one, before all who asked later.
    """
    record = roll.absorbed.get(theirs)
    if record is None:
        return roll
    current = roll.of(mine)
    absorbed = {member: each for member, each in roll.absorbed.items() if member != theirs}
    rest = record.mine if current == record.made else _without(current, record)
    entries = {member: each for member, each in roll.entries.items() if member != mine}
    if rest is not None:
        entries[mine] = rest if rest == current else _again(rest)
    entries[theirs] = _again(record.theirs)
    room = webinar is None or not webinar.ahead or webinar.capacity is None
    if not room and webinar is not None and _held(entries) > (webinar.capacity or 0):
        late = theirs if entries[theirs].seat in _HELD else mine
        if late in entries and entries[late].seat in _HELD:
            entries[late] = replace(entries[late], seat=Seat.WAITING, offered_until=None)
    changed = replace(roll, entries=entries, absorbed=absorbed)
    for member in (mine, theirs):
        changed = _placed(changed, member)
    return _counted(changed)


def _both(mine: Entry, theirs: Entry) -> Entry:
    better = theirs if _rank(theirs) > _rank(mine) else mine
    came = [each for each in (mine, theirs) if each.attended_at is not None]
    first = min(came, key=lambda each: each.attended_at or each.at, default=better)
    same = mine.seat is theirs.seat
    wishes = [each.wished_at for each in (mine, theirs) if each.wished_at is not None]
    corrections = sorted((*mine.corrections, *theirs.corrections), key=lambda each: each.at)
    return replace(
        better,
        at=min(mine.at, theirs.at) if same else better.at,
        wished_at=max(wishes, default=None),
        attended_at=first.attended_at,
        proof=first.proof,
        corrections=tuple(corrections[-KEPT:]),
    )


def _without(current: Entry | None, record: Absorbed) -> Entry | None:
    """Return what is left of an entry that has changed since: the attendance the other brought is theirs."""
    brought = record.theirs.attended_at is not None and (
        record.mine is None or record.mine.attended_at is None
    )
    if current is None or not brought or current.attended_at != record.theirs.attended_at:
        return current
    return replace(current, attended_at=None, proof=None)


def _again(entry: Entry) -> Entry:
    """Return an entry as it comes back: an offer has run out meanwhile, and who had it waits."""
    return replace(entry, seat=Seat.WAITING, offered_until=None) if entry.seat is Seat.OFFERED else entry


def _placed(roll: Roll, member: str) -> Roll:
    """Return the roll with a member in the queue, where they wait, at the place that is theirs by time."""
    entry = roll.of(member)
    queue = [each for each in roll.queue if each != member]
    if entry is None or entry.seat is not Seat.WAITING:
        return replace(roll, queue=tuple(queue))
    if member in roll.queue:
        return roll
    later = (at for at, each in enumerate(queue) if each in roll.entries and roll.entries[each].at > entry.at)
    queue.insert(next(later, len(queue)), member)
    return replace(roll, queue=tuple(queue))


def _counted(roll: Roll) -> Roll:
    waiting = (
        each for each in roll.queue if each in roll.entries and roll.entries[each].seat is Seat.WAITING
    )
    return replace(roll, taken=_held(roll.entries), queue=tuple(waiting))


def _held(entries: Mapping[str, Entry]) -> int:
    return sum(each.seat in _HELD for each in entries.values())


def _rank(entry: Entry) -> int:
    return _WORST_FIRST.index(entry.seat)
