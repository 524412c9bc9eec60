"""The loop of consumers that act on the outside world, such as sending a message."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode, peek
from shared.contracts.topics import again_topics, topic_named, topic_of
from shared.errors import DependencyAway, InTurn, NotYet, PermanentError
from shared.faults import fault
from shared.log.backend import Consumer
from shared.log.record import Partition, Record
from shared.observability.tracing import span
from shared.patience import Abandoned, Patience
from shared.store.parking import Parked
from shared.stream.detour import Detour
from shared.stream.item import What
from shared.stream.lanes import Lanes
from shared.stream.report import Report
from shared.stream.retry import retried, split_due
from shared.stream.runtime import Runtime
from shared.stream.watermark import Watermark

DataT = TypeVar("DataT", bound=EventModel)
ResultT = TypeVar("ResultT")

IN_FLIGHT = 500
"""Records held at once; the rest stays in the log."""

IN_LANE_SECONDS = 60.0
"""How long a command may wait in its lane, where it keeps those behind it and the offset of its partition."""

CROWD = 50
"""How many commands of one key may wait in its lane for one that waits; more would leave others no room."""

POLL_SECONDS = 0.25
DRAIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Effect(Generic[DataT]):
    """What is done about commands of some types, all in one order per key.

    `act` must itself know what it has already done: it is called again after a crash. It may raise
    `DependencyAway` to wait in its lane until that is back, and `NotYet` to be called again: in its lane
    first, then by way of the retry tiers, for `InTurn` as often as it takes. After any other error the
    command is set aside.
    """

    consumer: str
    commands: tuple[type[DataT], ...]
    act: Callable[[Envelope[DataT]], Awaitable[None]]
    ordered: bool = True
    """Whether commands of one key wait for one of them that is tried again later."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A record in a lane, and where it is noted that it is done."""

    record: Record
    watermark: Watermark


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
        self._lanes: Lanes[_Held] = Lanes(self._work, IN_FLIGHT)
        self._watermarks: dict[Partition, Watermark] = {}
        self._committed: dict[Partition, int] = {}
        self._committing = asyncio.Lock()
        self._generation = -1
        self._draining = False
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
    def share(self) -> float:
        """Which part of all partitions is read here; all processes together read each of them once."""
        owned = len(self._consumer.assignment) if self._consumer is not None else 0
        return max(1, owned) / sum(topic_named(name).partitions for name in self.topics)

    @property
    def topics(self) -> frozenset[str]:
        """The topics it reads."""
        return self._again | {topic_of(command).name for command in self._effect.commands}

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

    def would(self, record: Record) -> str:
        """Return what would become of `record`: would_act, skipped or dead_lettered:<why>."""
        try:
            return "would_act" if self._command(record) is not None else "skipped"
        except PermanentError as error:
            return f"dead_lettered:{error.code}"

    async def _round(self, consumer: Consumer) -> None:
        if self._lanes.failure is not None:
            raise self._lanes.failure
        await self._begin_anew(consumer)
        if self._detour.halted or self._draining:
            await self._patience.rest(POLL_SECONDS)
            await consumer.idle()
        elif self._lanes.room:
            await self._take(consumer)
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lanes.free(), POLL_SECONDS)
            await consumer.idle()
        await self._commit(consumer)
        await self._report.lag(consumer)

    async def _begin_anew(self, consumer: Consumer) -> bool:
        """Forget what was read under an earlier assignment; return whether there was a new one.

        Whoever had these partitions before may have held up keys.
        """
        if self._generation == consumer.generation:
            return False
        while self._generation != (generation := consumer.generation):
            self._watermarks, self._committed = {}, {}
            await self._patience.insist(self._detour.learn, between=consumer.idle)
            self._generation = generation
        return True

    async def _take(self, consumer: Consumer) -> None:
        records = await self._patience.insist(lambda: consumer.poll(self._lanes.room, POLL_SECONDS))
        generation = consumer.generation
        await self._begin_anew(consumer)
        if not records or self._draining or generation != consumer.generation:
            # They come again to whoever has their partitions now.
            return
        fault("after_poll")
        ready, resting = split_due(records, self._again, self._runtime.clock.now())
        for record in ready:
            watermark = self._watermarks.setdefault(record.source, Watermark())
            watermark.begin(record.offset)
            self._lanes.put(record.key, _Held(record, watermark))
        for partition, (offset, seconds) in resting.items():
            await consumer.hold({partition: offset}, seconds)

    def _is_left(self, held: _Held) -> bool:
        """Whether `held` is nobody's business here any more: its partition went, or everything stops."""
        stale = self._watermarks.get(held.record.source) is not held.watermark
        return stale or self._stopping or self._detour.halted

    async def _work(self, held: _Held) -> None:
        # What stood before it in its lane may have been abandoned, and must be done first.
        if self._is_left(held):
            return
        with contextlib.suppress(Abandoned):
            if await self._settle(held):
                held.watermark.finish(held.record.offset)

    async def _settle(self, held: _Held) -> bool:
        """Act on a record, or put it elsewhere; return whether it may be committed."""
        record, detour = held.record, self._detour
        what: What | None
        if record.topic not in self._again:
            held_up = record.key in detour.held_up
            if held_up and await self._insist(held, partial(detour.park, record)):
                return True
            return await self._try(held, record) is not None
        what = await self._insist(held, partial(detour.known, record)) or await self._try(held, record)
        if what is not None and what is not What.RETRIED:
            while parked := await self._insist(held, partial(detour.next_behind, record)):
                what = await self._try(held, parked.record, parked)
                if what is None:
                    break
                if what is What.APPLIED:
                    await self._insist(held, partial(detour.leave, parked))
        return what is not None

    async def _try(self, held: _Held, record: Record, parked: Parked | None = None) -> What | None:
        """Act on `record` in its lane; return what became of it, None where it must be left for now."""
        waited = 0.0
        behind = held.record if parked else None
        while not self._is_left(held):
            error = await self._insist(held, partial(self._act, record))
            if error is None:
                return What.APPLIED
            if isinstance(error, NotYet) and self._lanes.behind(held.record.key) > CROWD:
                # In a tier it holds up its key alone, and those behind it wait in the store.
                error = InTurn(error.sentence, error.seconds)
            elif isinstance(error, NotYet) and waited + error.seconds <= IN_LANE_SECONDS:
                waited += error.seconds
                await self._patience.rest(error.seconds)
                continue
            return await self._insist(held, partial(self._detour.fail, record, error, parked, behind))
        return None

    async def _insist(self, held: _Held, work: Callable[[], Awaitable[ResultT]]) -> ResultT:
        return await self._patience.insist(work, abandon=lambda: self._is_left(held))

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
        if all(wanted != command.TYPE for command in self._effect.commands):
            return None
        return decode(record.value, record.headers)

    async def _commit(self, consumer: Consumer) -> None:
        async def once() -> None:
            # One at a time: an older one that arrives later would take the position back.
            async with self._committing:
                if ready := self._ready():
                    await consumer.commit(ready)
                    self._committed.update(ready)

        await self._patience.insist(once, between=consumer.idle)

    def _ready(self) -> dict[Partition, int]:
        return {
            partition: watermark.next_offset
            for partition, watermark in self._watermarks.items()
            if watermark.next_offset is not None and watermark.next_offset != self._committed.get(partition)
        }

    async def _drain(self, partitions: Collection[Partition]) -> None:
        """Let effects at work finish before their partitions go; the rest is done by the next owner."""
        self._draining = True
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lanes.idle(), DRAIN_SECONDS)
            fault("in_drain")
            async with self._committing:
                if self._consumer is not None:
                    # Once only: to wait here for the log would keep the whole group waiting.
                    with contextlib.suppress(DependencyAway):
                        await self._consumer.commit(self._ready())
                for partition in partitions:
                    self._watermarks.pop(partition, None)
                    self._committed.pop(partition, None)
        finally:
            self._draining = False
