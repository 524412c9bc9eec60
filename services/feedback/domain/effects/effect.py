"""How much a metric differs between two samples, and how sure that is.

Shares of people have closed formulas. All else is a ratio of sums over units, whose interval is that of the
bootstrap: units are drawn, each with its part and its whole together (Davison and Hinkley (1997), Bootstrap
Methods and their Application, 2.4). Of few units, such an interval is too narrow, the bias-corrected one
too: with four on each side, one change in twelve that does nothing would pass for an effect. Hesterberg's
expanded percentile interval, (2015) Am. Stat. 69, 371-386, goes as far into the tails as Student's t does.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from services.feedback.domain.effects.samples import Kind, Sample
from services.feedback.domain.intervals import CONFIDENCE, Interval, newcombe, wilson

SIDE_CONFIDENCE: Final = 0.90
"""Of the intervals of the two values, which are there to be compared: that they do not overlap is a test
at 2 %. Of 95 %, it would be one at 0.6 %, and blind to most of what helps (Goldstein and Healy (1995), J. R.
Stat. Soc. A 158, 175-177)."""

RESAMPLES: Final = 9_999
"""Enough that another seed moves an end of an interval by no more than a few per cent of its width."""

_FEWEST: Final = 2
"""Units that differ from each other at all."""

_RESAMPLED_UP_TO: Final = 1_000
"""Units. Of more, a mean is as good as normal, and the bootstrap costs seconds to say the same."""

_AT_A_TIME: Final = 2_000_000
"""Draws held in memory at once: 16 MB."""

_ROUNDING: Final = 1e-9

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Side:
    """What a metric came to in one of the two windows."""

    n: int
    value: float | None
    """None without observations."""
    interval: Interval | None
    """With 90 % confidence; None where one unit says nothing of how much the next will differ."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a metric came to before and after a change."""

    kind: Kind
    before: Side
    after: Side
    interval: Interval | None
    """Of the difference, with 95 % confidence; None where a side has none."""

    @property
    def difference(self) -> float | None:
        """How much greater it is after; None where one side has no value."""
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value

    @property
    def relative(self) -> float | None:
        """The difference as a part of what was before; None where that was nothing."""
        if self.difference is None or not self.before.value:
            return None
        return self.difference / self.before.value


def effect_of(before: Sample, after: Sample, seed: str, *, resamples: int = RESAMPLES) -> Effect:
    """Return how the metric differs between two samples of one kind.

    Args:
        before: what was observed in the baseline.
        after: what was observed in the window.
        seed: such as the strategy's id; the same samples and seed give the same intervals.
        resamples: how many are drawn.

    Raises:
        ValueError: The samples are of two kinds.
    """
    if before.kind is not after.kind:
        raise ValueError(f"a {before.kind} is not compared with a {after.kind}")
    if before.kind is Kind.SHARE:
        return _of_shares(before, after)
    # Its own generator, so that what else is drawn in the process changes nothing.
    draw = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]))
    drawn = [_resampled(sample, draw, resamples) for sample in (before, after)]
    sides = [
        Side(sample.n, sample.value, None if values is None else _interval(values, sample.n, SIDE_CONFIDENCE))
        for sample, values in zip((before, after), drawn, strict=True)
    ]
    interval = None
    if drawn[0] is not None and drawn[1] is not None:
        interval = _interval(drawn[1] - drawn[0], min(before.n, after.n), CONFIDENCE)
    return Effect(before.kind, sides[0], sides[1], interval)


def _of_shares(before: Sample, after: Sample) -> Effect:
    sides = [
        Side(each.n, each.value, wilson(each.part, each.whole, SIDE_CONFIDENCE) if each.n else None)
        for each in (before, after)
    ]
    interval = None
    if before.n and after.n:
        interval = newcombe(before.part, before.whole, after.part, after.whole)
    return Effect(Kind.SHARE, sides[0], sides[1], interval)


def _resampled(sample: Sample, draw: np.random.Generator, resamples: int) -> _Floats | None:
    """Return what the metric comes to in samples like this one; None where it has fewer than two units."""
    n = sample.n
    if n < _FEWEST:
        return None
    parts = np.array([each.part for each in sample.observations], dtype=np.float64)
    wholes = np.array([each.whole for each in sample.observations], dtype=np.float64)
    if n > _RESAMPLED_UP_TO:
        # The standard error of a ratio of sums: Cochran (1977), Sampling Techniques, 6.13.
        ratio = parts.sum() / wholes.sum()
        error = sqrt(np.square(parts - ratio * wholes).sum() / (n * (n - 1))) / wholes.mean()
        return draw.normal(ratio, error, resamples)
    # It costs a second to load, and only a verdict needs it.
    from scipy.stats import bootstrap  # noqa: PLC0415

    result = bootstrap(
        (parts, wholes),
        _ratio,
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=resamples,
        batch=max(1, _AT_A_TIME // n),
        rng=draw,
    )
    return np.asarray(result.bootstrap_distribution, dtype=np.float64)


def _ratio(parts: _Floats, wholes: _Floats, axis: int = -1) -> _Floats:
    return np.asarray(parts.sum(axis=axis) / wholes.sum(axis=axis))


def _interval(values: _Floats, n: int, confidence: float) -> Interval:
    """Return Hesterberg's expanded percentile interval: as far into the tails as Student's t would be."""
    from scipy.special import ndtr, stdtrit  # noqa: PLC0415

    tail = ndtr(sqrt(n / (n - 1)) * stdtrit(n - 1, (1 - confidence) / 2))
    low, high = np.quantile(values, (tail, 1 - tail))
    # Sums that are equal differ in their last digits when they are added up in another order.
    hair = _ROUNDING * max(abs(low), abs(high))
    return Interval(float(low - hair), float(high + hair))
