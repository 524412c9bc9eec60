"""Puts every service together as its process would, with nothing behind it: enough to ask what it offers."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import AsyncIterator, Collection, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self, cast

from pydantic_settings import BaseSettings

import services
from services.gateway.trail import Trail
from shared.clock import SystemClock
from shared.log.embedded import EmbeddedLog
from shared.log.memory import MemoryStorage
from shared.observability.health import Health
from shared.service import Loop, Platform, Recipe, Service
from shared.settings import SharedSettings
from shared.store.client import Mongo
from shared.stream.effects import Effects
from shared.stream.processor import Processor


class Nothing:
    """A database in which there is nothing: every answer is this again, and going through it ends at once."""

    def __getattr__(self, name: str) -> Nothing:
        return self

    def __getitem__(self, name: str) -> Nothing:
        return self

    def __call__(self, *_: object, **__: object) -> Nothing:  # noqa: D102 - what it does, the class says
        return self

    def __bool__(self) -> bool:
        return False

    def __iter__(self) -> Iterator[Nothing]:
        return iter(())

    def __await__(self) -> Generator[None, None, Nothing]:
        # What is awaited has to be a generator, though this one never waits.
        yield from ()
        return self

    def __aiter__(self) -> Nothing:
        return self

    async def __anext__(self) -> Nothing:
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


def recipes() -> list[Recipe[Any]]:
    """Return the recipe of every service, in order of their names."""
    folders = sorted(each.parent.name for each in Path(services.__path__[0]).glob("*/app.py"))
    return [importlib.import_module(f"services.{folder}.app").RECIPE for folder in folders]


@contextlib.asynccontextmanager
async def wired() -> AsyncIterator[list[Service]]:
    """Yield every service, ready to be asked but not to be run."""
    platform = Platform(
        settings=SharedSettings.model_construct(),
        clock=SystemClock(),
        mongo=cast("Mongo", Nothing()),
        log=EmbeddedLog("nothing", MemoryStorage()),
        health=Health(),
    )
    async with contextlib.AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(recipe.build(platform, settings_of(recipe.settings)))
            for recipe in recipes()
        ]


def settings_of(kind: type[BaseSettings]) -> BaseSettings:
    """Return settings at their defaults whatever the environment says, with nothing where one is required."""
    required = {name: Nothing() for name, field in kind.model_fields.items() if field.is_required()}
    return kind.model_construct(**cast("dict[str, Any]", required))


def readers(wired_services: Iterable[Service]) -> Mapping[str, Collection[str]]:
    """Return the topics that each consumer group of `wired_services` reads."""
    return dict(group for service in wired_services for loop in service.loops for group in _group(loop))


def _group(loop: Loop) -> Iterator[tuple[str, Collection[str]]]:
    if isinstance(loop, (Processor, Effects, Trail)):
        yield loop.consumer, loop.topics
