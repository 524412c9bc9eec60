"""A log with two topics, of whichever kind, for the tests that every log must pass."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass

from shared.contracts.topics import Topic
from shared.log.backend import Backend, Consumer, OnRevoke
from shared.log.record import NewRecord, Record

KEYS = [b"asha", b"bina", b"chitra", b"dev", b"esha"]


@dataclass
class Place:
    """A log with two topics; `open` opens what is kept there once more."""

    make: Callable[[], Backend]
    log: Backend
    topic: Topic
    other: Topic

    @property
    def topics(self) -> list[Topic]:
        return [self.topic, self.other]

    async def close(self) -> None:
        await self.log.stop()

    async def open(self) -> None:
        self.log = self.make()
        await self.log.start()
        await self.log.ensure_topics(self.topics)

    def new(self, key: bytes = b"key", value: bytes = b"value", **headers: bytes) -> NewRecord:
        return NewRecord(self.topic.name, key, value, headers)

    @contextlib.asynccontextmanager
    async def member(
        self, group: str = "group", *topics: str, on_revoke: OnRevoke | None = None
    ) -> AsyncIterator[Consumer]:
        # A broker outlives the test: the group's name must not.
        consumer = await self.log.subscribe(
            f"{group}.{self.topic.name}", topics or [self.topic.name], on_revoke
        )
        try:
            yield consumer
        finally:
            await consumer.close()


def values(records: Collection[Record]) -> list[bytes]:
    return [record.value for record in records]
