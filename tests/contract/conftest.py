from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator, Callable

import pytest

from shared.clock import SystemClock
from shared.contracts.topics import Topic
from shared.log.backend import Backend
from shared.log.kafka import KafkaLog
from shared.log.local import local_log
from shared.log.memory import MemoryStorage, memory_log
from shared.store.client import connect, database
from shared.store.log import MongoLogStorage
from tests.support.log_place import Place
from tests.support.streams import forget, started


@pytest.fixture(params=["memory", "local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    name = f"contract.{uuid.uuid4().hex}"
    topic = Topic(name, "test", "key", "Of one test.", partitions=3)
    other = Topic(f"{name}.other", "test", "key", "Of the same test.", partitions=1)
    async with contextlib.AsyncExitStack() as stack:
        make: Callable[[], Backend]
        if request.param == "memory":
            storage = MemoryStorage()
            make = lambda: memory_log(storage)  # noqa: E731
        elif request.param == "local":
            mongo = connect(request.getfixturevalue("mongo_url"), application="test")
            stack.push_async_callback(mongo.close)
            stack.push_async_callback(forget, mongo, name.replace(".", "_"))
            make = lambda: local_log(  # noqa: E731
                MongoLogStorage(database(mongo, name.replace(".", "_")), SystemClock())
            )
        else:
            bootstrap = request.getfixturevalue("kafka_bootstrap")
            make = lambda: KafkaLog(bootstrap, "contract")  # noqa: E731
        made = Place(make, make(), topic, other)
        await stack.enter_async_context(started(made.log, made.topics))
        stack.push_async_callback(made.close)
        yield made
