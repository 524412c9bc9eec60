"""How feedback is doing, as numbers: read from the store, so that they hold through restarts."""

from __future__ import annotations

import datetime as dt
from typing import Final, Protocol

from services.feedback.domain.suggestions.waiting import ANSWERED_WITHIN, Waiting
from shared.clock import Clock
from shared.observability.metrics import SUGGESTIONS, SUGGESTIONS_UNANSWERED

EVERY_SECONDS: Final = 300.0


class Suggestions(Protocol):
    """Where suggestions are counted."""

    async def waiting(self, since: dt.datetime) -> Waiting:
        """Return how many there are of each status, and how many made before `since` nobody has answered."""
        ...


class Measures:
    """Shows them, time and again."""

    def __init__(self, suggestions: Suggestions, clock: Clock) -> None:
        self._suggestions = suggestions
        self._clock = clock

    async def show(self) -> None:
        """Set the gauges to what stands in the store.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        waiting = await self._suggestions.waiting(self._clock.now() - ANSWERED_WITHIN)
        for status, count in waiting.by_status.items():
            SUGGESTIONS.labels(status=str(status)).set(count)
        SUGGESTIONS_UNANSWERED.set(waiting.unanswered)
