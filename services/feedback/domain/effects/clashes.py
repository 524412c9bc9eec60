from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from services.feedback.domain.effects.strategy import Strategy


@dataclass(frozen=True, slots=True)
class Clash:
    """Another change that may have moved the same metric: which of them did, no number can tell."""

    strategy_id: str
    number: int
    starts_on: dt.date

    @property
    def mark(self) -> str:
        """How people name the other strategy."""
        return f"ST-{self.number}"


def clashes_of(strategy: Strategy, others: Iterable[Strategy]) -> tuple[Clash, ...]:
    """Return the changes to the same metric of the same community that disturb the comparison, by number.

    That is each whose window overlaps the strategy's, and each that began within its baseline.
    """
    window, baseline = strategy.window, strategy.baseline
    found = [
        Clash(other.strategy_id, other.number, other.starts_on)
        for other in others
        if other.strategy_id != strategy.strategy_id
        and (other.scope, other.metric.name) == (strategy.scope, strategy.metric.name)
        and (
            window.overlaps(other.window.first, other.window.last)
            # What is in force on all days of both windows moves neither against the other.
            or baseline.first < other.starts_on < window.first
        )
    ]
    return tuple(sorted(found, key=lambda clash: (clash.number, clash.strategy_id)))
