"""Folds a batch of records into one unit of work: what is decided here is stored together or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from shared.contracts.envelope import Envelope
from shared.contracts.topics import RETRY_TIERS, dead_letter_topic, retry_topic
from shared.decision import Decision
from shared.errors import Conflict, PermanentError, RetriesExhausted
from shared.faults import fault
from shared.log.record import NewRecord
from shared.observability.tracing import span
from shared.replies import Speaker
from shared.store.timers import Timer
from shared.store.unit_of_work import Session
from shared.stream.dead_letter import dead_letter, reason_of
from shared.stream.failure import Fate, Limits, classify, next_tier
from shared.stream.item import Item, Outcome, Result, What
from shared.stream.retry import retry_record
from shared.stream.rows import rows_of, timers_of
from shared.stream.runtime import Runtime
from shared.stream.states import LoadedStates, NotLoaded
from shared.stream.subscription import Subscription


class Divided(Exception):
    """What is before `at` in a batch must be stored before the rest can be decided on."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class Fold:
    """One consumer's way from items to writes."""

    def __init__(self, subscription: Subscription, runtime: Runtime, speaker: Speaker | None) -> None:
        self.subscription = subscription
        self.runtime = runtime
        self.speaker = speaker

    async def apply(
        self,
        session: Session,
        items: Sequence[Item],
        now: dt.datetime,
        limits: Limits,
        held_up: frozenset[bytes] = frozenset(),
        *,
        look_first: bool,
    ) -> Outcome:
        """Write the inbox, the states, the outbox and the timers that follow from `items`.

        Args:
            session: the transaction to write in.
            items: the batch, in order.
            now: the time of the decisions.
            limits: how many were set aside before; the outcome has the count with this batch in it.
            held_up: keys of which a record may be resting in a retry tier.
            look_first: ask the inbox what has been handled. Without it the inbox's unique ids still refuse
                what has, only later; as nearly every record is new, asking first is nearly always wasted.

        Raises:
            Conflict: something here may have been handled before; look first.
            Divided: the batch is two, and nothing was written.
            PermanentError: the store cannot hold what one of them leads to.
        """
        consumer = self.subscription.consumer
        seen: frozenset[str] = frozenset()
        if look_first:
            seen = await self.runtime.inbox.seen(session, consumer, [i for item in items for i in item.ids])
        keys = {item.record.key for item in items if item.first_hand} & held_up
        heads = dict(await self.runtime.parking.heads(session, consumer, keys)) if keys else {}
        states = await LoadedStates.load(session, items)
        work = _Work(self, states, heads, now, Outcome(limits.copy()))
        for place, item in enumerate(items):
            try:
                work.take(item, seen)
            except NotLoaded as error:
                if place == 0:
                    raise PermanentError("The keys of a bundle change without its states.") from error
                raise Divided(place) from error
            if not look_first and work.doubtful:
                raise Conflict("A record would be put elsewhere that may have been handled before.")
        fault("mid_batch")
        await work.write(session)
        fault("in_txn")
        return work.outcome


class _Work:
    """What one batch comes to, before it is written."""

    def __init__(
        self, fold: Fold, states: LoadedStates, heads: dict[bytes, str], now: dt.datetime, outcome: Outcome
    ) -> None:
        self._fold = fold
        self._subscription = fold.subscription
        self._states = states
        self._heads = heads
        self._now = now
        self.outcome = outcome
        self._remembered: dict[str, None] = {}
        self._rows: list[NewRecord] = []
        self._timers: dict[str, Timer | None] = {}
        self._parked: list[Item] = []
        self._left_queue: list[str] = []
        self._instead_of: dict[bytes, str | None] = {}

    @property
    def doubtful(self) -> bool:
        """Whether the last record is put elsewhere: then it matters whether it was handled before."""
        last = self.outcome.results[-1:]
        return any(result.what in {What.RETRIED, What.SET_ASIDE} for result in last)

    def take(self, item: Item, seen: frozenset[str]) -> None:
        """Decide on `item`."""
        source = item.record.source
        if self.outcome.limits.halts(source) and not item.replayed:
            self.outcome.left.setdefault(source, item.record.offset)
        elif item.parked and item.record.key in self.outcome.held_up:
            # What stood before it in its queue is to be tried again later, and must be done first.
            return
        elif known := {each for each in item.ids if each in seen or each in self._remembered}:
            self._done(item, What.DUPLICATE, settled=known != {item.rests})
        elif item.first_hand and item.envelope is not None and item.record.key in self._heads:
            self._parked.append(item)
            self._remembered[item.place] = None
            self._done(item, What.PARKED, settled=False)
        else:
            self._decide(item)

    def _decide(self, item: Item) -> None:
        problem = item.problem
        if item.envelope is not None and item.handler is not None:
            try:
                with span(self._subscription.consumer, item.envelope.traceparent) as here:
                    touched = self._states.touched(item.handler.states, item.handler.key(item.envelope.data))
                    decision = item.handler.decide(touched.state, item.envelope, self._now)
                    rows = self._rows_of(decision, item.envelope.at(here))
            except NotLoaded:
                raise
            except Exception as error:  # noqa: BLE001 - a pure function failed on this record alone
                problem = error
            else:
                self._states.keep(touched, decision.state)
                self._keep(item, decision, rows)
                return
        assert problem is not None  # noqa: S101 - an item is readable or has a problem
        self._fail(item, problem)

    def _rows_of(self, decision: Decision[Any], cause: Envelope[Any]) -> list[NewRecord]:
        consumer, speaker = self._subscription.consumer, self._fold.speaker
        rows = rows_of(decision, cause, consumer, speaker, self._now)
        self._timers |= timers_of(decision, cause, consumer)
        self.outcome.timers = bool(self._timers)
        return rows

    def _keep(self, item: Item, decision: Decision[Any], rows: list[NewRecord]) -> None:
        assert item.envelope is not None  # noqa: S101 - there was something to decide on
        self._remembered[item.envelope.id] = None
        self._rows += rows
        self._count(item, dead=False)
        self._done(item, What.APPLIED, note=decision.note, rows=tuple(rows))

    def _fail(self, item: Item, problem: Exception) -> None:
        consumer, service = self._subscription.consumer, self._subscription.service
        attempts = item.again.attempts if item.again else 0
        # Remembered by its place, not its id: when the same event comes again, it must be handled.
        if classify(problem) is Fate.RETRY:
            if tier := next_tier(attempts):
                row = retry_record(
                    item.record,
                    topic=retry_topic(service, tier),
                    consumer=consumer,
                    attempts=attempts + 1,
                    not_before=self._now + RETRY_TIERS[tier],
                    reason=reason_of(problem),
                )
                self._remembered[item.rests] = None
                self._rows.append(row)
                self._hold_up(item)
                self._done(item, What.RETRIED, reason=tier, rows=(row,), settled=False)
                return
            problem = RetriesExhausted(f"Tried {attempts + 1} times, at last: {reason_of(problem)}.")
        row = dead_letter(item.record, service, consumer, problem, now=self._now, about=item.again)
        self._remembered[item.place] = None
        self._rows.append(row)
        self._count(item, dead=True)
        self._done(item, What.SET_ASIDE, reason=reason_of(problem), rows=(row,))

    def _hold_up(self, item: Item) -> None:
        """Let the rest of its key wait, unless that waits already or `item` came out of its turn itself."""
        if self._subscription.ordered and item.envelope is not None and item.again is None:
            self.outcome.held_up[item.record.key] = item.envelope.id
            self._instead_of[item.record.key] = self._instead_of.get(item.record.key) or item.behind
            self._heads[item.record.key] = item.envelope.id

    def _count(self, item: Item, *, dead: bool) -> None:
        if not item.replayed:
            self.outcome.limits.tell(item.record.source, dead=dead)

    def _done(
        self,
        item: Item,
        what: What,
        *,
        reason: str | None = None,
        note: str | None = None,
        rows: tuple[NewRecord, ...] = (),
        settled: bool = True,
    ) -> None:
        if item.parked:
            self._left_queue.append(item.parked)
        self.outcome.results.append(Result(item, what, reason, note, rows, settled))

    async def write(self, session: Session) -> None:
        """Write it all.

        Raises:
            LogUnavailable: something would be set aside, and the log refuses what was set aside before.
        """
        runtime, consumer = self._fold.runtime, self._subscription.consumer
        if any(result.what is What.SET_ASIDE for result in self.outcome.results):
            await runtime.outbox.must_take(session, dead_letter_topic(self._subscription.service).name)
        await runtime.inbox.add(session, consumer, tuple(self._remembered))
        await self._states.save(session)
        await runtime.outbox.add(session, self._rows)
        await runtime.timers.apply(session, self._timers)
        for key, head in self.outcome.held_up.items():
            await runtime.parking.hold_up(session, consumer, key, head, self._instead_of[key])
        if self._parked:
            await runtime.parking.add(session, consumer, [item.record for item in self._parked])
        await runtime.parking.remove(session, self._left_queue)
