"""The loop of every state-keeping consumer: poll, fold, one transaction, commit."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from shared.errors import Conflict, PermanentError
from shared.faults import fault
from shared.log.backend import Consumer
from shared.log.record import Partition, Record
from shared.observability.logs import get_logger
from shared.observability.metrics import BATCH_SECONDS
from shared.patience import Abandoned, Patience
from shared.replies import Speaker
from shared.store.unit_of_work import Session
from shared.stream.batch import Divided, Fold
from shared.stream.failure import Fate, Limits, classify
from shared.stream.item import Item, Outcome, read, read_all
from shared.stream.report import Report
from shared.stream.retry import split_due
from shared.stream.runtime import Runtime
from shared.stream.subscription import Subscription

log = get_logger(__name__)

ResultT = TypeVar("ResultT")

BATCH = 200
"""Records per transaction: the size at which the store's own ceiling is reached."""

ATTEMPTS = 4
LOOK_FIRST = 20
"""For how many batches the inbox is asked beforehand once a record has come again."""

IN_PLACE = (0.1, 0.5)
"""Waits, in seconds, before a batch that failed for now is tried again, ahead of any retry tier."""

POLL_SECONDS = 0.5
DRAIN_SECONDS = 10.0
"""How long a rebalance waits for the batch in flight."""


class Processor:
    """Applies a subscription: each event changes the state once, or is set aside with its reason."""

    def __init__(self, subscription: Subscription, runtime: Runtime, speaker: Speaker | None = None) -> None:
        self._subscription = subscription
        self._runtime = runtime
        self._fold = Fold(subscription, runtime, speaker)
        self._check = runtime.health.check(f"consumer {subscription.consumer}")
        self._report = Report(subscription.consumer, runtime.health)
        self._patience = Patience(subscription.consumer, self._check)
        self._stopping = False
        self._at_work = asyncio.Lock()
        self._revoked = False
        self._look_first = 0
        self._limits = Limits()
        self._held_up: frozenset[bytes] = frozenset()
        self._generation = -1

    @property
    def name(self) -> str:
        """`consumer <name>`."""
        return self._check.name

    @property
    def consumer(self) -> str:
        """The name of its group."""
        return self._subscription.consumer

    @property
    def fold(self) -> Fold:
        """How it makes writes of records."""
        return self._fold

    @property
    def topics(self) -> frozenset[str]:
        """The topics it reads."""
        return self._subscription.topics | self._subscription.again

    def stop(self) -> None:
        """Finish the batch in flight, commit, leave the group."""
        self._stopping = True
        self._patience.give_up()

    async def run(self) -> None:
        """Consume until stopped."""
        with contextlib.suppress(Abandoned):
            consumer = await self._patience.insist(self._join)
            try:
                self._check.ok()
                while not self._stopping:
                    self._check.beat()
                    with contextlib.suppress(Abandoned):
                        await self._round(consumer)
            finally:
                await consumer.close()

    async def _join(self) -> Consumer:
        return await self._runtime.backend.subscribe(self.consumer, self.topics, self._drain)

    async def _round(self, consumer: Consumer) -> None:
        records = await self._insist(consumer, lambda: consumer.poll(BATCH, POLL_SECONDS))
        await self._report.lag(consumer)
        if not records:
            return
        fault("after_poll")
        async with self._at_work:
            self._revoked = False
            await self._insist(consumer, lambda: self._learn_what_waits(consumer))
            # A rebalance between the poll and here may have taken some of them.
            ours = [record for record in records if record.source in consumer.assignment]
            ready, resting = split_due(ours, self._subscription.again, self._runtime.clock.now())
            with BATCH_SECONDS.labels(self.consumer).time():
                outcome = await self._insist(consumer, lambda: self._handle(ready))
                await self._let_pass(consumer, outcome)
            fault("after_txn_before_commit")
            self._tell(outcome)
            next_offsets = {record.source: record.next_offset for record in ready} | outcome.left
            await self._insist(consumer, lambda: consumer.commit(next_offsets))
            for partition, (offset, seconds) in resting.items():
                await consumer.hold({partition: offset}, seconds)
            if outcome.left:
                await consumer.hold(outcome.left, math.inf)
        if self._subscription.linger_seconds and len(records) < BATCH:
            await self._patience.rest(self._subscription.linger_seconds)

    async def _insist(self, consumer: Consumer, work: Callable[[], Awaitable[ResultT]]) -> ResultT:
        return await self._patience.insist(work, between=consumer.idle, abandon=lambda: self._revoked)

    async def _learn_what_waits(self, consumer: Consumer) -> None:
        """Ask which keys are held up: whoever had these partitions before may have held up others."""
        while self._generation != (generation := consumer.generation):
            self._held_up = await self._runtime.parking.keys(self.consumer)
            self._generation = generation
            # What its owner before had in hand comes again now.
            self._look_first = LOOK_FIRST

    async def _handle(self, records: Sequence[Record]) -> Outcome:
        items = read_all(records, self._subscription)
        self._report.skipped(len(records) - len(items))
        return await self._transact(items, IN_PLACE) if items else Outcome(self._limits)

    async def _transact(self, items: Sequence[Item], again_after: Sequence[float] = ()) -> Outcome:
        try:
            return await self._apply(items)
        except Divided as divided:
            return await self._halves(items, divided.at)
        except Exception as error:
            fate = classify(error)
            # A record that cannot even be set aside ends the process: there is nowhere left to put it.
            if fate is Fate.PAUSE or (len(items) == 1 and items[0].problem is not None):
                raise
            if fate is Fate.RETRY and again_after:
                await self._patience.rest(again_after[0])
                return await self._transact(items, again_after[1:])
            if len(items) == 1:
                return await self._transact([replace(items[0], handler=None, problem=error)])
        # One of them cannot be stored; halving finds it without punishing its neighbours.
        return await self._halves(items, len(items) // 2)

    async def _halves(self, items: Sequence[Item], middle: int) -> Outcome:
        self._check.beat()
        first = await self._transact(items[:middle])
        # Who waited behind one that rests again now goes on waiting.
        rest = [each for each in items[middle:] if not each.parked or each.record.key not in first.held_up]
        return first.and_then(await self._transact(rest)) if rest else first

    async def _apply(self, items: Sequence[Item]) -> Outcome:
        now = self._runtime.clock.now()
        for attempt in range(ATTEMPTS):
            look_first = self._look_first > 0 or attempt > 0
            self._look_first -= 1 if look_first else 0
            apply = partial(
                self._fold.apply,
                items=items,
                now=now,
                limits=self._limits,
                held_up=self._held_up,
                # What comes back may be remembered by its place alone, which no unique id would tell.
                look_first=look_first or any(not item.first_hand for item in items),
            )
            with contextlib.suppress(Conflict):
                outcome = await self._runtime.unit_of_work.run(apply)
                self._limits = outcome.limits
                self._held_up |= outcome.held_up.keys()
                return outcome
            # Redelivered records come in a row; one lost guess is enough to look first for a while.
            self._look_first = LOOK_FIRST
        raise PermanentError("The store refuses this again and again as written before.")

    async def _let_pass(self, consumer: Consumer, outcome: Outcome) -> None:
        """Handle what waited for records that came back and are settled now, before these are committed."""
        settled = [each.item for each in outcome.results if each.settled and each.item.again is not None]
        for item in settled:
            while waiting := await self._insist(consumer, partial(self._next_in_queue, item)):
                self._check.beat()
                passed = await self._insist(consumer, partial(self._transact, waiting))
                outcome.results += passed.results
                outcome.timers |= passed.timers
                if passed.left:
                    # Committed, the record that they waited for would never come again to call them up.
                    outcome.left.setdefault(item.record.source, item.record.offset)
                    break
                if self._revoked:
                    raise Abandoned

    async def _next_in_queue(self, settled: Item) -> list[Item]:
        """Return who waits directly behind `settled`; where nobody does, let its key pass again."""
        parking, key = self._runtime.parking, settled.record.key

        async def work(session: Session) -> list[Item] | None:
            heads = await parking.heads(session, self.consumer, [key])
            # Another one of the key may be resting by now, and who waits waits for that one.
            if settled.envelope is None or heads.get(key) != settled.envelope.id:
                return []
            waiting = await parking.waiting(session, self.consumer, key, BATCH)
            items = {
                each.id: read(each.record, self._subscription, each.id, settled.envelope.id)
                for each in waiting
            }
            await parking.remove(session, [each for each, item in items.items() if item is None])
            if not waiting:
                await parking.give_up(session, self.consumer, key)
                return None
            return [item for item in items.values() if item is not None]

        items = await self._runtime.unit_of_work.run(work)
        if items is None:
            self._held_up -= {key}
        return items or []

    def _tell(self, outcome: Outcome) -> None:
        # Woken, relay and timekeeper ask the database; most batches leave nothing for either.
        if any(result.rows for result in outcome.results):
            self._runtime.outbox.filled.set()
        if outcome.timers:
            self._runtime.timers.changed.set()
        self._report.results(outcome.results)
        self._report.halted(outcome.limits.halted)

    async def _drain(self, partitions: Collection[Partition]) -> None:
        """Let the batch in flight finish and commit before its partitions go."""
        del partitions
        self._revoked = True
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                async with self._at_work:
                    fault("in_drain")
        except TimeoutError:
            log.warning("consumer.drain_timed_out", consumer=self.consumer)
