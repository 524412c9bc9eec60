"""Intervals of shares by closed formulas: a poll is answered without loading a statistics library."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

CONFIDENCE: Final = 0.95
"""How often an interval, made again and again from new data, holds what is true."""


def z(confidence: float = CONFIDENCE) -> float:
    """Return how many standard errors a two-sided interval reaches to each side."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both within it."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Tell whether a value is within it."""
        return self.low <= value <= self.high

    def overlaps(self, other: Interval) -> bool:
        """Tell whether they have a value in common; those that touch have."""
        return self.low <= other.high and other.low <= self.high


def wilson(count: float, n: float, confidence: float = CONFIDENCE) -> Interval:
    """Return the interval of the share `count` of `n`.

    The score interval without correction for continuity: Wilson (1927), J. Am. Stat. Assoc. 22, 209-212;
    method 3 of Newcombe (1998), Stat. Med. 17, 857-872, who recommends it for small `n` too.

    Raises:
        ValueError: There are no trials, or `count` is not among them.
    """
    if n <= 0 or not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is no share")
    share, reached = count / n, z(confidence)
    middle = share + reached**2 / (2 * n)
    reach = reached * sqrt(share * (1 - share) / n + reached**2 / (4 * n**2))
    scale = 1 + reached**2 / n
    # At the ends the formula is exact, its rounding is not.
    low = 0.0 if count == 0 else max(0.0, (middle - reach) / scale)
    high = 1.0 if count == n else min(1.0, (middle + reach) / scale)
    return Interval(low, high)


def newcombe(count: float, n: float, later_count: float, later_n: float) -> Interval:
    """Return the interval of how much greater the later share is, of two groups that share nobody.

    The hybrid score interval: method 10 of Newcombe (1998), Stat. Med. 17, 873-890.

    Raises:
        ValueError: One of them is no share.
    """
    earlier, later = wilson(count, n), wilson(later_count, later_n)
    share, later_share = count / n, later_count / later_n
    difference = later_share - share
    return Interval(
        difference - sqrt((later_share - later.low) ** 2 + (earlier.high - share) ** 2),
        difference + sqrt((later.high - later_share) ** 2 + (share - earlier.low) ** 2),
    )
