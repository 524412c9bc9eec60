from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupAuthorizationFailedError

from deploy.local.kafka import LocalKafka
from deploy.local.process import free_port
from shared.contracts.topics import Topic
from shared.errors import LogUnavailable, PermanentError, SettingsError
from shared.log.kafka import KafkaLog
from shared.log.record import MAX_RECORD_BYTES, NewRecord
from tests.support.streams import done, eventually, everything, started, take

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
    with pytest.raises(LogUnavailable):
        await anext(nobody.browse("gateway.inbound.v1"))


@pytest.mark.parametrize("servers", ["", "localhost", "localhost:", "localhost:kafka", "localhost:9092,"])
async def test_addresses_that_are_none_are_refused_by_the_name_of_their_setting(servers: str) -> None:
    with pytest.raises(SettingsError, match="KAFKA_BOOTSTRAP_SERVERS must be host:port"):
        await KafkaLog(servers, "test").start()


@pytest.mark.parametrize(("code", "error"), [(29, SettingsError), (31, SettingsError), (7, LogUnavailable)])
async def test_a_topic_that_may_not_be_made_ends_the_start_and_one_that_cannot_be_made_now_does_not(
    kafka_bootstrap: str, topic: Topic, monkeypatch: pytest.MonkeyPatch, code: int, error: type[Exception]
) -> None:
    async def answer(_admin: object, new: Sequence[NewTopic]) -> SimpleNamespace:
        return SimpleNamespace(topic_errors=[(each.name, code, None) for each in new])

    monkeypatch.setattr(AIOKafkaAdminClient, "create_topics", answer)
    with pytest.raises(error) as refused:
        await KafkaLog(kafka_bootstrap, "test").ensure_topics([topic])
    assert topic.name in str(refused.value)
    assert ("KAFKA_BOOTSTRAP_SERVERS" in str(refused.value)) is (error is SettingsError)


async def remove_before(bootstrap: str, topic: Topic, offset: int) -> None:
    """Do what retention does."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.delete_records({TopicPartition(topic.name, 0): RecordsToDelete(before_offset=offset)})
    await admin.close()


async def test_records_removed_before_they_were_read_are_missed_aloud_until_somebody_decides(
    kafka_bootstrap: str, topic: Topic
) -> None:
    async with started(KafkaLog(kafka_bootstrap, "test"), [topic]) as log:
        await log.append([NewRecord(topic.name, b"k", b"%d" % n) for n in range(10)])
        consumer = await log.subscribe(topic.name, [topic.name])
        await consumer.commit(done(await take(consumer, 3)))
        await consumer.close()
        await remove_before(kafka_bootstrap, topic, 6)

        consumer = await log.subscribe(topic.name, [topic.name])
        where = "partition 0 has nothing at 3"
        for _ in range(2):
            with pytest.raises(LogUnavailable, match=f"removed before they were read.*{where}"):
                await consumer.poll(10, 10.0)
        assert len(consumer.assignment) == 1
        await consumer.close()

        by_hand = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap, group_id=topic.name)
        by_hand.assign([TopicPartition(topic.name, 0)])
        await by_hand.start()
        await by_hand.commit({TopicPartition(topic.name, 0): 6})
        await by_hand.stop()
        consumer = await log.subscribe(topic.name, [topic.name])
        assert [each.offset for each in await take(consumer, 4)] == [6, 7, 8, 9]
        await consumer.close()


async def test_a_new_group_starts_at_the_first_record_that_retention_has_left(
    kafka_bootstrap: str, topic: Topic
) -> None:
    async with started(KafkaLog(kafka_bootstrap, "test"), [topic]) as log:
        await log.append([NewRecord(topic.name, b"k", b"%d" % n) for n in range(10)])
        await remove_before(kafka_bootstrap, topic, 6)
        consumer = await log.subscribe(topic.name, [topic.name])
        assert [each.offset for each in await take(consumer, 4)] == [6, 7, 8, 9]
        await consumer.close()
        pages = [page async for page in log.browse(topic.name)]
        assert [each.offset for page in pages for each in page] == [6, 7, 8, 9]
        await remove_before(kafka_bootstrap, topic, 10)
        assert not [page async for page in log.browse(topic.name)]


async def accept_up_to(bootstrap: str, topic: Topic, size: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    wanted = {"max.message.bytes": str(size)}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, wanted)])
    await admin.close()


async def test_what_the_broker_refuses_for_good_does_not_keep_others_from_the_partition(
    kafka_bootstrap: str, topic: Topic
) -> None:
    async with started(KafkaLog(kafka_bootstrap, "test"), [topic]) as log:
        await accept_up_to(kafka_bootstrap, topic, 500)
        large, small = (NewRecord(topic.name, b"k", b"x" * size) for size in (2000, 2))

        async def refused() -> bool:
            # A change of the settings of a topic takes the broker a moment.
            try:
                await log.append([large])
            except PermanentError:
                return True
            return False

        await eventually(refused, "the end of large records")
        before = len(await everything(log, topic.name))
        await log.append([small])
        with pytest.raises(PermanentError):
            await log.append([large])
        await asyncio.gather(*(log.append([small]) for _ in range(20)))
        await accept_up_to(kafka_bootstrap, topic, MAX_RECORD_BYTES)

        async def accepted() -> bool:
            try:
                await log.append([large])
            except PermanentError:
                return False
            return True

        await eventually(accepted, "large records")
        assert len(await everything(log, topic.name)) == before + 22


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


async def test_rights_that_are_missing_at_the_start_end_it_and_later_are_waited_for(
    kafka_bootstrap: str, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise GroupAuthorizationFailedError

    async with started(KafkaLog(kafka_bootstrap, "test"), [topic]) as log:
        consumer = await log.subscribe(topic.name, [topic.name])
        with monkeypatch.context() as patch:
            patch.setattr(AIOKafkaConsumer, "getmany", refuse)
            with pytest.raises(LogUnavailable, match="GroupAuthorizationFailedError"):
                await consumer.poll(1, 0.1)
            patch.setattr(AIOKafkaConsumer, "start", refuse)
            with pytest.raises(SettingsError, match="KAFKA_BOOTSTRAP_SERVERS refuse us the group other"):
                await log.subscribe("other", [topic.name])
        assert not await consumer.poll(1, 0.1)
        await consumer.close()
