"""Runs services in one process: what is started in order is stopped in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import uvloop
from pydantic_settings import BaseSettings

from shared.clock import SystemClock
from shared.contracts.topics import TOPICS
from shared.errors import ChaupalError, DependencyAway, SettingsError
from shared.http.app import health_router, operations_app
from shared.http.direct import public_app
from shared.http.server import HttpServer
from shared.log.backend import Backend
from shared.log.kafka import KafkaLog
from shared.log.local import local_log
from shared.observability.health import Health
from shared.observability.logs import configure, get_logger
from shared.observability.tracing import start_tracing, stop_tracing
from shared.observability.watchdog import Limits, Stalls, Watchdog
from shared.service import Platform, Recipe, Service
from shared.settings import SharedSettings, load
from shared.store.client import Mongo, connect, database, ping
from shared.store.log import MongoLogStorage
from shared.supervisor import Supervisor
from shared.tasks import end

log = get_logger(__name__)

START_SECONDS = 60.0
"""How long a start waits for the database and the log, which may be starting beside it."""

WATCH_SECONDS = 2.0


def main(name: str, *recipes: Recipe[Any], dotenv: Path = Path(".env")) -> None:
    """Run the services of `recipes` until SIGTERM or SIGINT; exit with 0, or with 1 and one sentence."""
    try:
        wanted = [recipe.settings for recipe in recipes]
        settings = load(SharedSettings, *wanted, dotenv=dotenv)
        configure(settings.log_level, settings.log_format)
        clean = uvloop.run(Process(name, settings, recipes, dotenv).run())
    except ChaupalError as error:
        sys.exit(f"{name} cannot run. {error.sentence}")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0 if clean else 1)


def settle_memory() -> None:
    """Take what the start has built out of the garbage collector's sight, and let it look less often.

    Modules, models and routes live as long as the process. Walking them again and again took a third of the
    time of a webhook.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class Process:
    """One operating-system process of the platform."""

    def __init__(
        self,
        name: str,
        settings: SharedSettings,
        recipes: Sequence[Recipe[Any]],
        dotenv: Path = Path(".env"),
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
    ) -> None:
        self._name = name
        self._settings = settings
        self._recipes = recipes
        self._dotenv = dotenv
        self._health = Health()
        self._supervisor = Supervisor()
        self._limits = limits
        self._watchdog = Watchdog(limits)
        self._stop = asyncio.Event()
        self.ready = asyncio.Event()
        """Set once both listeners answer."""
        self.public_url = ""
        self.internal_url = ""

    def stop(self) -> None:
        """Begin an orderly stop."""
        self._stop.set()

    async def run(self) -> bool:
        """Run until stopped; return whether everything ended as it should.

        Raises:
            ChaupalError: the process could not start.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            # Only the main thread may, and tests run processes inside their own.
            with contextlib.suppress(ValueError, RuntimeError):
                asyncio.get_running_loop().add_signal_handler(number, self.stop)
        async with AsyncExitStack() as stack:
            self._watchdog.watch()
            stack.callback(self._watchdog.stop)
            if self._settings.otlp_endpoint:
                start_tracing(self._settings.otlp_endpoint, f"chaupal-{self._name}")
                stack.push_async_callback(asyncio.to_thread, stop_tracing)
            platform = await self._platform(stack)
            services = [await self._build(recipe, platform, stack) for recipe in self._recipes]
            public, internal = self._listeners(services)
            loops = [loop for service in services for loop in service.loops]
            self._supervisor.start(loops)
            serving = [asyncio.create_task(server.serve()) for server in (public, internal)]
            await asyncio.gather(public.started(), internal.started())
            self.public_url, self.internal_url = public.url, internal.url
            watching = [
                asyncio.create_task(self._watch(platform)),
                asyncio.create_task(Stalls(self._health, self._limits).until_hopeless()),
            ]
            settle_memory()
            self.ready.set()
            log.info("process.started", process=self._name, public=public.url, internal=internal.url)
            asked = await self._until_stopped([*serving, *watching])
            self._watchdog.expect_end(self._settings.shutdown_seconds)
            return await self._wind_down(public, internal, serving, watching) and asked

    async def _wind_down(
        self,
        public: HttpServer,
        internal: HttpServer,
        serving: Sequence[asyncio.Task[None]],
        watching: Sequence[asyncio.Task[None]],
    ) -> bool:
        began = time.monotonic()
        self._health.stopping()
        public.stop()
        await asyncio.wait(serving[:1])
        in_time = await self._supervisor.stop(self._settings.shutdown_seconds - (time.monotonic() - began))
        internal.stop()
        await end(*watching)
        for outcome in await asyncio.gather(*serving, *watching, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.critical("process.part_failed", error=type(outcome).__name__)
        log.info("process.stopped", process=self._name, seconds=round(time.monotonic() - began, 3))
        return in_time

    async def _until_stopped(self, parts: Sequence[asyncio.Task[None]]) -> bool:
        """Return once a stop is asked for, or False once a loop or one of `parts` has ended by itself."""
        asked = asyncio.create_task(self._stop.wait())
        failed = asyncio.create_task(self._supervisor.failed.wait())
        done, _ = await asyncio.wait([asked, failed, *parts], return_when=asyncio.FIRST_COMPLETED)
        await end(asked, failed)
        return asked in done

    async def _platform(self, stack: AsyncExitStack) -> Platform:
        clock = SystemClock()
        mongo = connect(self._settings.mongo_url.get_secret_value(), application=f"chaupal-{self._name}")
        stack.push_async_callback(mongo.close)
        await self._patiently("the database", lambda: ping(mongo))
        backend = self._backend(mongo, clock)
        await self._patiently("the log", backend.start)
        stack.push_async_callback(backend.stop)
        await self._patiently("the log", lambda: backend.ensure_topics(TOPICS))
        return Platform(self._settings, clock, mongo, backend, self._health)

    def _backend(self, mongo: Mongo, clock: SystemClock) -> Backend:
        if self._settings.kafka_bootstrap_servers:
            return KafkaLog(self._settings.kafka_bootstrap_servers, f"chaupal-{self._name}")
        return local_log(
            MongoLogStorage(database(mongo, f"{self._settings.mongo_database_prefix}_log"), clock)
        )

    async def _patiently(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work`, waiting for `what` to come up.

        Raises:
            DependencyAway: it did not within `START_SECONDS`.
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                await work()
            except DependencyAway as error:
                if time.monotonic() > deadline or self._stop.is_set():
                    raise
                log.warning("process.waiting", what=what, why=error.sentence)
                await asyncio.sleep(1)
            else:
                return

    async def _build(self, recipe: Recipe[Any], platform: Platform, stack: AsyncExitStack) -> Service:
        settings = load(recipe.settings, SharedSettings, *self._others(recipe), dotenv=self._dotenv)
        return await stack.enter_async_context(recipe.build(platform, settings))

    def _others(self, recipe: Recipe[Any]) -> list[type[BaseSettings]]:
        return [each.settings for each in self._recipes if each is not recipe]

    def _listeners(self, services: Sequence[Service]) -> tuple[HttpServer, HttpServer]:
        limit = self._settings.max_body_bytes
        routers = [router for service in services for router in service.public]
        public = public_app("public", *routers, health_router(self._health), max_body_bytes=limit)
        internal = operations_app(
            "internal", self._health, {service.name: service.api for service in services}, limit
        )
        first = HttpServer(public, self._settings.host, self._settings.public_port)
        try:
            return first, HttpServer(internal, self._settings.host, self._settings.internal_port)
        except SettingsError:
            first.close()
            raise

    async def _watch(self, platform: Platform) -> None:
        """Keep readiness true to the database and the log."""
        parts = {"database": lambda: ping(platform.mongo), "log": platform.log.ping}
        while True:
            for name, probe in parts.items():
                check = self._health.check(name)
                try:
                    await probe()
                except DependencyAway as error:
                    check.failing(error.code)
                else:
                    check.ok()
            await asyncio.sleep(WATCH_SECONDS)
