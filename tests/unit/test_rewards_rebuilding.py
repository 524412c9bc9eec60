from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.rewards.consumer import rebuilding
from services.rewards.domain.rules import Rules
from services.rewards.domain.ruling import decide_rules
from shared.contracts.envelope import Envelope
from shared.contracts.rewards import LEDGER_EVENTS, ContributorNamed, RewardRulesChanged
from tests.support.events import member_id
from tests.support.rewards import SCOPE, Group, stores_in_memory
from tests.support.village import Village
from tests.unit.test_rewards_ledger import STEP, flagged, lived, overturned

A, B, C, D = 1, 2, 3, 4
REBUILT: tuple[type[Any], ...] = (*LEDGER_EVENTS, ContributorNamed, RewardRulesChanged)


async def rebuilt(group: Group, *, twice: bool = False) -> Group:
    """Return what follows from the facts alone that a group's rewards have told."""
    empty = Group()
    empty.stores = stores_in_memory()
    Village.__init__(empty, rebuilding(empty.stores), group._speaker, group.now)
    facts: list[Envelope[Any]] = [empty.fact(each) for each in group.facts if isinstance(each, REBUILT)]
    for each in facts:
        await empty.happens(each)
        if twice:
            await empty.happens(each)
    return empty


async def test_b9_10_the_ledger_alone_builds_up_balances_boards_badges_and_winners_again():
    group = await Group().founded()
    wanted = Rules(since=group.now, day_limit=30)
    await group.asks(
        group.stores.communities, SCOPE, lambda known, now: decide_rules(known, wanted, None, "reena", now)
    )
    for giver in (B, C, D, 5, 6):
        await group.thanks(giver, await group.writes(A))
    answer = await group.writes(B)
    await group.thanks(C, answer)
    await group.happens(flagged(group, answer, B))
    await group.passes(days=7)
    await group.thanks(C, await group.writes(B))
    await group.passes(days=7)
    empty = await rebuilt(group, twice=True)
    assert empty.balances() == group.balances()
    assert empty.kept(empty.stores.entries).keys() == group.kept(group.stores.entries).keys()
    mine, theirs = (each.kept(each.stores.communities)[SCOPE] for each in (empty, group))
    assert mine.named == theirs.named == {"2026-W47": (member_id(A),), "2026-W48": ()}
    assert mine.versions == theirs.versions
    badges = [
        {key: each.badges for key, each in every.kept(every.stores.accounts).items() if each.badges}
        for every in (empty, group)
    ]
    assert badges[0] == badges[1] != {}


async def test_b9_10_what_is_rebuilt_still_follows_moderation():
    group = await Group().founded()
    answer = await group.writes(A)
    await group.thanks(B, answer)
    await group.happens(flagged(group, answer))
    empty = await rebuilt(group)
    week = next(iter(empty.kept(empty.stores.weeks).values()))
    (claim,) = week.claims.values()
    assert not claim.valid
    assert claim.about == answer
    assert group.points(A) == 0
    await group.happens(overturned(group, answer))
    assert (await rebuilt(group)).points(A) == 2


@settings(max_examples=30, deadline=None)
@given(st.lists(STEP, max_size=20))
def test_b9_10_any_ledger_is_built_up_again(steps):
    async def both() -> tuple[dict[str, int], dict[str, int]]:
        group = await lived(steps)
        return group.balances(), (await rebuilt(group)).balances()

    mine, theirs = asyncio.run(both())
    assert mine == theirs
