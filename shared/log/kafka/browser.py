"""Reads a topic of Kafka's from its beginning to where it ends now, as nobody's member."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.errors import LogUnavailable
from shared.log.embedded import PAGE
from shared.log.kafka.consumer import to_record
from shared.log.kafka.errors import translated
from shared.log.kafka.limits import FETCH
from shared.log.record import Record

ANSWER_SECONDS = 10.0
"""How long the next page may take: the driver itself waits in silence for a broker that is away."""


async def browse(servers: str, client: str, topic: str) -> AsyncIterator[Sequence[Record]]:
    """Yield what stands in `topic` now; see `Backend.browse`."""
    with translated(f"the topic {topic}"):
        async with asyncio.timeout(ANSWER_SECONDS):
            wanted = await _partitions(servers, client, topic)
    if not wanted:
        return
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers,
        client_id=client,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **FETCH,
    )
    try:
        with translated(f"the topic {topic}"):
            async with asyncio.timeout(ANSWER_SECONDS):
                await consumer.start()
                consumer.assign(wanted)
                ends = await consumer.end_offsets(wanted)
                starts = await consumer.beginning_offsets(wanted)
        left = {where for where, end in ends.items() if end > starts[where]}
        consumer.pause(*(set(wanted) - left))
        while left:
            if page := await _page(consumer, topic, ends, left):
                yield page
    finally:
        await consumer.stop()


async def _partitions(servers: str, client: str, topic: str) -> list[TopicPartition]:
    """Return the partitions of `topic`; to ask for it by its name could create it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers, client_id=client)
    try:
        await admin.start()
        found = [each for each in await admin.describe_topics() if each["topic"] == topic]
    finally:
        await admin.close()
    return [TopicPartition(topic, part["partition"]) for each in found for part in each["partitions"]]


async def _page(
    consumer: AIOKafkaConsumer, topic: str, ends: Mapping[TopicPartition, int], left: set[TopicPartition]
) -> list[Record]:
    """Return the next records; a partition that is at its end leaves `left`."""
    page: list[Record] = []
    deadline = time.monotonic() + ANSWER_SECONDS
    with translated(f"the topic {topic}"):
        while left and not page:
            if time.monotonic() > deadline:
                raise LogUnavailable(f"Kafka does not answer: the rest of {topic} did not come.")
            batches = await consumer.getmany(timeout_ms=500, max_records=PAGE)
            page = [
                to_record(each)
                for where, batch in batches.items()
                for each in batch
                if each.offset < ends[where]
            ]
            for where in list(left):
                # Not the offset of the last record: behind it there may be a mark of a transaction.
                if await consumer.position(where) >= ends[where]:
                    left.remove(where)
                    consumer.pause(where)
    return page
