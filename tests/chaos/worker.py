"""A process that runs the ledger: `python -m tests.chaos.worker`."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Mapping

from fastapi import APIRouter
from pydantic import BaseModel
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.http.app import create_app
from shared.log.record import NewRecord
from shared.process import main
from shared.service import Platform, Recipe, Service
from shared.store.migrations import collections, migrate
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from tests.chaos import ledger

NAME = "chaos"


class WorkerSettings(BaseSettings):
    """What a scenario may choose about its worker."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_", extra="ignore")

    reads_answers: bool = True
    """Whether the second consumer runs too."""


class Row(BaseModel):
    """A record as JSON can carry it."""

    topic: str
    key: str
    value: str
    headers: Mapping[str, str]

    @classmethod
    def of(cls, record: NewRecord) -> Row:
        """Return `record` as a row."""
        headers = {name: _text(value) for name, value in record.headers.items()}
        return cls(topic=record.topic, key=_text(record.key), value=_text(record.value), headers=headers)

    def record(self) -> NewRecord:
        """Return the record again."""
        headers = {name: base64.b64decode(value) for name, value in self.headers.items()}
        return NewRecord(self.topic, base64.b64decode(self.key), base64.b64decode(self.value), headers)


class Broken:
    """A loop that fails when it is told to."""

    name = "broken"

    def __init__(self) -> None:
        self._told = asyncio.Event()
        self._fails = False

    def fail(self) -> None:
        self._fails = True
        self._told.set()

    def stop(self) -> None:
        self._told.set()

    async def run(self) -> None:
        await self._told.wait()
        if self._fails:
            raise RuntimeError("told to")


def routes(platform: Platform, broken: Broken) -> APIRouter:
    """Return ways to put records in where the log has one owner, and to make a loop fail."""
    router = APIRouter(prefix="/v1")

    @router.post("/records", status_code=204)
    async def append(rows: list[Row]) -> None:
        await platform.log.append([row.record() for row in rows])

    @router.post("/fail", status_code=204)
    async def fail() -> None:
        broken.fail()

    return router


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: WorkerSettings) -> AsyncIterator[Service]:
    """Yield the ledger, ready to run."""
    database = platform.database(ledger.SERVICE)
    made = collections("0001_ledger", **{ledger.ACCOUNTS: [], ledger.ANSWERS: []})
    await migrate(database, platform.clock, [made])
    runtime, broken = platform.runtime(ledger.SERVICE), Broken()
    readers = [Processor(ledger.reading(database), runtime)] if settings.reads_answers else []
    yield Service(
        name=NAME,
        api=create_app(NAME, "What was entered.", routes(platform, broken)),
        loops=[Relay(runtime, database), Processor(ledger.entering(database), runtime), *readers, broken],
    )


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


RECIPE = Recipe(NAME, WorkerSettings, build)

if __name__ == "__main__":
    main(NAME, RECIPE)
