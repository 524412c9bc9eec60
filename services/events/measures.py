"""How sessions are doing, as numbers: read from the store, so that they hold through restarts."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from services.events.domain.reach import Reached
from services.events.domain.tally import Tally
from services.events.domain.webinar import Stage
from shared.clock import Clock
from shared.observability.metrics import (
    ATTENDANCE_RATIO,
    REGISTRATIONS,
    REMINDER_LATENESS_SECONDS,
    REMINDERS,
    WEBINARS,
)

EVERY_SECONDS = 60.0

LATELY = dt.timedelta(days=30)
DAY = dt.timedelta(days=1)


class Webinars(Protocol):
    """Where sessions are counted."""

    async def tally(self, since: dt.datetime) -> Tally:
        """Return what the sessions since then come to."""
        ...


class Sends(Protocol):
    """Where reminders are counted."""

    async def lately(self, since: dt.datetime) -> tuple[dict[str, int], float]:
        """Return how many reminders since then got how far, and the lateness of the latest, in seconds."""
        ...


class Measures:
    """Shows them, time and again."""

    def __init__(self, webinars: Webinars, sends: Sends, clock: Clock) -> None:
        self._webinars = webinars
        self._sends = sends
        self._clock = clock

    async def show(self) -> None:
        """Set the gauges to what stands in the store.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        now = self._clock.now()
        tally = await self._webinars.tally(now - LATELY)
        for stage in Stage:
            WEBINARS.labels(stage.value).set(tally.stages.get(stage.value, 0))
        REGISTRATIONS.labels("taken").set(tally.taken)
        REGISTRATIONS.labels("waiting").set(tally.waiting)
        if tally.registered:
            ATTENDANCE_RATIO.set(tally.attended / tally.registered)
        reached, lateness = await self._sends.lately(now - DAY)
        for each in Reached:
            REMINDERS.labels(each.value).set(reached.get(each.value, 0))
        REMINDER_LATENESS_SECONDS.set(lateness)
