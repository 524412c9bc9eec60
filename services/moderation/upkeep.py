"""What moderation does by itself every minute: it forgets what has had its time, and says who waits."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from typing import Protocol

from services.moderation import measures
from services.moderation.domain.cases.search import Clock as Waits
from shared.clock import Clock
from shared.observability.health import Health
from shared.observability.logs import get_logger
from shared.patience import Abandoned, Patience

log = get_logger(__name__)

BEATS = 12
BEAT_SECONDS = 5.0
"""How often the loop shows that it is alive between two rounds, `BEATS` of them."""


class Cases(Protocol):
    """Where cases are kept."""

    async def forget_texts(self, before: dt.datetime) -> int:
        """Forget texts of before; return how many."""
        ...

    async def forget_cases(self, before: dt.datetime, now: dt.datetime) -> int:
        """Forget cases of before that nothing depends on; return how many."""
        ...

    async def clock(self, scope: str | None, now: dt.datetime) -> Waits:
        """Return how long people wait for a decision."""
        ...


class Upkeep:
    """The loop that does it; of several processes each may, for nothing changes by doing it twice."""

    def __init__(
        self,
        cases: Cases,
        retention: dt.timedelta,
        decisions: dt.timedelta,
        clock: Clock,
        health: Health,
    ) -> None:
        """Look after `cases`: texts are kept for `retention`, the cases themselves for `decisions`."""
        self._cases = cases
        self._retention = retention
        self._decisions = decisions
        self._clock = clock
        self._check = health.check("upkeep of cases")
        self._patience = Patience("moderation.upkeep", self._check)
        self._stop = asyncio.Event()

    @property
    def name(self) -> str:
        """`upkeep of cases`."""
        return self._check.name

    def stop(self) -> None:
        """Do nothing more."""
        self._patience.give_up()
        self._stop.set()

    async def run(self) -> None:
        """Do it, again and again until stopped."""
        with contextlib.suppress(Abandoned):
            while not self._stop.is_set():
                await self._patience.insist(self.round)
                self._check.ok()
                await self._rest()

    async def round(self) -> None:
        """Forget what is due, and show how long people wait.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        now = self._clock.now()
        if count := await self._cases.forget_texts(now - self._retention):
            log.info("moderation.texts_forgotten", count=count)
        if count := await self._cases.forget_cases(now - self._decisions, now):
            log.info("moderation.cases_forgotten", count=count)
        waits = await self._cases.clock(None, now)
        since = waits.oldest_since
        measures.waiting(waits, (now - since).total_seconds() if since else 0.0)

    async def _rest(self) -> None:
        for _ in range(BEATS):
            self._check.beat()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), BEAT_SECONDS)
            if self._stop.is_set():
                return
