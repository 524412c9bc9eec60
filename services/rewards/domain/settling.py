"""What the facts of a week are worth: a function of them and of the rules, and of nothing else.

Limits are filled in the order in which things were earned, not in that in which they were heard of. So a
claim that is taken back frees the room it had taken, and nobody loses by somebody else's fraud.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.rewards.domain.rules import BUILT_IN, THANKS, Rules, rules_at
from services.rewards.domain.week import Claim, Week

EARNED: Final = "earned"
WITHDRAWN: Final = "withdrawn"
REMOVED: Final = "removed"
SELF: Final = "self"
TWICE: Final = "twice"
RESTRICTED: Final = "restricted"
NEWCOMER: Final = "newcomer"
PAIR_LIMIT: Final = "pair_limit"
ACTION_LIMIT: Final = "action_limit"
DAY_LIMIT: Final = "day_limit"
NOT_REWARDED: Final = "not_rewarded"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a claim is worth, and why it is not more."""

    points: int
    reason: str
    rule_version: int


def settled(week: Week, versions: tuple[Rules, ...]) -> dict[str, Grant]:
    """Return what every claim of a week is worth, by its id."""
    tally = _Tally(week)
    in_order = sorted(week.claims.values(), key=lambda each: (each.at, each.claim_id))
    return {
        each.claim_id: tally.granted(each, rules_at(versions, each.at) if versions else BUILT_IN)
        for each in in_order
    }


class _Tally:
    """What was granted so far, as far as it limits what comes after it."""

    def __init__(self, week: Week) -> None:
        self._week = week
        self._own = week.aliases | {week.member_id}
        self._days: dict[str, int] = {}
        self._actions: dict[tuple[str, str], int] = {}
        self._pairs: dict[str, int] = {}
        self._thanked: set[tuple[str, str]] = set()

    def granted(self, claim: Claim, rules: Rules) -> Grant:
        """Return what the next claim is worth."""
        worth = rules.points.get(claim.action, 0)
        against = next(self._against(claim, rules), None if worth > 0 else NOT_REWARDED)
        if against is not None:
            return Grant(0, against, rules.version)
        if claim.action == THANKS and claim.giver is not None:
            self._pairs[claim.giver] = self._pairs.get(claim.giver, 0) + 1
            if claim.about is not None:
                self._thanked.add((claim.giver, claim.about))
        kind = (claim.day, claim.action)
        of_day, of_action = self._days.get(claim.day, 0), self._actions.get(kind, 0)
        by_action = rules.action_limits.get(claim.action, of_action + worth) - of_action
        by_day = rules.day_limit - of_day
        points = max(0, min(worth, by_action, by_day))
        self._actions[kind] = of_action + points
        self._days[claim.day] = of_day + points
        if points == worth:
            return Grant(points, EARNED, rules.version)
        return Grant(points, DAY_LIMIT if by_day <= by_action else ACTION_LIMIT, rules.version)

    def _against(self, claim: Claim, rules: Rules) -> Iterator[str]:
        """Yield why a claim is worth nothing, the weightiest reason first."""
        giver = claim.giver
        if not claim.stands:
            yield WITHDRAWN
        if not claim.valid:
            yield REMOVED
        if giver in self._own:
            yield SELF
        if self._week.restrictions and any(each.covers(claim.at) for each in self._week.restrictions):
            yield RESTRICTED
        if giver is None:
            return
        if is_newcomer(self._week.newcomers.get(giver), claim.at, rules):
            yield NEWCOMER
        if claim.action == THANKS:
            if (giver, claim.about) in self._thanked:
                yield TWICE
            if self._pairs.get(giver, 0) >= rules.pair_limit:
                yield PAIR_LIMIT


def is_newcomer(joined_at: dt.datetime | None, at: dt.datetime, rules: Rules) -> bool:
    """Whether somebody who came then, as far as that is known, had just come at that time."""
    return joined_at is not None and at < joined_at + dt.timedelta(days=rules.newcomer_days)
