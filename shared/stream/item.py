"""A record on its way through a batch, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode, peek
from shared.errors import PermanentError, UnknownVersion
from shared.log.record import NewRecord, Partition, Record
from shared.stream.dead_letter import position_id
from shared.stream.failure import Limits
from shared.stream.retry import REPLAYED, Retried, retried
from shared.stream.subscription import Handler, Subscription


@dataclass(frozen=True, slots=True)
class Item:
    """A record and what could be made of it; `problem` where nothing could."""

    record: Record
    envelope: Envelope[EventModel] | None = None
    handler: Handler[Any, Any] | None = None
    problem: Exception | None = None
    again: Retried | None = None
    """What it says about earlier attempts, where it comes back."""
    parked: str | None = None
    """Its place in the queue of its key, where it has waited in one."""
    behind: str | None = None
    """The event for which it has waited there."""

    @property
    def first_hand(self) -> bool:
        """Whether it comes from where it was first written."""
        return self.again is None and self.parked is None

    @property
    def replayed(self) -> bool:
        """Whether somebody asked for it to be handled again."""
        return self.again is not None and self.again.reason == REPLAYED

    @property
    def place(self) -> str:
        """What the inbox remembers where the record was put elsewhere."""
        return place_of(self.record, self.again, parked=self.parked is not None)

    @property
    def rests(self) -> str:
        """What the inbox remembers where the record was put into a tier: it is not settled by that."""
        return rest_of(self.place)

    @property
    def ids(self) -> frozenset[str]:
        """By which the inbox may know it: the event's own id, or its place."""
        own = () if self.envelope is None else (self.envelope.id,)
        return frozenset((self.place, self.rests, *own))


class What(StrEnum):
    """What became of a record."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    PARKED = "parked"
    """It waits behind another one of its key."""
    RETRIED = "retried"
    """It rests in a tier."""
    SET_ASIDE = "dead_lettered"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record."""

    item: Item
    what: What
    reason: str | None = None
    """The tier in which it rests, or why it was set aside."""
    note: str | None = None
    rows: tuple[NewRecord, ...] = ()
    """What it led to."""
    settled: bool = True
    """Whether nothing more will be done about it."""


@dataclass(slots=True)
class Outcome:
    """What a batch came to; it counts only once its transaction is durable."""

    limits: Limits = field(default_factory=Limits)
    results: list[Result] = field(default_factory=list)
    held_up: dict[bytes, str] = field(default_factory=dict)
    """Keys whose later records wait, with the event they wait for."""
    left: dict[Partition, int] = field(default_factory=dict)
    """Where a partition that was halted is to be read on."""
    timers: bool = False
    """Whether timers were set or cancelled."""

    def and_then(self, later: Outcome) -> Outcome:
        """Return what both came to."""
        return Outcome(
            later.limits,
            self.results + later.results,
            self.held_up | later.held_up,
            later.left | self.left,
            self.timers or later.timers,
        )


def place_of(record: Record, again: Retried | None, *, parked: bool) -> str:
    """Return the place of `record`: where it first stood, and how it came from there.

    A record that comes back is known by its way and not by where it stands now: when the relay publishes
    the same return twice, the second is a repetition and not another attempt.
    """
    if again is not None:
        return (
            f"{again.topic}/{again.partition}/{again.offset}/{again.attempts}/{again.not_before.isoformat()}"
        )
    return f"{position_id(record)}/parked" if parked else position_id(record)


def rest_of(place: str) -> str:
    """Return what the inbox remembers of a record that was put into a tier from `place`."""
    return f"{place}/rests"


def read(
    record: Record, subscription: Subscription, parked: str | None = None, behind: str | None = None
) -> Item | None:
    """Return the item of `record`, or None where it does not concern this consumer.

    Args:
        record: as it was read.
        subscription: the consumer's table.
        parked: its place in the queue of its key, where it was taken from there.
        behind: the event for which it has waited in it.
    """
    again = None
    try:
        if record.topic in subscription.again and parked is None:
            again = retried(record)
            if again.consumer != subscription.consumer:
                return None
        wanted, _ = peek(record.headers)
        if not any(wanted == handler.event.TYPE for handler in subscription.handlers):
            return None
        envelope = decode(record.value, record.headers)
        handler = subscription.handler_of(envelope.data)
        if handler is None:
            raise UnknownVersion(f"This consumer has no line for this version of {wanted}.")
        return Item(record, envelope, handler, again=again, parked=parked, behind=behind)
    except PermanentError as error:
        return Item(record, problem=error, again=again, parked=parked, behind=behind)


def read_all(records: Sequence[Record], subscription: Subscription) -> list[Item]:
    """Return the items of those of `records` that concern this consumer."""
    items = (read(record, subscription) for record in records)
    return [item for item in items if item is not None]
