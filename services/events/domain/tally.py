"""What many sessions come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of sessions that start or started in some time, in all communities."""

    stages: Mapping[str, int]
    """How many are in which stage."""
    taken: int
    """Seats that are taken in those ahead."""
    waiting: int
    """How many people wait for one in those ahead."""
    registered: int
    """Who had a seat in those that have ended."""
    attended: int
    """Who was there."""
