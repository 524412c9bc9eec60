"""What members have a badge for, and how much of it makes which level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.rewards.domain import rules

LEVELS: Final[Mapping[str, tuple[int, ...]]] = {
    rules.THANKS: (5, 25, 100),
    rules.ANSWERED: (3, 15, 50),
    rules.HOSTED: (1, 5, 20),
    rules.ATTENDED: (3, 12, 40),
    rules.ADOPTED: (1, 3, 10),
    rules.CONTEST: (1, 3, 10),
    rules.USEFUL: (3, 15, 50),
}
"""How many rewarded actions make the first, the second and the third level."""

TOPIC: Final = (3, 15, 50)
"""The same for actions about one topic."""


def levels_of(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the levels that follow from how often a member was rewarded for what, where there are any.

    A count's name is an action, or a topic behind `topic:`.
    """
    levels = {name: _level(n, LEVELS.get(name, TOPIC)) for name, n in counts.items() if _counts(name)}
    return {name: level for name, level in levels.items() if level}


def next_level(name: str, count: int) -> int | None:
    """Return how many more make the next level of a badge, None where there is no higher one."""
    return next((each - count for each in LEVELS.get(name, TOPIC) if each > count), None)


def _counts(name: str) -> bool:
    return name in LEVELS or name.startswith("topic:")


def _level(count: int, steps: tuple[int, ...]) -> int:
    return sum(count >= each for each in steps)
