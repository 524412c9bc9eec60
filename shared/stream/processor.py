"""The loop of every state-keeping consumer: poll, fold, one transaction, commit."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

from shared.errors import Conflict, PermanentError
from shared.faults import fault
from shared.log.backend import Consumer
from shared.log.record import Partition, Record
from shared.observability.logs import get_logger
from shared.observability.metrics import BATCH_SECONDS, DEAD_LETTERS, DECISIONS, LOG_LAG, RECORDS_HANDLED
from shared.replies import Speaker
from shared.stream.batch import Fold, Item, Outcome, read
from shared.stream.patience import Abandoned, Patience
from shared.stream.runtime import Runtime
from shared.stream.subscription import Subscription

log = get_logger(__name__)

ResultT = TypeVar("ResultT")

BATCH = 200
"""Records per transaction: the size at which the store's own ceiling is reached."""

ATTEMPTS = 4
LOOK_FIRST = 20
"""For how many batches the inbox is asked beforehand once a record has come again."""

POLL_SECONDS = 0.5
LAG_SECONDS = 5.0
DRAIN_SECONDS = 10.0
"""How long a rebalance waits for the batch in flight."""


class Processor:
    """Applies a subscription: each event changes the state once, or is set aside with its reason."""

    def __init__(self, subscription: Subscription, runtime: Runtime, speaker: Speaker | None = None) -> None:
        self._subscription = subscription
        self._runtime = runtime
        self._fold = Fold(subscription, runtime.inbox, runtime.outbox, speaker)
        self._check = runtime.health.check(f"consumer {subscription.consumer}")
        self._patience = Patience(subscription.consumer, self._check)
        self._stopping = False
        self._at_work = asyncio.Lock()
        self._revoked = False
        self._reported = 0.0
        self._look_first = 0

    @property
    def name(self) -> str:
        """`consumer <name>`."""
        return self._check.name

    @property
    def subscription(self) -> Subscription:
        """What it applies."""
        return self._subscription

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
        return await self._runtime.backend.subscribe(
            self._subscription.consumer, self._subscription.topics, self._drain
        )

    async def _round(self, consumer: Consumer) -> None:
        records = await self._insist(consumer, lambda: consumer.poll(BATCH, POLL_SECONDS))
        await self._report_lag(consumer)
        if not records:
            return
        fault("after_poll")
        async with self._at_work:
            self._revoked = False
            # A rebalance between the poll and here may have taken some of them.
            ours = [record for record in records if record.source in consumer.assignment]
            with BATCH_SECONDS.labels(self._subscription.consumer).time():
                outcome = await self._insist(consumer, lambda: self._handle(ours))
            fault("after_txn_before_commit")
            self._tell(outcome)
            next_offsets = {record.source: record.next_offset for record in ours}
            await self._insist(consumer, lambda: consumer.commit(next_offsets))

    async def _insist(self, consumer: Consumer, work: Callable[[], Awaitable[ResultT]]) -> ResultT:
        return await self._patience.insist(work, between=consumer.idle, abandon=lambda: self._revoked)

    async def _handle(self, records: Sequence[Record]) -> Outcome:
        items = [read(record, self._subscription) for record in records]
        mine = [item for item in items if item is not None]
        RECORDS_HANDLED.labels(self._subscription.consumer, "skipped").inc(len(items) - len(mine))
        return await self._transact(mine) if mine else Outcome()

    async def _transact(self, items: Sequence[Item]) -> Outcome:
        now = self._runtime.clock.now()
        try:
            return await self._apply(items, now)
        except PermanentError as error:
            if len(items) == 1:
                return await self._apply([Item(items[0].record, problem=error)], now)
        # One of them cannot be stored; halving finds it without punishing its neighbours.
        middle = len(items) // 2
        first = await self._transact(items[:middle])
        second = await self._transact(items[middle:])
        return Outcome(
            first.applied + second.applied,
            first.duplicates + second.duplicates,
            first.dead + second.dead,
            first.notes + second.notes,
        )

    async def _apply(self, items: Sequence[Item], now: dt.datetime) -> Outcome:
        for attempt in range(ATTEMPTS):
            look_first = self._look_first > 0 or attempt > 0
            self._look_first -= 1 if look_first else 0
            apply = partial(self._fold.apply, items=items, now=now, look_first=look_first)
            with contextlib.suppress(Conflict):
                return await self._runtime.unit_of_work.run(apply)
            # Redelivered records come in a row; one lost guess is enough to look first for a while.
            self._look_first = LOOK_FIRST
        raise PermanentError("The store refuses this again and again as written before.")

    def _tell(self, outcome: Outcome) -> None:
        consumer = self._subscription.consumer
        self._runtime.outbox.filled.set()
        RECORDS_HANDLED.labels(consumer, "applied").inc(outcome.applied)
        RECORDS_HANDLED.labels(consumer, "duplicate").inc(outcome.duplicates)
        RECORDS_HANDLED.labels(consumer, "dead_lettered").inc(outcome.dead.total())
        for reason, count in outcome.dead.items():
            DEAD_LETTERS.labels(consumer, reason).inc(count)
            log.error("consumer.dead_lettered", consumer=consumer, reason=reason, count=count)
        for note, count in Counter(note for _, note in outcome.notes).items():
            DECISIONS.labels(consumer, note).inc(count)
        for correlation_id, note in outcome.notes:
            log.info("consumer.decided", consumer=consumer, note=note, correlation_id=correlation_id)

    async def _report_lag(self, consumer: Consumer) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._reported < LAG_SECONDS:
            return
        self._reported = now
        for topic, records in (await consumer.lag()).items():
            LOG_LAG.labels(self._subscription.consumer, topic).set(records)

    async def _drain(self, partitions: Collection[Partition]) -> None:
        """Let the batch in flight finish and commit before its partitions go."""
        del partitions
        self._revoked = True
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                async with self._at_work:
                    pass
        except TimeoutError:
            log.warning("consumer.drain_timed_out", consumer=self._subscription.consumer)
