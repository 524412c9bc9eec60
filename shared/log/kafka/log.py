"""The log of production: Apache Kafka through aiokafka."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    BrokerResponseError,
    KafkaError,
    MessageSizeTooLargeError,
    NoError,
    ProducerFenced,
    TopicAlreadyExistsError,
    for_code,
)

from shared.contracts.topics import Topic
from shared.errors import ChaupalError, LogUnavailable, PermanentError, SettingsError
from shared.log.backend import Consumer, OnRevoke
from shared.log.kafka.browser import browse
from shared.log.kafka.consumer import join
from shared.log.kafka.errors import REFUSED, refused, translated
from shared.log.record import MAX_RECORD_BYTES, NewRecord, Record
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
        self._renewing = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connect the producer."""
        _check_addresses(self._servers)
        self._producer = await self._new_producer(START_SECONDS)

    async def _new_producer(self, seconds: float) -> AIOKafkaProducer:
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
            await asyncio.wait_for(producer.start(), seconds)
        except (KafkaError, TimeoutError, OSError) as error:
            with contextlib.suppress(Exception):
                await producer.stop()
            if isinstance(error, REFUSED):
                raise refused("to write idempotently", type(error)) from error
            raise LogUnavailable(
                f"No Kafka broker answers at KAFKA_BOOTSTRAP_SERVERS: {type(error).__name__}."
            ) from error
        return producer

    async def _renew(self, broken: AIOKafkaProducer) -> None:
        """Put a new producer in the place of one that has had a batch refused for good.

        It has counted the batch and the broker has not: whatever it sends to that partition from then on is
        out of sequence, until the process ends.
        """
        if self._renewing.locked():
            # Whoever waited for it in vain would be late with its own bad news.
            return
        async with self._renewing:
            if self._producer is not broken:
                return
            try:
                self._producer = await self._new_producer(APPEND_SECONDS)
            except ChaupalError as error:
                log.warning("kafka.producer_not_renewed", why=error.sentence)
                return
            log.warning("kafka.producer_renewed")
            # What others have appended with it may still succeed.
            leaving = asyncio.create_task(_retire(broken))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def ensure_topics(self, topics: Collection[Topic]) -> None:
        """Create missing topics; see `Backend.ensure_topics`."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers, client_id=self._client)
        with translated("the list of topics"):
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
            if error in {NoError, TopicAlreadyExistsError}:
                continue
            if issubclass(error, REFUSED):
                raise refused(f"the topic {name}, which is missing or hidden from us", error)
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
            if isinstance(error, (BrokerResponseError, ProducerFenced)) and not error.retriable:
                await self._renew(producer)
            if isinstance(error, MessageSizeTooLargeError):
                raise PermanentError("The record is larger than the log accepts.") from error
            raise LogUnavailable(f"Kafka did not acknowledge: {type(error).__name__}.") from error
        for record in records:
            LOG_APPENDED.labels(self.name, record.topic).inc()

    async def subscribe(
        self, group: str, topics: Collection[str], on_revoke: OnRevoke | None = None
    ) -> Consumer:
        """Join `group`; see `Backend.subscribe`."""
        # Asked of the broker, it would take as long as a topic that is being made may take to appear.
        if self._topics and (unknown := set(topics) - self._topics):
            raise PermanentError(f"There is no topic {min(unknown)}.")
        return await join(self._servers, self._client, group, topics, on_revoke)

    def browse(self, topic: str) -> AsyncIterator[Sequence[Record]]:
        """Return what stands in `topic` now; see `Backend.browse`."""
        return browse(self._servers, self._client, topic)

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
            await asyncio.gather(_retire(self._producer), *self._leaving)
            self._producer = None

    def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise LogUnavailable("The connection to Kafka is closed.")
        return self._producer


async def _retire(producer: AIOKafkaProducer) -> None:
    with contextlib.suppress(KafkaError, TimeoutError):
        await asyncio.wait_for(producer.stop(), STOP_SECONDS)


def _check_addresses(servers: str) -> None:
    for address in servers.split(","):
        host, _, port = address.strip().rpartition(":")
        if not (host and port.isdecimal()):
            raise SettingsError(
                "KAFKA_BOOTSTRAP_SERVERS must be host:port, several of them with commas between."
            )


def _forget(ack: asyncio.Future[object]) -> None:
    """Read the outcome of an acknowledgement nobody waits for, so that asyncio does not log its payload."""
    if not ack.cancelled():
        ack.exception()
