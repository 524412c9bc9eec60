from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import Final

_STEPS: Final = (1, 2, 2.5, 5, 10)
_NOTHING: Final = 1e-9
_ABOUT: Final = 4
"""How many spaces there are between ticks, more or less."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where values stand on an axis, with ticks at round numbers."""

    ticks: tuple[float, ...]
    """From the least to the greatest, which are the ends of the axis."""

    @classmethod
    def over(cls, values: list[float]) -> Scale:
        """Return a scale that holds all values, and zero: only so can lengths be compared.

        Raises:
            ValueError: A value, or the distance of two, is not finite.
        """
        low, high = min([0.0, *values]), max([0.0, *values])
        if not all(isfinite(value) for value in (*values, high - low)):
            raise ValueError("what is not finite has no place on an axis")
        if high - low < _NOTHING:
            high = 1.0
        space = (high - low) / _ABOUT
        size = 10.0 ** floor(log10(space))
        # Half a tick would be seen, a billionth of one is what rounding leaves.
        step = next(factor * size for factor in _STEPS if factor * size >= space * (1 - _NOTHING))
        first, last = floor(low / step + _NOTHING), ceil(high / step - _NOTHING)
        return cls(tuple(number * step for number in range(first, last + 1)))

    def part(self, value: float) -> float:
        """Return how far along the axis a value is, from 0 to 1."""
        return (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
