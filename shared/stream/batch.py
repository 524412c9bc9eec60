"""Folds a batch of records into one unit of work: what is decided here is stored together or not at all."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.base import EventModel
from shared.contracts.envelope import Cause, Envelope, decode, encode, follow, peek
from shared.contracts.gateway import MessageSend
from shared.contracts.topics import topic_of
from shared.decision import Decision, Say
from shared.errors import Conflict, PermanentError, UnknownVersion
from shared.faults import fault
from shared.log.record import NewRecord, Record
from shared.replies import Speaker
from shared.store.mailboxes import Inbox, Outbox
from shared.store.unit_of_work import Session
from shared.stream.dead_letter import dead_letter, position_id, reason_of
from shared.stream.subscription import Handler, States, Subscription


@dataclass(frozen=True, slots=True)
class Item:
    """A record and what could be made of it; `problem` where nothing could."""

    record: Record
    envelope: Envelope[EventModel] | None = None
    handler: Handler[Any, Any] | None = None
    problem: Exception | None = None

    @property
    def ids(self) -> frozenset[str]:
        """By which the inbox may know it: the event's own id, or its place where it was dead-lettered."""
        own = () if self.envelope is None else (self.envelope.id,)
        return frozenset((position_id(self.record), *own))


@dataclass(slots=True)
class Outcome:
    """What a batch came to, for logs and metrics; told only after its transaction is durable."""

    applied: int = 0
    duplicates: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    notes: list[tuple[str, str]] = field(default_factory=list)
    """Correlation id and note of each decision that did something."""


def read(record: Record, subscription: Subscription) -> Item | None:
    """Return the item of `record`, or None where its type does not concern this consumer."""
    try:
        wanted, _ = peek(record.headers)
        if not any(wanted == handler.event.TYPE for handler in subscription.handlers):
            return None
        envelope = decode(record.value, record.headers)
        handler = subscription.handler_of(envelope.data)
        if handler is None:
            raise UnknownVersion(f"This consumer has no line for this version of {wanted}.")
        return Item(record, envelope, handler)
    except PermanentError as error:
        return Item(record, problem=error)


class Fold:
    """One consumer's way from items to writes."""

    def __init__(
        self, subscription: Subscription, inbox: Inbox, outbox: Outbox, speaker: Speaker | None
    ) -> None:
        self._subscription = subscription
        self._inbox = inbox
        self._outbox = outbox
        self._speaker = speaker

    async def apply(
        self, session: Session, items: Sequence[Item], now: dt.datetime, *, look_first: bool
    ) -> Outcome:
        """Write the inbox, the states and the outbox that follow from `items`.

        Args:
            session: the transaction to write in.
            items: the batch, in order.
            now: the time of the decisions.
            look_first: ask the inbox what has been handled. Without it the inbox's unique ids still refuse
                what has, only later; as nearly every record is new, asking first is nearly always wasted.

        Raises:
            Conflict: something here may have been handled before; look first.
            PermanentError: the store cannot hold what one of them leads to.
        """
        outcome = Outcome()
        consumer = self._subscription.consumer
        seen: set[str] = set()
        if look_first:
            ids = [each for item in items for each in item.ids]
            seen |= await self._inbox.seen(session, consumer, ids)
        states = await _LoadedStates.load(session, items)
        handled: list[str] = []
        rows: list[NewRecord] = []
        for item in items:
            if not seen.isdisjoint(item.ids):
                outcome.duplicates += 1
                continue
            remembered, new_rows = self._decide(item, states, now, outcome)
            if outcome.dead and not look_first:
                raise Conflict("A record would be set aside that may have been handled before.")
            seen.add(remembered)
            handled.append(remembered)
            rows += new_rows
        await self._inbox.add(session, consumer, handled)
        await states.save(session)
        await self._outbox.add(session, rows)
        fault("in_txn")
        return outcome

    def _decide(
        self, item: Item, states: _LoadedStates, now: dt.datetime, outcome: Outcome
    ) -> tuple[str, list[NewRecord]]:
        """Return what the inbox shall remember of `item`, and the rows it leads to."""
        consumer = self._subscription.consumer
        problem = item.problem
        if item.envelope is not None and item.handler is not None:
            try:
                decision = states.decide(item.handler, item.envelope, now)
                rows = rows_of(decision, item.envelope, consumer, self._speaker, now)
            except Exception as error:  # noqa: BLE001 - a pure function failed on this record alone
                problem = error
            else:
                states.keep(item.handler, item.envelope, decision)
                outcome.applied += 1
                if decision.note:
                    outcome.notes.append((item.envelope.correlation_id, decision.note))
                return item.envelope.id, rows
        assert problem is not None  # noqa: S101 - an item is readable or has a problem
        outcome.dead[reason_of(problem)] += 1
        # Remembered by its place, not its id: after a fix, a replay of the same event must be handled.
        return position_id(item.record), [self._dead_letter(item.record, problem, now)]

    def _dead_letter(self, record: Record, problem: Exception, now: dt.datetime) -> NewRecord:
        return dead_letter(record, self._subscription.service, self._subscription.consumer, problem, now)


def rows_of(
    decision: Decision[object], cause: Cause, consumer: str, speaker: Speaker | None, now: dt.datetime
) -> list[NewRecord]:
    """Return the records that `decision` leads to: its facts first, then what it says.

    Raises:
        PermanentError: it says something the catalogue does not hold.
    """
    events: list[tuple[EventModel, str]] = [(each.data, each.key) for each in decision.emit]
    events += [(_command(say, cause, speaker), say.chat_id) for say in decision.say]
    return [
        to_record(follow(cause, data, consumer=consumer, ordinal=ordinal, key=key, time=now))
        for ordinal, (data, key) in enumerate(events)
    ]


def _command(say: Say, cause: Cause, speaker: Speaker | None) -> MessageSend:
    if speaker is None:
        raise PermanentError("This consumer has no catalogue to speak from.")
    return MessageSend(
        chat_id=say.chat_id,
        text=speaker.text(say.phrase, say.language),
        send_class=say.send_class,
        # Counted from what was asked, not from now: after an outage an old question is better left alone.
        not_after=cause.time + say.valid_for,
    )


def to_record(envelope: Envelope[EventModel]) -> NewRecord:
    """Return the record that carries `envelope` on the topic of its type."""
    value, headers = encode(envelope)
    return NewRecord(topic_of(type(envelope.data)).name, envelope.partition_key.encode(), value, headers)


class _LoadedStates:
    """The states a batch touches, each loaded once and saved once however many records touch it."""

    def __init__(self) -> None:
        self._loaded: dict[int, dict[str, Any]] = {}
        self._changed: dict[int, dict[str, Any]] = {}
        self._stores: dict[int, States[Any]] = {}

    @classmethod
    async def load(cls, session: Session, items: Sequence[Item]) -> _LoadedStates:
        self = cls()
        keys: dict[int, set[str]] = {}
        for item in items:
            if item.handler is not None and item.envelope is not None:
                self._stores[id(item.handler.states)] = item.handler.states
                keys.setdefault(id(item.handler.states), set()).add(item.handler.key(item.envelope.data))
        for store, wanted in keys.items():
            self._loaded[store] = dict(await self._stores[store].load(session, wanted))
        return self

    def decide(self, handler: Handler[Any, Any], envelope: Envelope[Any], now: dt.datetime) -> Decision[Any]:
        state = self._loaded[id(handler.states)][handler.key(envelope.data)]
        return handler.decide(state, envelope, now)

    def keep(self, handler: Handler[Any, Any], envelope: Envelope[Any], decision: Decision[Any]) -> None:
        store, key = id(handler.states), handler.key(envelope.data)
        if decision.state is not self._loaded[store][key]:
            self._loaded[store][key] = decision.state
            self._changed.setdefault(store, {})[key] = decision.state

    async def save(self, session: Session) -> None:
        for store, changed in self._changed.items():
            await self._stores[store].save(session, changed)
