"""A strategy as it was registered, and what has become of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.feedback.domain.effects.samples import Fact
from services.feedback.domain.effects.strategy import Strategy
from services.feedback.domain.effects.windows import EVERY_DAY, Window
from services.feedback.domain.strategies.metrics import METRICS
from shared.contracts.feedback import StrategyOutcome


@dataclass(frozen=True, slots=True)
class Registered:
    """A strategy."""

    strategy_id: str
    scope: str
    number: int
    chat_id: str
    """The group that hears what came of it."""
    change: str
    hypothesis: str
    metric: str
    first_day: str
    """By ISO 8601, in the group's zone; the change is in force from then on."""
    last_day: str
    owner: str
    """The member who answers for it."""
    registered_by: str
    registered_at: dt.datetime
    zone: str
    weekdays: frozenset[int] = EVERY_DAY
    units: int | None = None
    """By how many sessions it is measured, if not by all of the window."""
    language: str | None = None
    suggestion_id: str | None = None
    """Which suggestion it carries out."""
    outcome: StrategyOutcome | None = None
    judged_at: dt.datetime | None = None

    @property
    def strategy(self) -> Strategy:
        """What effects know of it."""
        window = Window(
            dt.date.fromisoformat(self.first_day), dt.date.fromisoformat(self.last_day), self.weekdays
        )
        return Strategy(
            strategy_id=self.strategy_id,
            scope=self.scope,
            number=self.number,
            change=self.change,
            hypothesis=self.hypothesis,
            metric=METRICS[self.metric].metric,
            window=window,
            owner=self.owner,
            units=self.units,
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """The facts of one metric over some days."""

    key: str
    """See `reading_key`."""
    facts: tuple[Fact, ...] = ()


def strategy_id(scope: str, number: int) -> str:
    """Return the id of the strategy that a scope calls ST-`number`."""
    return f"{scope}#ST{number}"


def reading_key(registered: Registered) -> str:
    """Return by which facts a strategy is judged: scope, metric, first and last day."""
    begin = registered.strategy.baseline.first.isoformat()
    return f"{registered.scope}|{registered.metric}|{begin}|{registered.last_day}"
