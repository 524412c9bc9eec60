"""What a service is to the process that runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import APIRouter, FastAPI
from pydantic_settings import BaseSettings
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from shared.clock import Clock
from shared.observability.health import Health
from shared.settings import SharedSettings
from shared.store.client import Document, database
from shared.stream.backend import Backend


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
    mongo: AsyncMongoClient[Document]
    log: Backend
    health: Health

    def database(self, service: str) -> AsyncDatabase[Document]:
        """Return the database that belongs to `service` alone."""
        return database(self.mongo, f"{self.settings.mongo_database_prefix}_{service}")


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
class Recipe:
    """How to make a service: each `services/<name>/app.py` exports one as `RECIPE`."""

    name: str
    settings: type[BaseSettings]
    build: Callable[[Platform, BaseSettings], AbstractAsyncContextManager[Service]]
