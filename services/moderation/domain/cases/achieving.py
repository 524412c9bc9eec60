"""How much of what rules have wanted the channel could do: what a group cannot have, it should know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.moderation.domain.cases.case import Achieved
from services.moderation.domain.history.interval import Rate, rate

BEYOND = frozenset({Achieved.NOTICE, Achieved.FAILED, Achieved.BY_HAND})
"""What the channel has not done: a task for an admin, whether or not somebody has done it since."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one rule has wanted of the channel."""

    rule: str
    done: int
    by_hand: int
    left: int
    """Tasks that nobody has done."""
    pending: int
    beyond: Rate
    """Of what has come to an end, how much the channel did not do."""


def by_rule(counts: Iterable[tuple[str, Achieved, int]]) -> tuple[Wanted, ...]:
    """Return what each rule has wanted, from how often each came to what; what was not wanted is left out."""
    found: dict[str, Counter[Achieved]] = {}
    for rule, achieved, count in counts:
        if achieved is not Achieved.NOTHING:
            found.setdefault(rule, Counter())[achieved] += count
    return tuple(_wanted(rule, found[rule]) for rule in sorted(found))


def _wanted(rule: str, came_to: Counter[Achieved]) -> Wanted:
    beyond = sum(came_to[each] for each in BEYOND)
    return Wanted(
        rule=rule,
        done=came_to[Achieved.DONE],
        by_hand=came_to[Achieved.BY_HAND],
        left=came_to[Achieved.NOTICE] + came_to[Achieved.FAILED],
        pending=came_to[Achieved.PENDING],
        beyond=rate(beyond, beyond + came_to[Achieved.DONE]),
    )
