"""How a week came out."""

from __future__ import annotations

from dataclasses import dataclass

from services.rewards.domain.community import Nomination, Veto
from services.rewards.domain.week import Week


@dataclass(frozen=True, slots=True)
class Result:
    """Who a week's contributors are, and why nobody else is."""

    week: str
    winners: tuple[Week, ...] = ()
    runners_up: tuple[Week, ...] = ()
    rested: tuple[Week, ...] = ()
    """Who had as many points or more, and was named not long ago."""
    vetoed: tuple[Veto, ...] = ()
    """Against whom an admin spoke, of those who had as many points or more."""
    nominations: tuple[Nomination, ...] = ()
    """Of those who may be named on a board."""
    rest_weeks: int = 0
    """For how long who was named is not named again."""
