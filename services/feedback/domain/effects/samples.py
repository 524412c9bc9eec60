"""What a metric's observations are, made from facts.

| kind | a fact | an observation | value |
|---|---|---|---|
| ratio | a seat (part 0, whole 1), an attendance (1, 0) | a unit, such as a session | parts ÷ wholes |
| share | one person who did (part 1) or did not (part 0) | the people of a day | parts ÷ people |
| mean | one measured value (part) | the values of a unit, or of a day | their mean |
| count | so many happened (part) | a day, those without any included | per day |

A unit is what happens as a whole. Who comes to one session share its topic and its hour: of the next session,
forty people at four sessions tell as much as four observations, not as forty.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from services.feedback.domain.effects.windows import Window


class Kind(StrEnum):
    """How a metric is counted."""

    RATIO = "ratio"
    SHARE = "share"
    MEAN = "mean"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened, and names nobody.

    Raises:
        ValueError: A number is not finite, or the whole is negative.
    """

    on: dt.date
    """The day of its unit as the community's zone has it: registering for Tuesday's session is Tuesday's."""
    part: float = 1.0
    whole: float = 1.0
    unit: str = ""
    """To what it belongs, such as a session's id; empty: to its day."""

    def __post_init__(self) -> None:
        # A not-a-number fails the comparison too.
        if not (isfinite(self.part) and isfinite(self.whole) and self.whole >= 0):
            raise ValueError(f"{self.part} of {self.whole} is no observation")


@dataclass(frozen=True, slots=True)
class Observation:
    """What one unit comes to."""

    on: dt.date
    part: float
    whole: float


@dataclass(frozen=True, slots=True)
class Sample:
    """The observations of one window, in the order of their days."""

    kind: Kind
    observations: tuple[Observation, ...]

    @property
    def n(self) -> int:
        """How many there are: people of a share, units or days of all else."""
        return round(self.whole) if self.kind is Kind.SHARE else len(self.observations)

    @property
    def part(self) -> float:
        """All parts together."""
        return sum(each.part for each in self.observations)

    @property
    def whole(self) -> float:
        """All wholes together."""
        return sum(each.whole for each in self.observations)

    @property
    def value(self) -> float | None:
        """What the metric comes to; None without observations."""
        return self.part / self.whole if self.observations else None

    @property
    def weekdays(self) -> Counter[int]:
        """How many observations are on which weekday."""
        return Counter(each.on.weekday() for each in self.observations)


def sample_of(
    kind: Kind, facts: Iterable[Fact], window: Window, *, first: int | None = None, last: int | None = None
) -> Sample:
    """Return what the facts of a window come to; units whose whole is nothing are left out.

    Args:
        kind: how they are counted.
        facts: in any order; those outside the window are left out.
        window: the days.
        first: how many units from the first on, if not all.
        last: how many units up to the last, if not all.

    Raises:
        ValueError: A fact of a share is not one person who did or did not.
    """
    if kind is Kind.COUNT:
        return Sample(kind, _per_day(facts, window))
    if kind is Kind.SHARE:
        facts = [_checked(fact) for fact in facts]
    units: dict[str | dt.date, tuple[dt.date, float, float]] = {}
    for fact in facts:
        key = fact.unit or fact.on
        day, part, whole = units.get(key, (fact.on, 0.0, 0.0))
        # A session that was moved took place on the later day.
        units[key] = max(day, fact.on), part + fact.part, whole + fact.whole
    chosen = sorted(
        (day, str(key), part, whole) for key, (day, part, whole) in units.items() if whole and day in window
    )
    chosen = chosen[:first] if last is None else chosen[max(0, len(chosen) - last) :]
    return Sample(kind, tuple(Observation(day, part, whole) for day, _, part, whole in chosen))


def _per_day(facts: Iterable[Fact], window: Window) -> tuple[Observation, ...]:
    days = dict.fromkeys(window.days(), 0.0)
    for fact in facts:
        if fact.on in days:
            days[fact.on] += fact.part
    return tuple(Observation(day, part, 1.0) for day, part in days.items())


def _checked(fact: Fact) -> Fact:
    if fact.part not in {0, 1} or fact.whole != 1:
        raise ValueError("of a share, each fact is one person who did or did not")
    return fact
