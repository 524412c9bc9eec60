"""How a community counts: what an action is worth, and where it stops counting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

THANKS: Final = "thanks"
ATTENDED: Final = "attended"
HOSTED: Final = "hosted"
ADOPTED: Final = "adopted"
CONTEST: Final = "contest"
ANSWERED: Final = "answered"
USEFUL: Final = "useful"

POINTS: Final[Mapping[str, int]] = {
    ANSWERED: 10,
    HOSTED: 15,
    ADOPTED: 15,
    CONTEST: 15,
    ATTENDED: 5,
    USEFUL: 4,
    THANKS: 2,
}
ACTION_LIMITS: Final[Mapping[str, int]] = {THANKS: 20, USEFUL: 20, ATTENDED: 15}

_EVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of how a community counts. A message alone is worth nothing in any."""

    version: int = 0
    since: dt.datetime = _EVER
    """What is earned from here on counts by it; what was earned before, by the version of its time."""
    points: Mapping[str, int] = field(default_factory=lambda: dict(POINTS))
    action_limits: Mapping[str, int] = field(default_factory=lambda: dict(ACTION_LIMITS))
    """The most points of a day by one kind of action; one that is not named has no limit of its own."""
    day_limit: int = 60
    """The most points of a day."""
    pair_limit: int = 3
    """How often in a week the thanks of one member to another count."""
    newcomer_days: int = 7
    """For how long the thanks of somebody who has just come count nothing."""
    reactions: bool = False
    """Whether a reaction such as 🙏 is thanks."""
    least_actions: int = 3
    """Of a contributor of the week."""
    least_recognisers: int = 2
    """Of a contributor of the week: members, or sessions, that their points came from."""
    rest_weeks: int = 4
    """For how long who was named is not named again."""
    changed_by: str = ""
    changed_at: dt.datetime | None = None


BUILT_IN: Final = Rules()


def rules_at(versions: tuple[Rules, ...], at: dt.datetime) -> Rules:
    """Return the version by which what happened then counts: the newest of those that hold by then."""
    return max(
        (each for each in versions if each.since <= at), key=lambda each: each.version, default=BUILT_IN
    )
