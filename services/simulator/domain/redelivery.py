"""How long a refused webhook waits before it is sent again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

KEPT = dt.timedelta(hours=36)
"""After this a webhook is dropped, as Meta does."""


@dataclass(frozen=True, slots=True)
class Redelivery:
    """Growing gaps; the last one repeats until the webhook is too old."""

    gaps: tuple[float, ...] = (0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600)
    kept: dt.timedelta = KEPT

    def gap(self, attempts: int, created: dt.datetime, now: dt.datetime) -> float | None:
        """Return the seconds to wait after `attempts` refusals, or None to give the webhook up."""
        gap = self.gaps[min(attempts, len(self.gaps)) - 1]
        return None if now + dt.timedelta(seconds=gap) - created > self.kept else gap
