"""Servers in Docker containers, for the tests that need a real one.

Each listens on one port inside and outside, so that the address it tells its clients holds on both sides.
"""

from __future__ import annotations

import contextlib
import gc
import time
import warnings
from collections.abc import Callable, Iterator
from typing import cast

from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from deploy.local.kafka.broker import answers
from deploy.local.kafka.library import KAFKA_VERSION
from deploy.local.mongod import REPLICA_SET, becomes_primary, direct_client
from deploy.local.process import LOOPBACK, LocalPartUnavailable, free_port

_KAFKA = f"apache/kafka:{KAFKA_VERSION}"
_MONGO = "mongo:8"
_START = 90.0


def require_docker() -> None:
    """Raise when no Docker daemon answers."""
    if _failure(_ping) is not None:
        raise LocalPartUnavailable("No Docker daemon answers.")


@contextlib.contextmanager
def kafka_container() -> Iterator[int]:
    """Run a broker in a container; gives its loopback port."""
    port = free_port()
    container = DockerContainer(_KAFKA).with_envs(
        KAFKA_NODE_ID="1",
        KAFKA_PROCESS_ROLES="broker,controller",
        KAFKA_LISTENERS=f"PLAINTEXT://:{port},CONTROLLER://:9093",
        KAFKA_ADVERTISED_LISTENERS=f"PLAINTEXT://{LOOPBACK}:{port}",
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
        KAFKA_CONTROLLER_QUORUM_VOTERS="1@localhost:9093",
        KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR="1",
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR="1",
    )
    with _running(container, port):
        _wait(lambda: answers(port), _KAFKA)
        yield port


@contextlib.contextmanager
def mongo_container() -> Iterator[int]:
    """Run a replica set of one in a container; gives its loopback port."""
    port = free_port()
    command = ["mongod", "--replSet", REPLICA_SET, "--bind_ip_all", "--port", str(port)]
    container = DockerContainer(_MONGO).with_command(command)
    with _running(container, port), direct_client(port) as client:
        _wait(lambda: becomes_primary(client, port), _MONGO)
        yield port


@contextlib.contextmanager
def _running(container: DockerContainer, port: int) -> Iterator[None]:
    # Docker's own form for one interface only, which the library's types leave out.
    container.ports = cast("dict[str, int | None]", {str(port): (LOOPBACK, port)})
    try:
        failure = _failure(container.start)
        if failure is not None:
            raise LocalPartUnavailable(f"Docker cannot run {container.image}: {failure}.")
        yield
    finally:
        container.stop()


def _wait(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _START
    while not ready():
        if time.monotonic() > deadline:
            raise LocalPartUnavailable(f"The container of {what} was not ready within {_START:.0f} s.")
        time.sleep(0.1)


def _ping() -> None:
    with contextlib.closing(DockerClient(timeout=3).client) as client:
        client.ping()


def _failure(action: Callable[[], object]) -> str | None:
    failure = None
    with warnings.catch_warnings():
        # A client that fails leaves its socket to the collector, and that must not come by during a test.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            action()
        except Exception as error:  # noqa: BLE001 - from three packages, with no base in common
            failure = str(error)
        gc.collect()
    return failure
