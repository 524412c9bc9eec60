"""The first of a board: read when it is asked for, and changed by nobody through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.rewards.domain.week import Week

MOST: Final = 60
"""Members that are looked at when a week's contributors are named: some rest, some are private."""


@dataclass(frozen=True, slots=True)
class Leaders:
    """The first of a week."""

    board: str
    """The scope and the week, as boards are named: `<scope>|<week>`."""
    weeks: tuple[Week, ...] = ()
    """The most points first; of two who have as many, who had them first."""
