"""How much WhatsApp takes, and when it takes nothing but templates."""

from __future__ import annotations

import datetime as dt
from collections import deque
from dataclasses import dataclass

from services.simulator.domain.refusal import GraphError


@dataclass(frozen=True, slots=True)
class Limits:
    """What is enforced."""

    window: bool = True
    """Whether free-form messages need somebody to have written in the last 24 hours."""
    pair_burst: int | None = None
    """Messages to one person at once; WhatsApp's own number is 45. None: no limit."""
    pair_seconds: float = 6.0
    """After how long one more is allowed."""
    per_second: int | None = None
    """Messages of the number in a second; WhatsApp's own number is 80. None: no limit."""


class Meter:
    """Counts what is sent against the limits."""

    def __init__(self) -> None:
        self._pairs: dict[str, tuple[float, dt.datetime]] = {}
        self._recent: deque[dt.datetime] = deque()

    def take(self, limits: Limits, chat: str, now: dt.datetime, *, group: bool) -> None:
        """Count one message to `chat`.

        Raises:
            GraphError: it is one too many; it is not counted then.
        """
        if limits.per_second is not None:
            while self._recent and now - self._recent[0] >= dt.timedelta(seconds=1):
                self._recent.popleft()
            if len(self._recent) >= limits.per_second:
                raise GraphError(130429, "Too many messages from this number.", status=429)
        if limits.pair_burst is not None and not group:
            owed, since = self._pairs.get(chat, (0.0, now))
            owed = max(0.0, owed - (now - since).total_seconds() / limits.pair_seconds)
            if owed + 1 > limits.pair_burst:
                raise GraphError(131056, "Too many messages from this number to this person.")
            self._pairs[chat] = (owed + 1, now)
        if limits.per_second is not None:
            self._recent.append(now)

    def clear(self) -> None:
        """Count from nothing."""
        self._pairs.clear()
        self._recent.clear()
