from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from services.feedback.domain.effects.samples import Kind
from services.feedback.domain.effects.windows import Window, baseline_of


class Good(StrEnum):
    """Which way a metric is to go."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured."""

    name: str
    """Its code, the same for all strategies that want to change it, such as `attendance_ratio`."""
    kind: Kind
    good: Good = Good.UP


@dataclass(frozen=True, slots=True)
class Strategy:
    """A registered change, with what it is expected to do and how that will be seen.

    Everything is fixed before the first day counts. A window that could end when the numbers look good would
    find an effect in noise.

    Raises:
        ValueError: It is to be measured by fewer than one unit.
    """

    strategy_id: str
    scope: str
    """The community, or the chat where there is none."""
    number: int
    change: str
    hypothesis: str
    metric: Metric
    window: Window
    """When its effect is observed; its first day is the first on which the change is in force."""
    owner: str
    """The member who answers for it."""
    units: int | None = None
    """By how many units it is measured, such as four sessions, if not by all of the window."""

    def __post_init__(self) -> None:
        if self.units is not None and self.units < 1:
            raise ValueError("a strategy is measured by at least one unit")

    @property
    def mark(self) -> str:
        """How people name it."""
        return f"ST-{self.number}"

    @property
    def starts_on(self) -> dt.date:
        """The first day on which the change is in force."""
        return self.window.first

    @property
    def baseline(self) -> Window:
        """What the window is compared with."""
        return baseline_of(self.window)
