"""The loop of consumers that act on the outside world, such as sending a message."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode, peek
from shared.contracts.topics import topic_of
from shared.errors import DependencyAway, NotYet
from shared.log.backend import Consumer
from shared.log.record import Partition, Record
from shared.observability.logs import get_logger
from shared.observability.metrics import DEAD_LETTERS, LOG_LAG, RECORDS_HANDLED
from shared.store.unit_of_work import Session
from shared.stream.dead_letter import dead_letter, position_id, reason_of
from shared.stream.lanes import Lanes
from shared.stream.patience import Abandoned, Patience
from shared.stream.runtime import Runtime
from shared.stream.watermark import Watermark

log = get_logger(__name__)

DataT = TypeVar("DataT", bound=EventModel)

IN_FLIGHT = 500
"""Records held at once; the rest stays in the log."""

POLL_SECONDS = 0.25
DRAIN_SECONDS = 10.0
LAG_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Effect(Generic[DataT]):
    """What is done about one type of command.

    `act` must itself know what it has already done: it is called again after a crash. It may raise
    `DependencyAway` to wait in its lane until that is back, and `NotYet` to be called again; after any
    other error the command is set aside.
    """

    consumer: str
    command: type[DataT]
    act: Callable[[Envelope[DataT]], Awaitable[None]]


class Effects:
    """Runs an effect for each command: in order per key, keys side by side, committed only when done."""

    def __init__(self, effect: Effect[Any], runtime: Runtime) -> None:
        self._effect = effect
        self._runtime = runtime
        self._check = runtime.health.check(f"consumer {effect.consumer}")
        self._patience = Patience(effect.consumer, self._check)
        self._lanes: Lanes[Record] = Lanes(self._work, IN_FLIGHT)
        self._watermarks: dict[Partition, Watermark] = {}
        self._committed: dict[Partition, int] = {}
        self._stopping = False
        self._consumer: Consumer | None = None
        self._reported = 0.0

    @property
    def name(self) -> str:
        """`consumer <name>`."""
        return self._check.name

    @property
    def effect(self) -> Effect[Any]:
        """What it does about each command."""
        return self._effect

    def stop(self) -> None:
        """Finish the effects at work, commit, leave the group."""
        self._stopping = True
        self._patience.give_up()

    async def run(self) -> None:
        """Act until stopped."""
        topic = topic_of(self._effect.command).name
        with contextlib.suppress(Abandoned):
            consumer = await self._patience.insist(
                lambda: self._runtime.backend.subscribe(self._effect.consumer, [topic], self._drain)
            )
            self._consumer = consumer
            self._check.ok()
            try:
                while not self._stopping:
                    self._check.beat()
                    await self._round(consumer)
            finally:
                self.stop()
                await self._lanes.close()
                with contextlib.suppress(Abandoned):
                    await self._commit(consumer)
                await consumer.close()

    async def _round(self, consumer: Consumer) -> None:
        if self._lanes.failure is not None:
            raise self._lanes.failure
        if self._lanes.room:
            records = await self._patience.insist(lambda: consumer.poll(self._lanes.room, POLL_SECONDS))
            for record in records:
                self._watermarks.setdefault(record.source, Watermark()).begin(record.offset)
                self._lanes.put(record.key, record)
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lanes.free(), POLL_SECONDS)
            await consumer.idle()
        await self._commit(consumer)
        await self._report_lag(consumer)

    async def _work(self, record: Record) -> None:
        if self._stopping:
            # What stood before it in its lane may have been abandoned, and must be done first.
            return
        try:
            while (again_in := await self._patience.insist(lambda: self._act(record))) is not None:
                await self._patience.rest(again_in)
        except Abandoned:
            return
        watermark = self._watermarks.get(record.source)
        if watermark is not None:
            watermark.finish(record.offset)

    async def _act(self, record: Record) -> float | None:
        """Do the record's effect; return after how many seconds to do it again, None once it is settled."""
        try:
            wanted, _ = peek(record.headers)
            if wanted != self._effect.command.TYPE:
                RECORDS_HANDLED.labels(self._effect.consumer, "skipped").inc()
                return None
            await self._effect.act(decode(record.value, record.headers))
        except DependencyAway:
            raise
        except NotYet as error:
            return error.seconds
        except Exception as error:  # noqa: BLE001 - a bug met by one command must not stop the others
            await self._set_aside(record, error)
        else:
            RECORDS_HANDLED.labels(self._effect.consumer, "applied").inc()
        return None

    async def _set_aside(self, record: Record, error: Exception) -> None:
        consumer = self._effect.consumer
        letter = dead_letter(record, self._runtime.service, consumer, error, self._runtime.clock.now())

        async def once(session: Session) -> bool:
            place = position_id(record)
            if await self._runtime.inbox.seen(session, consumer, [place]):
                return False
            await self._runtime.inbox.add(session, consumer, [place])
            await self._runtime.outbox.add(session, [letter])
            return True

        if await self._runtime.unit_of_work.run(once):
            self._runtime.outbox.filled.set()
            DEAD_LETTERS.labels(consumer, reason_of(error)).inc()
            RECORDS_HANDLED.labels(consumer, "dead_lettered").inc()
            log.error("consumer.dead_lettered", consumer=consumer, reason=reason_of(error), count=1)

    async def _commit(self, consumer: Consumer) -> None:
        if ready := self._ready():
            await self._patience.insist(lambda: consumer.commit(ready), between=consumer.idle)
            self._committed.update(ready)

    def _ready(self) -> dict[Partition, int]:
        return {
            partition: watermark.next_offset
            for partition, watermark in self._watermarks.items()
            if watermark.next_offset is not None and watermark.next_offset != self._committed.get(partition)
        }

    async def _drain(self, partitions: Collection[Partition]) -> None:
        """Let effects at work finish before their partitions go; the rest is done by the next owner."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._lanes.idle(), DRAIN_SECONDS)
        if self._consumer is not None:
            # Once only: to wait here for the log would keep the whole group waiting.
            with contextlib.suppress(DependencyAway):
                await self._consumer.commit(self._ready())
        for partition in partitions:
            self._watermarks.pop(partition, None)
            self._committed.pop(partition, None)

    async def _report_lag(self, consumer: Consumer) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._reported >= LAG_SECONDS:
            self._reported = now
            for topic, records in (await consumer.lag()).items():
                LOG_LAG.labels(self._effect.consumer, topic).set(records)
