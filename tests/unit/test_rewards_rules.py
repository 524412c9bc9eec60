from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rewards.domain.booking import Occasion
from services.rewards.domain.community import Community
from services.rewards.domain.reversing import restore, reverse
from services.rewards.domain.rings import bursts_of, edges_of, rings_of
from services.rewards.domain.rules import BUILT_IN, POINTS, Rules, rules_at
from services.rewards.domain.ruling import decide_rules, rules_in
from services.rewards.domain.simulating import simulated
from services.rewards.domain.subjects import ClaimsSubject
from services.rewards.scenes import around_claims
from shared.contracts.rewards import PointsReversed, RewardRulesChanged
from shared.errors import Conflict, Invalid
from tests.support.events import member_id
from tests.support.rewards import NOW, SCOPE, Group

A, B, C, D = 1, 2, 3, 4
LATER = NOW + dt.timedelta(days=7)


async def recognised(group: Group, member: int, *givers: int) -> None:
    for giver in givers:
        await group.thanks(giver, await group.writes(member))


def weeks(group: Group) -> list[Any]:
    return list(group.kept(group.stores.weeks).values())


def test_new_rules_hold_from_their_date_and_are_told():
    wanted = Rules(since=LATER, points={"thanks": 3})
    decision = decide_rules(Community(SCOPE), wanted, 0, "reena", NOW)
    (rules,) = decision.state.versions
    assert (rules.version, rules.since, rules.changed_by) == (1, LATER, "reena")
    assert rules_at(decision.state.versions, LATER - dt.timedelta(seconds=1)) == BUILT_IN
    assert rules_at(decision.state.versions, LATER).points == {"thanks": 3}
    (emitted,) = decision.emit
    assert isinstance(emitted.data, RewardRulesChanged)
    assert rules_in(emitted.data) == rules


def test_the_same_rules_again_are_no_new_version():
    community = decide_rules(Community(SCOPE), Rules(since=NOW, day_limit=30), None, "reena", NOW).state
    again = decide_rules(community, Rules(since=LATER, day_limit=30), None, "reena", NOW)
    assert again.state is community
    assert again.emit == ()


def test_rules_are_not_changed_behind_somebodys_back():
    community = decide_rules(Community(SCOPE), Rules(since=NOW, day_limit=30), 0, "reena", NOW).state
    with pytest.raises(Conflict):
        decide_rules(community, Rules(since=NOW, day_limit=40), 0, "mohan", NOW)


def test_rules_do_not_reach_back():
    with pytest.raises(Invalid):
        decide_rules(Community(SCOPE), Rules(since=NOW - dt.timedelta(days=1)), None, "reena", NOW)


async def test_x10_a_simulation_tells_who_would_rise_and_how_points_would_be_spread():
    group = await Group().founded()
    await recognised(group, A, B, C, D)
    await recognised(group, B, A)
    await group.happens(group.hosts(C, 12, NOW))
    found = simulated(weeks(group), (), Rules(points={"thanks": 10, "hosted": 1}, action_limits={}), ())
    assert found.before.points == 23
    assert found.after.points == 41
    assert [(each.member_id, each.before, each.after) for each in found.changes] == [
        (member_id(A), 6, 30),
        (member_id(B), 2, 10),
        (member_id(C), 15, 1),
    ]
    assert [(each.place_before, each.place_after) for each in found.changes] == [(2, 1), (3, 2), (1, 3)]
    assert found.before.reciprocal == pytest.approx(4 / 23)
    assert found.before.first == 1.0


STEPS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=25)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_x10_to_simulate_what_holds_changes_nothing(steps):
    async def lived() -> Group:
        group = await Group().founded(day_limit=9, pair_limit=2)
        for giver, earner in steps:
            await recognised(group, earner, giver)
        return group

    group = asyncio.run(lived())
    community = group.kept(group.stores.communities)[SCOPE]
    for candidate in (None, community.rules):
        found = simulated(weeks(group), community.versions, candidate)
        assert found.changes == ()
        assert found.before == found.after
        assert found.before.points == sum(each.points for each in group.entries())


async def test_two_who_thank_mostly_each_other_are_shown_with_the_evidence():
    group = await Group().founded()
    for _ in range(4):
        await recognised(group, A, B)
        await recognised(group, B, A)
    await recognised(group, A, C)
    await recognised(group, C, A, B, D)
    edges = edges_of(weeks(group))
    (ring,) = rings_of(edges)
    assert ring.members == (member_id(A), member_id(B))
    assert ring.inside == pytest.approx(8 / 9)
    assert {(each.giver, each.earner, each.thanks) for each in ring.edges} == {
        (member_id(A), member_id(B), 4),
        (member_id(B), member_id(A), 4),
    }
    assert all(len(each.claims) == each.thanks for each in ring.edges)


async def test_a_circle_of_three_is_a_ring_and_one_way_thanks_are_none():
    group = await Group().founded()
    for _ in range(3):
        await recognised(group, A, B)
        await recognised(group, B, C)
        await recognised(group, C, A)
        await recognised(group, D, A)
    (ring,) = rings_of(edges_of(weeks(group)))
    assert ring.members == (member_id(A), member_id(B), member_id(C))


async def test_who_is_thanked_by_many_is_no_ring():
    group = await Group().founded()
    for _ in range(3):
        await recognised(group, A, B, C, D, 5, 6, 7, 8)
        await recognised(group, B, A)
    assert rings_of(edges_of(weeks(group))) == ()


async def test_a_burst_is_many_thanks_at_once():
    group = await Group().founded()
    await recognised(group, A, *range(20, 29))
    await recognised(group, B, *range(20, 26))
    (burst,) = bursts_of(weeks(group))
    assert burst.member_id == member_id(A)
    assert len(burst.claims) == len(burst.givers) == 9


async def reversal(group: Group, claims: frozenset[str], do: Any, request: str) -> None:
    keys = tuple(each.key for each in weeks(group))
    occasion = Occasion(request, group.now, "reena", "आपसी धन्यवाद")
    await group.asks(
        around_claims(group.stores), ClaimsSubject(SCOPE, keys), lambda scene, _: do(scene, claims, occasion)
    )


async def test_what_was_got_by_fraud_is_taken_back_by_hand_and_given_again():
    group = await Group().founded()
    await recognised(group, A, B, C, D)
    claims = frozenset(each.claim_id for each in group.entries(A)[:2])
    await reversal(group, claims, reverse, "r1")
    await reversal(group, claims, reverse, "r2")
    assert group.points(A) == 2
    facts = group.heard(PointsReversed)
    assert [(each.by, each.why) for each in facts] == [("reena", "आपसी धन्यवाद")] * 2
    await reversal(group, claims, restore, "r3")
    assert group.points(A) == 6
    await reversal(group, claims, reverse, "r4")
    assert group.points(A) == 2


def test_every_built_in_action_is_worth_something_but_a_message():
    assert min(POINTS.values()) > 0
    assert "message" not in POINTS
