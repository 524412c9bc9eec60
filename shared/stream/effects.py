"""The loop of consumers that act on the outside world, such as sending a message."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode, peek
from shared.contracts.topics import again_topics, topic_of
from shared.errors import DependencyAway, NotYet, PermanentError
from shared.faults import fault
from shared.log.backend import Consumer
from shared.log.record import Partition, Record
from shared.observability.tracing import span
from shared.store.parking import Parked
from shared.stream.detour import Detour
from shared.stream.item import What
from shared.stream.lanes import Lanes
from shared.stream.patience import Abandoned, Patience
from shared.stream.rehearsal import Rehearsal
from shared.stream.report import Report
from shared.stream.retry import retried, split_due
from shared.stream.runtime import Runtime
from shared.stream.watermark import Watermark

DataT = TypeVar("DataT", bound=EventModel)

IN_FLIGHT = 500
"""Records held at once; the rest stays in the log."""

IN_LANE_SECONDS = 60.0
"""How long a command may wait in its lane, where it keeps those behind it and the offset of its partition."""

POLL_SECONDS = 0.25
DRAIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Effect(Generic[DataT]):
    """What is done about one type of command.

    `act` must itself know what it has already done: it is called again after a crash. It may raise
    `DependencyAway` to wait in its lane until that is back, and `NotYet` to be called again: in its lane
    first, then by way of the retry tiers. After any other error the command is set aside.
    """

    consumer: str
    command: type[DataT]
    act: Callable[[Envelope[DataT]], Awaitable[None]]
    ordered: bool = True
    """Whether commands of one key wait for one of them that is tried again later."""


class Effects:
    """Runs an effect for each command: in order per key, keys side by side, committed only when done."""

    def __init__(self, effect: Effect[Any], runtime: Runtime) -> None:
        self._effect = effect
        self._runtime = runtime
        self._check = runtime.health.check(f"consumer {effect.consumer}")
        self._report = Report(effect.consumer, runtime.health)
        self._patience = Patience(effect.consumer, self._check)
        self._detour = Detour(effect.consumer, runtime, self._report, ordered=effect.ordered)
        self._again = frozenset(topic.name for topic in again_topics(runtime.service))
        self._lanes: Lanes[Record] = Lanes(self._work, IN_FLIGHT)
        self._watermarks: dict[Partition, Watermark] = {}
        self._committed: dict[Partition, int] = {}
        self._assignment: frozenset[Partition] = frozenset()
        self._stopping = False
        self._consumer: Consumer | None = None

    @property
    def name(self) -> str:
        """`consumer <name>`."""
        return self._check.name

    @property
    def consumer(self) -> str:
        """The name of its group."""
        return self._effect.consumer

    @property
    def effect(self) -> Effect[Any]:
        """What it does about each command."""
        return self._effect

    @property
    def topics(self) -> frozenset[str]:
        """The topics it reads."""
        return self._again | {topic_of(self._effect.command).name}

    def stop(self) -> None:
        """Finish the effects at work, commit, leave the group."""
        self._stopping = True
        self._patience.give_up()

    async def run(self) -> None:
        """Act until stopped."""
        with contextlib.suppress(Abandoned):
            consumer = await self._patience.insist(
                lambda: self._runtime.backend.subscribe(self.consumer, self.topics, self._drain)
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

    async def rehearse(self, records: Sequence[Record]) -> list[Rehearsal]:
        """Return what would become of `records`; nothing is done, so whether it would work is not known."""
        return [Rehearsal(record, self._would(record)) for record in records]

    def _would(self, record: Record) -> str:
        try:
            return "would_act" if self._command(record) is not None else "skipped"
        except PermanentError as error:
            return f"dead_lettered:{error.code}"

    async def _round(self, consumer: Consumer) -> None:
        if self._lanes.failure is not None:
            raise self._lanes.failure
        if consumer.assignment != self._assignment:
            await self._patience.insist(self._detour.learn, between=consumer.idle)
            self._assignment = consumer.assignment
        if self._lanes.room and not self._detour.halted:
            await self._take(consumer)
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lanes.free(), POLL_SECONDS)
            await consumer.idle()
        await self._commit(consumer)
        await self._report.lag(consumer)

    async def _take(self, consumer: Consumer) -> None:
        records = await self._patience.insist(lambda: consumer.poll(self._lanes.room, POLL_SECONDS))
        if not records:
            return
        fault("after_poll")
        ready, resting = split_due(records, self._again, self._runtime.clock.now())
        for partition, (offset, seconds) in resting.items():
            await consumer.hold({partition: offset}, seconds)
        for record in ready:
            self._watermarks.setdefault(record.source, Watermark()).begin(record.offset)
            self._lanes.put(record.key, record)

    async def _work(self, record: Record) -> None:
        try:
            if not await self._settle(record):
                return
        except Abandoned:
            return
        watermark = self._watermarks.get(record.source)
        if watermark is not None:
            watermark.finish(record.offset)

    async def _settle(self, record: Record) -> bool:
        """Act on `record`, or put it elsewhere; return whether it may be committed."""
        insist = self._patience.insist
        first_hand = record.topic not in self._again
        held_up = first_hand and record.key in self._detour.held_up
        if held_up and await insist(partial(self._detour.park, record)):
            return True
        what = await self._try(record)
        if what is not None and what is not What.RETRIED and not first_hand:
            while parked := await insist(partial(self._detour.next_behind, record)):
                what = await self._try(parked.record, parked)
                if what is What.APPLIED:
                    await insist(partial(self._detour.leave, parked))
        return what is not None

    async def _try(self, record: Record, parked: Parked | None = None) -> What | None:
        """Act on `record` in its lane; return what became of it, None where it must be left for now."""
        waited = 0.0
        # What stood before it in its lane may have been abandoned, and must be done first.
        while not self._stopping and not self._detour.halted:
            error = await self._patience.insist(partial(self._act, record))
            if error is None:
                return What.APPLIED
            if not isinstance(error, NotYet) or waited + error.seconds > IN_LANE_SECONDS:
                return await self._patience.insist(partial(self._detour.fail, record, error, parked))
            waited += error.seconds
            await self._patience.rest(error.seconds)
        return None

    async def _act(self, record: Record) -> Exception | None:
        """Do the record's effect; return why it is not done."""
        try:
            command = self._command(record)
            if command is None:
                self._report.skipped(1)
                return None
            with span(self.consumer, command.traceparent) as here:
                await self._effect.act(command.at(here))
        except DependencyAway:
            raise
        except Exception as error:  # noqa: BLE001 - a bug met by one command must not stop the others
            return error
        self._report.counted(What.APPLIED)
        self._detour.done(record)
        return None

    def _command(self, record: Record) -> Envelope[Any] | None:
        if record.topic in self._again and retried(record).consumer != self.consumer:
            return None
        wanted, _ = peek(record.headers)
        if wanted != self._effect.command.TYPE:
            return None
        return decode(record.value, record.headers)

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
        fault("in_drain")
        if self._consumer is not None:
            # Once only: to wait here for the log would keep the whole group waiting.
            with contextlib.suppress(DependencyAway):
                await self._consumer.commit(self._ready())
        for partition in partitions:
            self._watermarks.pop(partition, None)
            self._committed.pop(partition, None)
        # Whoever has them next may hold up keys that will be ours again.
        self._assignment = frozenset()
