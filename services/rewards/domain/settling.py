"""What the facts of a week are worth: a function of them and of the rules, and of nothing else.

Limits are filled in the order in which things were earned, not in that in which they were heard of. So a
claim that is taken back frees the room it had taken, and nobody loses by somebody else's fraud.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
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
    tally = _Tally()
    in_order = sorted(week.claims.values(), key=lambda each: (each.at, each.claim_id))
    return {
        each.claim_id: _granted(week, each, rules_at(versions, each.at) if versions else BUILT_IN, tally)
        for each in in_order
    }


class _Tally:
    """What was granted so far, as far as it limits what comes after it."""

    def __init__(self) -> None:
        self.days: Counter[str] = Counter()
        self.actions: Counter[tuple[str, str]] = Counter()
        self.pairs: Counter[str] = Counter()
        self.thanked: set[tuple[str, str]] = set()


def _granted(week: Week, claim: Claim, rules: Rules, tally: _Tally) -> Grant:
    worth = rules.points.get(claim.action, 0)
    against = _against(week, claim, rules, tally)
    if against is None and worth <= 0:
        against = NOT_REWARDED
    if against is not None:
        return Grant(0, against, rules.version)
    if claim.action == THANKS and claim.giver is not None:
        tally.pairs[claim.giver] += 1
        if claim.about is not None:
            tally.thanked.add((claim.giver, claim.about))
    kind = (claim.day, claim.action)
    limit = rules.action_limits.get(claim.action)
    by_action = worth if limit is None else limit - tally.actions[kind]
    by_day = rules.day_limit - tally.days[claim.day]
    points = max(0, min(worth, by_action, by_day))
    tally.actions[kind] += points
    tally.days[claim.day] += points
    if points == worth:
        return Grant(points, EARNED, rules.version)
    return Grant(points, DAY_LIMIT if by_day <= by_action else ACTION_LIMIT, rules.version)


def _against(week: Week, claim: Claim, rules: Rules, tally: _Tally) -> str | None:
    """Return why a claim is worth nothing, None where nothing speaks against it."""
    giver = claim.giver
    thanks = claim.action == THANKS and giver is not None
    speaks = (
        (WITHDRAWN, not claim.stands),
        (REMOVED, not claim.valid),
        (SELF, giver == week.member_id or giver in week.aliases),
        (RESTRICTED, any(each.covers(claim.at) for each in week.restrictions)),
        (NEWCOMER, is_newcomer(week.newcomers.get(giver or ""), claim.at, rules)),
        (TWICE, thanks and (giver, claim.about) in tally.thanked),
        (PAIR_LIMIT, thanks and tally.pairs[giver or ""] >= rules.pair_limit),
    )
    return next((reason for reason, holds in speaks if holds), None)


def is_newcomer(joined_at: dt.datetime | None, at: dt.datetime, rules: Rules) -> bool:
    """Whether who came at that time had just come: what they recognise weighs nothing yet."""
    return joined_at is not None and at < joined_at + dt.timedelta(days=rules.newcomer_days)
