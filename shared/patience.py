"""Waiting in place while something is away: nothing is lost by waiting, everything by giving up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.errors import DependencyAway, ProviderUnavailable
from shared.observability.health import Check
from shared.observability.logs import get_logger
from shared.observability.metrics import CONSUMER_PAUSED

log = get_logger(__name__)

ResultT = TypeVar("ResultT")

PAUSE_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Growing waits while a dependency is away."""


class Abandoned(Exception):
    """The work in hand is left to whoever comes next; nothing of it was committed."""


class Patience:
    """Does work again until it succeeds, turning readiness off meanwhile."""

    def __init__(self, name: str, check: Check) -> None:
        self._name = name
        self._check = check
        self._given_up = asyncio.Event()
        self._waiting = 0
        self._paused = False

    def give_up(self) -> None:
        """Make every wait, now and later, end with `Abandoned`."""
        self._given_up.set()

    async def insist(
        self,
        work: Callable[[], Awaitable[ResultT]],
        *,
        between: Callable[[], Awaitable[None]] | None = None,
        abandon: Callable[[], bool] = lambda: False,
    ) -> ResultT:
        """Return what `work` returns, waiting in place while something it depends on is away.

        Args:
            work: what to do; it is called again after each `DependencyAway`.
            between: called after each wait, to stay in a consumer group for example.
            abandon: asked after each wait whether the work has become somebody else's.

        Raises:
            Abandoned: `give_up` was called, or `abandon` said so.
        """
        attempt = 0
        try:
            while True:
                try:
                    result = await work()
                except DependencyAway as error:
                    self._waiting += 0 if attempt else 1
                    self._pause(error)
                    await self._wait(PAUSE_SECONDS[min(attempt, len(PAUSE_SECONDS) - 1)])
                    attempt += 1
                else:
                    break
                if self._given_up.is_set() or abandon():
                    raise Abandoned
                if between is not None:
                    await between()
        finally:
            self._waiting -= 1 if attempt else 0
        # Others may wait for something else: what succeeded here says nothing about that.
        if not self._waiting:
            self._resume()
        return result

    async def rest(self, seconds: float) -> None:
        """Wait, ready as ever.

        Raises:
            Abandoned: `give_up` was called.
        """
        await self._wait(seconds)
        if self._given_up.is_set():
            raise Abandoned

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._given_up.wait(), seconds)
        self._check.beat()

    def _pause(self, error: DependencyAway) -> None:
        self._paused = True
        if not isinstance(error, ProviderUnavailable):
            # A provider that refuses one account must not take the webhooks of all from this process.
            self._check.failing(error.code)
        CONSUMER_PAUSED.labels(self._name).set(1)
        log.warning("loop.paused", loop=self._name, code=error.code, why=error.sentence)

    def _resume(self) -> None:
        if not self._paused:
            return
        self._paused = False
        self._check.ok()
        CONSUMER_PAUSED.labels(self._name).set(0)
        log.info("loop.resumed", loop=self._name)
