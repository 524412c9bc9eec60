from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient, MongoClient

from deploy.local.kafka import KAFKA_VERSION, LocalKafka, ensure_library
from deploy.local.mongod import LocalMongod, find_mongod
from deploy.local.process import LOOPBACK, LocalPartUnavailable, free_port

REPOSITORY = Path(__file__).parents[2]


def insert(url: str, number: int) -> None:
    with (
        MongoClient[dict[str, Any]](url) as client,
        client.start_session() as session,
        session.start_transaction(),
    ):
        client["parts"]["kept"].insert_one({"_id": number}, session=session)


def kept(url: str) -> list[int]:
    with MongoClient[dict[str, Any]](url) as client:
        return [found["_id"] for found in client["parts"]["kept"].find().sort("_id")]


def serves(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


class TestMongod:
    async def test_the_session_has_one_that_takes_transactions(self, mongo_url: str) -> None:
        database = f"parts_{uuid.uuid4().hex}"
        async with AsyncMongoClient[dict[str, Any]](mongo_url) as client:
            async with client.start_session() as session, await session.start_transaction():
                await client[database]["one"].insert_one({"_id": 1}, session=session)
            assert await client[database]["one"].count_documents({}) == 1
            await client.drop_database(database)

    def test_a_restart_keeps_the_port_and_the_data(self, mongod: LocalMongod) -> None:
        url = mongod.url
        insert(url, 1)
        mongod.stop()
        assert not mongod.running
        mongod.start()
        insert(url, 2)
        mongod.kill()
        mongod.start()
        assert mongod.url == url
        assert kept(url) == [1, 2]

    def test_the_data_move_to_another_port(self, mongod: LocalMongod) -> None:
        insert(mongod.url, 1)
        mongod.stop()
        with LocalMongod(mongod.log_file.parent, port=free_port()) as moved:
            assert moved.url != mongod.url
            insert(moved.url, 2)
            assert kept(moved.url) == [1, 2]

    def test_a_second_run_over_the_same_data_is_refused(self, mongod: LocalMongod) -> None:
        with pytest.raises(LocalPartUnavailable, match="Another run is using"):
            LocalMongod(mongod.log_file.parent).start()
        assert mongod.running

    def test_what_a_killed_run_left_behind_is_taken_over(self, tmp_path: Path, mongod: LocalMongod) -> None:
        mongod.stop()
        data = mongod.log_file.parent
        code = (
            "import os, pathlib, signal, sys\n"
            "from deploy.local.mongod import LocalMongod\n"
            "print(LocalMongod(pathlib.Path(sys.argv[1])).start().pid, flush=True)\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        run = [sys.executable, "-c", code, str(data)]
        killed = subprocess.run(  # noqa: S603 - our own module
            run, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=60
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        leftover = psutil.Process(int(killed.stdout))
        assert serves(leftover)
        mongod.start()
        assert mongod.pid != leftover.pid
        assert not serves(leftover)

    def test_a_taken_port_is_named(self, tmp_path: Path) -> None:
        with socket.socket() as other:
            other.bind((LOOPBACK, free_port()))
            other.listen()
            port = other.getsockname()[1]
            with pytest.raises(LocalPartUnavailable, match=f"Port {port} is taken"):
                LocalMongod(tmp_path, port=port).start()

    def test_without_the_wheel_the_way_out_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("deploy.local.mongod.WHEEL", "no-such-wheel")
        with pytest.raises(LocalPartUnavailable, match="Set MONGO_URL"):
            find_mongod()


async def create_topic(bootstrap: str) -> str:
    topic = f"parts.{uuid.uuid4().hex}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()
    return topic


async def produce(bootstrap: str, topic: str, *values: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, key=b"k", headers=[("ce_id", b"1")])
    finally:
        await producer.stop()


async def consume(bootstrap: str, topic: str, group: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with asyncio.timeout(30):
            records = [await consumer.getone() for _ in range(count)]
        await consumer.commit()
        return [record.value for record in records]
    finally:
        await consumer.stop()


@pytest.mark.kafka
class TestKafka:
    async def test_a_group_reads_what_an_idempotent_producer_wrote(self, kafka_bootstrap: str) -> None:
        topic = await create_topic(kafka_bootstrap)
        await produce(kafka_bootstrap, topic, b"1", b"2")
        assert await consume(kafka_bootstrap, topic, topic, 2) == [b"1", b"2"]
        await produce(kafka_bootstrap, topic, b"3")
        assert await consume(kafka_bootstrap, topic, topic, 1) == [b"3"]

    @pytest.mark.parametrize("end", ["stop", "kill"])
    async def test_a_broker_that_comes_back_has_its_log_and_offsets(
        self, kafka_broker: LocalKafka, end: str
    ) -> None:
        bootstrap = kafka_broker.bootstrap
        topic = await create_topic(bootstrap)
        await produce(bootstrap, topic, b"1", b"2")
        assert await consume(bootstrap, topic, topic, 1) == [b"1"]
        await asyncio.to_thread(getattr(kafka_broker, end))
        assert not kafka_broker.running
        await asyncio.to_thread(kafka_broker.start)
        assert kafka_broker.bootstrap == bootstrap
        assert await consume(bootstrap, topic, topic, 1) == [b"2"]

    def test_in_the_foreground_it_stops_when_asked(self, kafka_broker: LocalKafka, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "deploy.local.kafka", "--port=0", f"--data={tmp_path}"]
        with subprocess.Popen(  # noqa: S603 - our own module
            command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
        ) as run:
            assert run.stdout is not None
            assert KAFKA_VERSION in run.stdout.readline()
            assert run.stdout.readline().startswith(f"KAFKA_BOOTSTRAP_SERVERS={LOOPBACK}:")
            broker = psutil.Process(int((tmp_path / "local.pid").read_text()))
            run.send_signal(signal.SIGINT)
            assert run.wait(30) == 0
        assert not serves(broker)

    def test_a_library_that_is_not_whole_is_fetched_again(
        self, kafka_broker: LocalKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = tmp_path / ensure_library().name
        shutil.copytree(ensure_library(), whole)
        (whole / f"kafka-clients-{KAFKA_VERSION}.jar").write_bytes(b"")
        assert (ensure_library(tmp_path) / f"kafka-clients-{KAFKA_VERSION}.jar").stat().st_size > 1_000_000
        monkeypatch.setenv("PATH", str(tmp_path))
        assert ensure_library(tmp_path) == whole

    def test_without_maven_the_way_out_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(LocalPartUnavailable, match="Set KAFKA_BOOTSTRAP_SERVERS"):
            ensure_library(tmp_path)

    def test_without_java_the_way_out_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        with pytest.raises(LocalPartUnavailable, match="Set KAFKA_BOOTSTRAP_SERVERS"):
            LocalKafka(tmp_path).start()


def test_docker_compose_runs_the_same_kafka() -> None:
    compose = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"image: apache/kafka:{KAFKA_VERSION}\n" in compose
