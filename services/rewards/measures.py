"""How rewards are doing, as numbers: read from the store, so that they hold through restarts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, Protocol

from services.rewards.domain.periods import day_of, week_after, week_of
from services.rewards.domain.tally import Tally
from shared.chats import DEFAULT_ZONE
from shared.clock import Clock
from shared.observability.metrics import (
    POINTS_REVERSED_RATIO,
    PRIZES_OVERDUE,
    REWARDED_MEMBERS,
    REWARDS_TOP_SHARE,
)

EVERY_SECONDS: Final = 300.0
WEEKS: Final = 4
LATELY: Final = dt.timedelta(weeks=WEEKS)


class Ledger(Protocol):
    """Where rewards are counted."""

    async def tally(self, weeks: Sequence[str], since: dt.datetime) -> Tally:
        """Return what these weeks come to, and the lines since then."""
        ...


class Prizes(Protocol):
    """Where prizes are counted."""

    async def overdue(self, at: dt.datetime) -> int:
        """Return how many prizes should have been handed over by then, and were not."""
        ...


class Measures:
    """Shows them, time and again."""

    def __init__(self, ledger: Ledger, prizes: Prizes, clock: Clock) -> None:
        self._ledger = ledger
        self._prizes = prizes
        self._clock = clock

    async def show(self) -> None:
        """Set the gauges to what stands in the store.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        now = self._clock.now()
        this = week_of(day_of(now, DEFAULT_ZONE))
        tally = await self._ledger.tally([week_after(this, -each) for each in range(WEEKS)], now - LATELY)
        REWARDED_MEMBERS.set(tally.rewarded)
        REWARDS_TOP_SHARE.set(tally.first)
        PRIZES_OVERDUE.set(await self._prizes.overdue(now))
        POINTS_REVERSED_RATIO.set(tally.reversed / tally.awarded if tally.awarded else 0.0)
