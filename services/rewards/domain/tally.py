"""What rewards come to over all communities, for those who look after the installation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """The last weeks in numbers."""

    rewarded: int = 0
    """Members who have any points."""
    first: float = 0.0
    """What share of a community's points its first five have, in the community where that is most."""
    awarded: int = 0
    """Points of all lines that add."""
    reversed: int = 0
    """Points of all lines that take back."""
