"""The log of production: Apache Kafka through aiokafka."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Collection, Iterator, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    MessageSizeTooLargeError,
    NoError,
    RebalanceInProgressError,
    TopicAlreadyExistsError,
    UnknownMemberIdError,
    for_code,
)

from shared.contracts.topics import Topic
from shared.errors import LogUnavailable, PermanentError
from shared.log.backend import Consumer, OnRevoke
from shared.log.record import MAX_RECORD_BYTES, NewRecord, Partition, Record
from shared.observability.logs import get_logger
from shared.observability.metrics import LOG_APPENDED

log = get_logger(__name__)

APPEND_SECONDS = 2.0
"""A webhook must be refused within this time for its sender to try again soon."""

START_SECONDS = 15.0
STOP_SECONDS = 4.0


class KafkaLog:
    """Idempotent, acknowledged by all in-sync replicas, committed by hand."""

    name = "kafka"

    def __init__(self, bootstrap_servers: str, client: str) -> None:
        self._servers = bootstrap_servers
        self._client = client
        self._producer: AIOKafkaProducer | None = None
        self._topics: set[str] = set()

    async def start(self) -> None:
        """Connect the producer."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._servers,
            client_id=self._client,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_request_size=2 * MAX_RECORD_BYTES,
            request_timeout_ms=10_000,
            retry_backoff_ms=50,
        )
        try:
            await asyncio.wait_for(producer.start(), START_SECONDS)
        except (KafkaError, TimeoutError, OSError) as error:
            with contextlib.suppress(Exception):
                await producer.stop()
            raise LogUnavailable(
                f"No Kafka broker answers at KAFKA_BOOTSTRAP_SERVERS: {type(error).__name__}."
            ) from error
        self._producer = producer

    async def ensure_topics(self, topics: Collection[Topic]) -> None:
        """Create missing topics; see `Backend.ensure_topics`."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers, client_id=self._client)
        with _translated():
            try:
                await admin.start()
                existing = set(await admin.list_topics())
                await self._create(admin, [topic for topic in topics if topic.name not in existing])
            finally:
                await admin.close()
        self._topics |= {topic.name for topic in topics}

    async def _create(self, admin: AIOKafkaAdminClient, topics: Collection[Topic]) -> None:
        new = [
            NewTopic(
                name=topic.name,
                num_partitions=topic.partitions,
                # -1 takes the broker's default, which is where an operator sets the replication.
                replication_factor=-1,
                replica_assignments={},
                topic_configs={"retention.ms": str(int(topic.retention.total_seconds() * 1000))},
            )
            for topic in topics
        ]
        if not new:
            return
        response = await admin.create_topics(new)
        for name, code, *_ in response.topic_errors:
            error = for_code(code)
            # Another process starting beside this one may have been faster.
            if error not in {NoError, TopicAlreadyExistsError}:
                raise LogUnavailable(f"The topic {name} could not be created: {error.__name__}.")

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Return once every record is durable; see `Backend.append`."""
        producer = self._connected()
        for record in records:
            # Asked of the broker, a topic that does not exist looks like a broker that does not answer.
            if record.topic not in self._topics:
                raise PermanentError(f"There is no topic {record.topic}.")
            if record.size > MAX_RECORD_BYTES:
                raise PermanentError("The record is larger than the log accepts.")
        acks = []
        try:
            async with asyncio.timeout(APPEND_SECONDS):
                for record in records:
                    headers = list(record.headers.items())
                    acks.append(
                        await producer.send(record.topic, record.value, key=record.key, headers=headers)
                    )
                await asyncio.gather(*acks)
        except (KafkaError, TimeoutError) as error:
            for ack in acks:
                ack.add_done_callback(_forget)
            if isinstance(error, MessageSizeTooLargeError):
                raise PermanentError("The record is larger than the log accepts.") from error
            raise LogUnavailable(f"Kafka did not acknowledge: {type(error).__name__}.") from error
        for record in records:
            LOG_APPENDED.labels(self.name, record.topic).inc()

    async def subscribe(
        self, group: str, topics: Collection[str], on_revoke: OnRevoke | None = None
    ) -> Consumer:
        """Join `group`; see `Backend.subscribe`."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            client_id=self._client,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            max_poll_interval_ms=300_000,
            fetch_max_wait_ms=250,
            max_partition_fetch_bytes=2 * MAX_RECORD_BYTES,
        )
        consumer.subscribe(sorted(topics), listener=_Listener(on_revoke))
        with _translated():
            try:
                await consumer.start()
            except BaseException:
                await consumer.stop()
                raise
        return _KafkaConsumer(consumer)

    async def ping(self) -> None:
        """Return if the cluster's metadata can be fetched."""
        producer = self._connected()
        try:
            await asyncio.wait_for(producer.client.fetch_all_metadata(), APPEND_SECONDS)
        except (KafkaError, TimeoutError, OSError) as error:
            raise LogUnavailable(f"Kafka does not answer: {type(error).__name__}.") from error

    async def stop(self) -> None:
        """Flush and disconnect."""
        if self._producer is not None:
            with contextlib.suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(self._producer.stop(), STOP_SECONDS)
            self._producer = None

    def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise LogUnavailable("The connection to Kafka is closed.")
        return self._producer


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, on_revoke: OnRevoke | None) -> None:
        self._on_revoke = on_revoke

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        if revoked and self._on_revoke is not None:
            await self._on_revoke([Partition(each.topic, each.partition) for each in revoked])

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        log.info("kafka.assigned", partitions=len(assigned))


class _KafkaConsumer:
    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._idled = 0.0

    @property
    def assignment(self) -> frozenset[Partition]:
        return frozenset(Partition(each.topic, each.partition) for each in self._consumer.assignment())

    async def poll(self, max_records: int, timeout_seconds: float) -> Sequence[Record]:
        with _translated():
            if paused := self._consumer.paused():
                self._consumer.resume(*paused)
            batches = await self._consumer.getmany(
                timeout_ms=int(timeout_seconds * 1000), max_records=max_records
            )
        return [
            Record(
                each.topic,
                each.partition,
                each.offset,
                each.key or b"",
                each.value or b"",
                # Kafka knows headers without a value.
                {name: value or b"" for name, value in each.headers},
            )
            for batch in batches.values()
            for each in batch
        ]

    async def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        assigned = self._consumer.assignment()
        ours = {
            where: offset
            for each, offset in next_offsets.items()
            if (where := TopicPartition(each.topic, each.number)) in assigned
        }
        if not ours:
            return
        try:
            with _translated():
                await self._consumer.commit(ours)
        except _Fenced:
            # Another member owns the partition now and will see these records again; its inbox knows them.
            log.warning("kafka.commit_discarded", partitions=len(ours))

    async def rewind(self, next_offsets: Mapping[Partition, int]) -> None:
        assigned = self._consumer.assignment()
        for each, offset in next_offsets.items():
            where = TopicPartition(each.topic, each.number)
            if where in assigned:
                self._consumer.seek(where, offset)

    async def idle(self) -> None:
        """Poll with everything paused: only that tells the group that this member is alive."""
        if time.monotonic() - self._idled < 1.0:
            return
        self._idled = time.monotonic()
        assigned = self._consumer.assignment()
        if assigned:
            self._consumer.pause(*assigned)
        with contextlib.suppress(KafkaError):
            # A rebalance may have ended meanwhile and brought partitions that are not paused.
            for where, unwanted in (await self._consumer.getmany(timeout_ms=0)).items():
                self._consumer.seek(where, unwanted[0].offset)

    async def lag(self) -> Mapping[str, int]:
        behind: dict[str, int] = {}
        for where in self._consumer.assignment():
            end = self._consumer.highwater(where)
            with contextlib.suppress(KafkaError, TimeoutError):
                position = await asyncio.wait_for(self._consumer.position(where), 0.5)
                behind[where.topic] = behind.get(where.topic, 0) + max(0, (end or position) - position)
        return behind

    async def close(self) -> None:
        with contextlib.suppress(KafkaError):
            await self._consumer.stop()


class _Fenced(LogUnavailable):
    """The commit came from a generation of the group that is over."""


_FENCED = (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _FENCED as error:
        raise _Fenced(f"The group has moved on: {type(error).__name__}.") from error
    except (KafkaError, OSError) as error:
        raise LogUnavailable(f"Kafka does not answer: {type(error).__name__}.") from error


def _forget(ack: asyncio.Future[object]) -> None:
    """Read the outcome of an acknowledgement nobody waits for, so that asyncio does not log its payload."""
    if not ack.cancelled():
        ack.exception()
