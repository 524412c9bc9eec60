from __future__ import annotations

import asyncio
import time
import uuid

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.kafka import LocalKafka
from deploy.local.process import free_port
from shared.contracts.topics import Topic
from shared.errors import LogUnavailable
from shared.log.kafka import KafkaLog
from shared.log.record import NewRecord
from tests.support.streams import done, eventually, started, take

pytestmark = pytest.mark.kafka


@pytest.fixture
def topic() -> Topic:
    return Topic(f"kafka.{uuid.uuid4().hex}", "test", "key", "Of one test.", partitions=1)


@pytest.fixture
def nobody() -> KafkaLog:
    return KafkaLog(f"127.0.0.1:{free_port()}", "test")


async def test_what_others_write_without_key_value_or_header_value_reads_as_empty(
    kafka_bootstrap: str, topic: Topic
) -> None:
    async with started(KafkaLog(kafka_bootstrap, "test"), [topic]) as log:
        producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
        await producer.start()
        await producer.send_and_wait(topic.name, None, key=b"k", headers=[("ce_id", None), ("ce_id", b"2")])
        await producer.send_and_wait(topic.name, b"v", key=None, headers=[("ce_id", None)])
        await producer.stop()
        consumer = await log.subscribe(topic.name, [topic.name])
        records = await take(consumer, 2)
        await consumer.close()
    assert [(each.key, each.value, dict(each.headers)) for each in records] == [
        (b"k", b"", {"ce_id": b"2"}),
        (b"", b"v", {"ce_id": b""}),
    ]


async def test_two_processes_may_make_the_same_topic_at_once(kafka_bootstrap: str, topic: Topic) -> None:
    logs = [KafkaLog(kafka_bootstrap, "test") for _ in range(3)]
    await asyncio.gather(*(log.ensure_topics([topic]) for log in logs))


async def test_without_a_broker_the_start_names_the_setting(nobody: KafkaLog) -> None:
    with pytest.raises(LogUnavailable, match="KAFKA_BOOTSTRAP_SERVERS"):
        await nobody.start()
    with pytest.raises(LogUnavailable):
        await nobody.ensure_topics([])
    with pytest.raises(LogUnavailable):
        await nobody.subscribe("group", ["gateway.inbound.v1"])


async def test_x02_while_the_broker_is_away_appends_are_refused_in_time_and_then_go_on(
    kafka_broker: LocalKafka, topic: Topic
) -> None:
    async with started(KafkaLog(kafka_broker.bootstrap, "test"), [topic]) as log:
        consumer = await log.subscribe(topic.name, [topic.name])
        await log.append([NewRecord(topic.name, b"k", b"before")])
        await consumer.commit(done(await take(consumer, 1)))
        await asyncio.to_thread(kafka_broker.stop)
        began = time.monotonic()
        with pytest.raises(LogUnavailable):
            await log.append([NewRecord(topic.name, b"k", b"refused")])
        with pytest.raises(LogUnavailable):
            await log.ping()
        assert time.monotonic() - began < 6.0
        await asyncio.to_thread(kafka_broker.start)

        async def acknowledged() -> bool:
            try:
                await log.append([NewRecord(topic.name, b"k", b"after")])
            except LogUnavailable:
                return False
            return True

        await eventually(acknowledged, "an acknowledgement")
        await log.ping()
        found: list[bytes] = []

        async def reads_on() -> bool:
            try:
                found.extend(each.value for each in await consumer.poll(10, 0.5))
            except LogUnavailable:
                return False
            return b"after" in found

        await eventually(reads_on, "the record written after the restart")
        await consumer.close()
    assert b"before" not in found
    assert found.count(b"refused") <= 1
