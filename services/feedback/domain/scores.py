"""What answers to a question come to, and whether they are enough to say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt
from typing import Final

from services.feedback.domain.intervals import Interval, wilson, z

ENOUGH: Final = 10
"""Answers from which a score is given; of fewer, one answer moves it by more than ten points."""

ANONYMOUS: Final = 5
"""Anonymous answers from which anything is shown: among fewer, people know each other's."""

_MOST: Final = {"nps": 10, "csat": 5}
_PROMOTER, _DETRACTOR = 9, 6
_SATISFIED: Final = 4


class Standing(StrEnum):
    """What may be shown of the answers."""

    HIDDEN = "hidden"
    """How many there are, and nothing else."""
    FEW = "few"
    """Counts, but no score and no percentage."""
    ENOUGH = "enough"
    """Everything."""


@dataclass(frozen=True, slots=True)
class Score:
    """A score with what it rests on."""

    n: int
    """Answers."""
    standing: Standing
    needed: int
    """How many answers it takes: for anything while hidden, for a score after that."""
    value: float | None = None
    """The score; None unless the answers are enough."""
    interval: Interval | None = None
    """Where the score of all would be, with 95 % confidence."""
    groups: Mapping[str, int] = field(default_factory=dict)
    """How many answers are in which group; empty while hidden."""


@dataclass(frozen=True, slots=True)
class Option:
    """How often one answer was chosen."""

    name: str
    count: int
    share: float | None = None
    """Of those who answered; None while they are few."""
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """How often each answer was chosen."""

    n: int
    """Who answered."""
    standing: Standing
    needed: int
    options: tuple[Option, ...] = ()
    """The most chosen first; empty while hidden."""


def standing_of(n: int, *, anonymous: bool) -> tuple[Standing, int]:
    """Return what may be shown of `n` answers, and how many it takes to show anything, or else all."""
    if anonymous and n < ANONYMOUS:
        return Standing.HIDDEN, ANONYMOUS
    return Standing.FEW if n < ENOUGH else Standing.ENOUGH, ENOUGH


def nps(counts: Mapping[int, int], *, anonymous: bool = False) -> Score:
    """Return the Net Promoter Score, -100 to 100: per cent of promoters (9, 10) less detractors (0 to 6).

    Reichheld (2003), Harvard Business Review 81 (12). The interval is the adjusted Wald interval with three
    more answers, 3/4 promoter, 3/4 detractor, 3/2 neither: the best of those in Rocks (2016), Am. Stat. 70,
    365-372.

    Args:
        counts: how often each answer from 0 to 10 was given.
        anonymous: whether nobody may learn who answered.

    Raises:
        ValueError: An answer is off the scale, or was given less than never.
    """
    _check(counts, 0, _MOST["nps"])
    n = sum(counts.values())
    promoters = sum(count for answer, count in counts.items() if answer >= _PROMOTER)
    detractors = sum(count for answer, count in counts.items() if answer <= _DETRACTOR)
    standing, needed = standing_of(n, anonymous=anonymous)
    if standing is Standing.HIDDEN:
        return Score(n, standing, needed)
    groups = {"promoters": promoters, "passives": n - promoters - detractors, "detractors": detractors}
    if standing is Standing.FEW:
        return Score(n, standing, needed, groups=groups)
    middle, reach = adjusted_wald(promoters, detractors, n)
    interval = Interval(max(-100.0, 100 * (middle - reach)), min(100.0, 100 * (middle + reach)))
    return Score(n, standing, needed, 100 * (promoters - detractors) / n, interval, groups)


def adjusted_wald(promoters: int, detractors: int, n: int, added: float = 3) -> tuple[float, float]:
    """Return the middle of the interval of the net share of promoters, and how far it reaches to each side.

    With `added` 0 it is the plain interval of a mean of answers that count 1, 0 and -1.
    """
    total = n + added
    up, down = (promoters + added / 4) / total, (detractors + added / 4) / total
    return up - down, z() * sqrt((up + down - (up - down) ** 2) / total)


def csat(counts: Mapping[int, int], *, anonymous: bool = False) -> Score:
    """Return the share of those who are satisfied, in per cent: 4 and 5 of five.

    The "top two box" of Farris et al. (2010), Marketing Metrics, chapter 2; its interval is Wilson's.

    Args:
        counts: how often each answer from 1 to 5 was given.
        anonymous: whether nobody may learn who answered.

    Raises:
        ValueError: An answer is off the scale, or was given less than never.
    """
    _check(counts, 1, _MOST["csat"])
    n = sum(counts.values())
    satisfied = sum(count for answer, count in counts.items() if answer >= _SATISFIED)
    standing, needed = standing_of(n, anonymous=anonymous)
    if standing is Standing.HIDDEN:
        return Score(n, standing, needed)
    groups = {"satisfied": satisfied, "others": n - satisfied}
    if standing is Standing.FEW:
        return Score(n, standing, needed, groups=groups)
    within = wilson(satisfied, n)
    interval = Interval(100 * within.low, 100 * within.high)
    return Score(n, standing, needed, 100 * satisfied / n, interval, groups)


def choices(counts: Mapping[str, int], *, respondents: int | None = None, anonymous: bool = False) -> Choices:
    """Return how often each answer was chosen, with Wilson's interval of its share of those who answered.

    Each interval holds for its option alone: the shares of one question depend on each other.

    Args:
        counts: how often each option was chosen, zero included for what is to be shown.
        respondents: who answered, where one may choose several; otherwise the sum of `counts`.
        anonymous: whether nobody may learn who answered.

    Raises:
        ValueError: An option was chosen less than never, or by more than have answered.
    """
    n = sum(counts.values()) if respondents is None else respondents
    if any(not 0 <= count <= n for count in counts.values()) or sum(counts.values()) < n:
        raise ValueError("an option is chosen by none to all of those who answered, and each of them chose")
    standing, needed = standing_of(n, anonymous=anonymous)
    if standing is Standing.HIDDEN:
        return Choices(n, standing, needed)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if standing is Standing.FEW:
        return Choices(n, standing, needed, tuple(Option(name, count) for name, count in ranked))
    options = tuple(Option(name, count, count / n, wilson(count, n)) for name, count in ranked)
    return Choices(n, standing, needed, options)


def _check(counts: Mapping[int, int], least: int, most: int) -> None:
    for answer, count in counts.items():
        if not least <= answer <= most or count < 0:
            raise ValueError(f"{count} answers of {answer} on a scale from {least} to {most}")
