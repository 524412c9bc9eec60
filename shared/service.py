"""What a service is to the process that runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from fastapi import APIRouter, FastAPI
from pydantic_settings import BaseSettings

from shared.clock import Clock
from shared.i18n import Catalogue
from shared.log.backend import Backend
from shared.observability.health import Health
from shared.replies import Speaker
from shared.settings import SharedSettings
from shared.store.client import Database, Mongo, database
from shared.stream.runtime import Runtime

SettingsT = TypeVar("SettingsT", bound=BaseSettings)


class Loop(Protocol):
    """Work that goes on until the process stops."""

    @property
    def name(self) -> str:
        """What the loop is called in logs and metrics."""
        ...

    async def run(self) -> None:
        """Work until `stop`, then finish what is in flight and return; raising ends the process."""
        ...

    def stop(self) -> None:
        """Ask `run` to finish."""
        ...


@dataclass(frozen=True, slots=True)
class Platform:
    """What a process lends to each of its services."""

    settings: SharedSettings
    clock: Clock
    mongo: Mongo
    log: Backend
    health: Health

    def database(self, service: str) -> Database:
        """Return the database that belongs to `service` alone."""
        return database(self.mongo, f"{self.settings.mongo_database_prefix}_{service}")

    def runtime(self, service: str) -> Runtime:
        """Return what the loops of `service` share."""
        return Runtime.of(
            service,
            backend=self.log,
            mongo=self.mongo,
            database=self.database(service),
            clock=self.clock,
            health=self.health,
        )

    def speaker(self, locale: Path) -> Speaker:
        """Return the voice that speaks from the catalogues in `locale`.

        Raises:
            OSError: there is no such catalogue.
        """
        return Speaker(Catalogue.load(locale), self.settings.default_language, self.settings.default_zone)


@dataclass(frozen=True, slots=True)
class Service:
    """A service, wired and ready to run."""

    name: str
    api: FastAPI
    """Its REST API, mounted at `/<name>` on the internal listener."""
    public: Sequence[APIRouter] = ()
    """Routes of the public listener."""
    loops: Sequence[Loop] = field(default=())
    """Started in this order, stopped in reverse."""


@dataclass(frozen=True, slots=True)
class Recipe(Generic[SettingsT]):
    """How to make a service: each `services/<name>/app.py` exports one as `RECIPE`."""

    name: str
    settings: type[SettingsT]
    build: Callable[[Platform, SettingsT], AbstractAsyncContextManager[Service]]
