"""How sure a rate is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many, and between which bounds the true rate lies."""

    hits: int
    of: int
    value: float | None
    """None of nothing."""
    low: float
    high: float


def rate(hits: int, of: int, confidence: float = CONFIDENCE) -> Rate:
    """Return a rate with its Wilson score interval.

    It holds for few observations and for rates near 0 and 1, where the textbook's interval does not: E. B.
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212.

    Raises:
        ValueError: more hits than observations, or fewer than none.
    """
    if not 0 <= hits <= of:
        raise ValueError("There are as many hits as observations at most.")
    if of == 0:
        return Rate(0, 0, None, 0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, square = hits / of, z * z
    centre = share + square / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    whole = 1 + square / of
    # Rounding may lead past the observed rate where it is 0 or 1, which is a bound itself.
    low = 0.0 if hits == 0 else max(0.0, (centre - spread) / whole)
    high = 1.0 if hits == of else min(1.0, (centre + spread) / whole)
    return Rate(hits, of, share, low, high)


def higher(one: Rate, other: Rate) -> bool:
    """Whether `one` is higher than `other` by more than chance explains.

    The interval of the difference is made of both intervals: R. G. Newcombe, "Interval estimation for the
    difference between independent proportions", Statistics in Medicine 17 (1998), 873-890, method 10.
    """
    if one.value is None or other.value is None:
        return False
    difference = one.value - other.value
    return difference > math.hypot(one.value - one.low, other.high - other.value)
