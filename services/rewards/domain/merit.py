"""What a member's week is made of, and whether it makes a contributor of the week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.rewards.domain.rules import ATTENDED, Rules
from services.rewards.domain.week import Claim, Week


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of action in a week."""

    action: str
    count: int
    points: int


def kinds_of(week: Week) -> tuple[Kind, ...]:
    """Return what a week's points are made of, the most points first."""
    counts: Counter[str] = Counter()
    points: Counter[str] = Counter()
    for claim in earning(week):
        counts[claim.action] += 1
        points[claim.action] += week.booked[claim.claim_id].points
    kinds = (Kind(action, counts[action], points[action]) for action in counts)
    return tuple(sorted(kinds, key=lambda each: (-each.points, each.action)))


def recognisers_of(week: Week, nominated_by: Iterable[str] = ()) -> frozenset[str]:
    """Return from whom the points of a week came: members, and occasions that more than one had a part in.

    To have sat in a session is recognised by nobody.
    """
    found = {each.giver or each.claim_id for each in earning(week) if each.giver or each.action != ATTENDED}
    return frozenset(found | set(nominated_by))


def is_enough(week: Week, rules: Rules, nominated_by: Iterable[str] = ()) -> bool:
    """Whether a week has the actions and the recognisers that a contributor of the week needs."""
    actions = sum(each.count for each in kinds_of(week))
    return (
        actions >= rules.least_actions and len(recognisers_of(week, nominated_by)) >= rules.least_recognisers
    )


def earning(week: Week) -> tuple[Claim, ...]:
    """Return the claims of a week that have earned something, in order."""
    found = (week.claims[name] for name, each in week.booked.items() if each.points > 0)
    return tuple(sorted(found, key=lambda each: (each.at, each.claim_id)))


MOST_NAMED: Final = 5
"""However many are equal, no more are named."""
