"""A real Kafka broker for the tests.

In this order: KAFKA_BOOTSTRAP_SERVERS; a container, when a Docker daemon answers and has or gets the image;
Apache Kafka from its Maven artifacts, when java and mvn work. Otherwise the tests that need it are skipped,
and the reason is printed; with REQUIRE_KAFKA=1 they fail.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import pytest

from deploy.local.kafka import LocalKafka
from deploy.local.process import LOOPBACK, LocalPartUnavailable
from tests.support.containers import kafka_container, require_docker


@dataclass(frozen=True)
class KafkaSource:
    """Where the session's broker is, and the handle on it when it is ours to stop."""

    bootstrap: str
    broker: LocalKafka | None = None


@pytest.fixture(scope="session")
def kafka_source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaSource]:
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield KafkaSource(given)
        return
    reasons = ["KAFKA_BOOTSTRAP_SERVERS is not set."]
    with contextlib.ExitStack() as started:
        try:
            require_docker()
            source = KafkaSource(f"{LOOPBACK}:{started.enter_context(kafka_container())}")
        except LocalPartUnavailable as no_container:
            reasons.append(no_container.sentence)
            try:
                broker = started.enter_context(LocalKafka(tmp_path_factory.mktemp("kafka")))
            except LocalPartUnavailable as no_broker:
                _do_without(" ".join([*reasons, no_broker.sentence]))
            source = KafkaSource(broker.bootstrap, broker)
        yield source


@pytest.fixture(scope="session")
def kafka_bootstrap(kafka_source: KafkaSource) -> str:
    return kafka_source.bootstrap


@pytest.fixture(scope="session")
def _stoppable_kafka(
    kafka_source: KafkaSource, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalKafka]:
    if kafka_source.broker is not None:
        yield kafka_source.broker
        return
    with contextlib.ExitStack() as started:
        try:
            broker = started.enter_context(LocalKafka(tmp_path_factory.mktemp("kafka")))
        except LocalPartUnavailable as unavailable:
            _do_without(unavailable.sentence)
        yield broker


@pytest.fixture
def kafka_broker(_stoppable_kafka: LocalKafka) -> Iterator[LocalKafka]:
    """Give a broker that the test may stop, kill and start; the next test finds it running."""
    if not _stoppable_kafka.running:
        _stoppable_kafka.start()
    yield _stoppable_kafka
    if not _stoppable_kafka.running:
        _stoppable_kafka.start()


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("REQUIRE_KAFKA") == "1":
        pytest.fail(f"REQUIRE_KAFKA=1, and there is no Kafka. {reason}", pytrace=False)
    pytest.skip(f"There is no Kafka. {reason}")
