"""A member of a group of Kafka's."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Collection, Iterable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord

from shared.errors import LogUnavailable
from shared.log.backend import Consumer, OnRevoke
from shared.log.kafka.errors import Fenced, translated
from shared.log.kafka.limits import FETCH
from shared.log.record import Partition, Record
from shared.observability.logs import get_logger

log = get_logger(__name__)

JOIN_SECONDS = 30.0
"""Longer than the members that are there may take to finish what they have in hand."""

ANSWER_SECONDS = 5.0
"""How long the driver, which by itself tries for ever, may try before the caller hears of it."""

LAG_SECONDS = 0.5


async def join(
    servers: str, client: str, group: str, topics: Collection[str], on_revoke: OnRevoke | None
) -> Consumer:
    """Return a new member of `group`; see `Backend.subscribe`."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers,
        client_id=client,
        group_id=group,
        enable_auto_commit=False,
        # "earliest" would also jump over what retention has removed unread, and tell nobody.
        auto_offset_reset="none",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=2_000,
        rebalance_timeout_ms=20_000,
        max_poll_interval_ms=300_000,
        **FETCH,
    )
    member = KafkaConsumer(consumer, group, on_revoke)
    consumer.subscribe(sorted(topics), listener=member)
    with translated(f"the group {group} or one of its topics"):
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
    return member


class KafkaConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """A member that holds partitions by pausing them, and stays a member while it does not read."""

    def __init__(self, consumer: AIOKafkaConsumer, group: str, on_revoke: OnRevoke | None) -> None:
        self._consumer = consumer
        self._group = group
        self._on_revoke = on_revoke
        self._held: dict[TopicPartition, float] = {}
        self._lost: dict[TopicPartition, int] = {}
        self._idled = 0.0
        self._generation = 0

    @property
    def generation(self) -> int:
        """How often partitions have been given to this member."""
        return self._generation

    @property
    def assignment(self) -> frozenset[Partition]:
        """The partitions that are ours now."""
        return frozenset(Partition(each.topic, each.partition) for each in self._consumer.assignment())

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Let work on the partitions end; called by the driver."""
        self._held.clear()
        if revoked and self._on_revoke is not None:
            await self._on_revoke([Partition(each.topic, each.partition) for each in revoked])

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Begin anew with what is ours now; called by the driver."""
        self._generation += 1
        self._held.clear()
        self._lost.clear()
        if assigned:
            log.info("kafka.assigned", group=self._group, partitions=len(assigned))
        else:
            log.warning("log.idle_member", group=self._group, why="It has more members than partitions.")

    async def poll(self, max_records: int, timeout_seconds: float) -> Sequence[Record]:
        """Return records; see `Consumer.poll`."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            await self._refuse_lost()
            self._end_holds()
            until = min([deadline, *self._held.values()])
            found = await self._fetch(max_records, max(0.0, until - time.monotonic()))
            if not found:
                await self._refuse_lost()
            if found or time.monotonic() >= deadline:
                return found

    async def _fetch(self, max_records: int, seconds: float) -> list[Record]:
        """Return what is there or comes within `seconds`; a little more where a rebalance is going on."""
        new: list[TopicPartition] = []
        batches: Mapping[TopicPartition, Sequence[ConsumerRecord]] = {}
        with translated():
            while True:
                try:
                    async with asyncio.timeout(seconds + 1.0):
                        batches = await self._consumer.getmany(
                            timeout_ms=0 if new else math.ceil(seconds * 1000), max_records=max_records
                        )
                except NoOffsetForPartitionError as error:
                    # One error for each partition; to begin with one after the other would take long.
                    new.extend(error.args)
                except OffsetOutOfRangeError as error:
                    self._lost.update(error.args[0])
                    break
                except TimeoutError:
                    break
                else:
                    break
            await self._begin(new)
        return [to_record(each) for batch in batches.values() for each in batch]

    async def _begin(self, new: Iterable[TopicPartition]) -> None:
        """Start at the first record that is kept: nobody has ever committed anything for these partitions."""
        ours = self._consumer.assignment().intersection(new)
        if ours:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._consumer.seek_to_beginning(*ours)

    async def _refuse_lost(self) -> None:
        for where in self._consumer.assignment() & self._lost.keys():
            # A member that only complained would be taken for dead, and its partitions given to the next one.
            await self.idle()
            raise LogUnavailable(
                f"Records of {where.topic} were removed before they were read, or the log is not the one they"
                f" were read from: partition {where.partition} has nothing at {self._lost[where]}, where"
                f" {self._group} is to go on."
            )

    async def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        """Record where to go on; see `Consumer.commit`."""
        ours = self._ours(next_offsets)
        if not ours:
            return
        try:
            with translated():
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._consumer.commit(ours)
        except Fenced:
            # Another member owns the partition now and will see these records again; its inbox knows them.
            log.warning("kafka.commit_discarded", group=self._group, partitions=len(ours))

    async def hold(self, next_offsets: Mapping[Partition, int], seconds: float) -> None:
        """Return these records not before `seconds` have passed; see `Consumer.hold`."""
        until = time.monotonic() + seconds
        for where, offset in self._ours(next_offsets).items():
            # Forgets what was fetched of it, too.
            self._consumer.seek(where, offset)
            self._lost.pop(where, None)
            if seconds > 0:
                self._consumer.pause(where)
                self._held[where] = until
            elif self._held.pop(where, None) is not None:
                self._consumer.resume(where)

    def _end_holds(self) -> None:
        """Let what is held no longer, or was paused to idle, be fetched again."""
        now = time.monotonic()
        self._held = {where: until for where, until in self._held.items() if until > now}
        if free := self._consumer.paused() - self._held.keys():
            self._consumer.resume(*free)

    async def idle(self) -> None:
        """Poll with everything paused: only that tells the group that this member is alive."""
        if time.monotonic() - self._idled < 1.0:
            return
        self._idled = time.monotonic()
        assigned = self._consumer.assignment()
        if assigned:
            self._consumer.pause(*assigned)
        with contextlib.suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(1.0):
                # A rebalance may have ended meanwhile and brought partitions that are not paused.
                for where, unwanted in (await self._consumer.getmany(timeout_ms=0)).items():
                    self._consumer.seek(where, unwanted[0].offset)

    async def lag(self) -> Mapping[str, int]:
        """Return how much lies beyond what was read; see `Consumer.lag`."""
        behind: dict[str, int] = {}
        assigned = self._consumer.assignment()
        try:
            async with asyncio.timeout(LAG_SECONDS):
                # What is held is not fetched, so nobody tells us by the way how far it has grown.
                ends = await self._consumer.end_offsets(list(assigned)) if assigned else {}
                for where, end in ends.items():
                    position = await self._consumer.position(where)
                    behind[where.topic] = behind.get(where.topic, 0) + max(0, end - position)
        except (KafkaError, TimeoutError):
            # Half of it would look like progress.
            return {}
        return behind

    async def close(self) -> None:
        """Leave the group."""
        with contextlib.suppress(KafkaError):
            await self._consumer.stop()

    def _ours(self, next_offsets: Mapping[Partition, int]) -> dict[TopicPartition, int]:
        assigned = self._consumer.assignment()
        wanted = {TopicPartition(each.topic, each.number): offset for each, offset in next_offsets.items()}
        return {where: offset for where, offset in wanted.items() if where in assigned}


def to_record(found: ConsumerRecord) -> Record:
    """Return what the driver found as a record of ours."""
    # Kafka knows headers without a value.
    headers = {name: value or b"" for name, value in found.headers}
    return Record(found.topic, found.partition, found.offset, found.key or b"", found.value or b"", headers)
