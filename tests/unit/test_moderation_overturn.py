from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.moderation.domain.cases.act import Act, Grounds
from services.moderation.domain.cases.case import Achieved, Case, CaseState, Ground
from services.moderation.domain.cases.opening import Order, Subject, open_case
from services.moderation.domain.cases.tasks import INVITE, left
from services.moderation.domain.judging.verdict import Category, Intent
from services.moderation.domain.members import ladder
from services.moderation.domain.members.standing import Standing
from services.moderation.domain.policy.document import StepKind
from services.moderation.domain.review.overturn import overturn
from services.moderation.domain.review.reviews import undo
from services.moderation.domain.scene import Scene
from shared.contracts.actions import MemberRemove
from shared.contracts.moderation import (
    CaseOverturned,
    CaseUpheld,
    MemberReleased,
    MemberRestricted,
    ReleaseReason,
)
from shared.decision import Cancel, Decision
from shared.errors import Conflict
from tests.support.events import member_id, message_id
from tests.support.moderation import NOW, Group, facts, later, policy, text_of

ACT = Act("admin", Grounds.WRONG_MATCH)
LINK = Ground("links", 3, "links", "link", 0.9, category=Category.SPAM)
INSULT = Ground("respect", 2, "abuse", "slur", 0.9, category=Category.ABUSE)


def grown(**more: Any) -> Group:
    group = Group(policy(), **more)
    group.settled(1)
    return group


def struck(group: Group, number: int, *, at: dt.datetime = NOW, ground: Ground = LINK) -> Case:
    """Let member 1 break a rule with message `number`."""
    opened = open_case(
        group.scene(1),
        Order("rule", at),
        about=group.person(1),
        subject=Subject(message_id(number), "देखें bit.ly/abc"),
        grounds=(ground,),
        intent=Intent.REMOVE,
    )
    group.keep(opened.decision("struck"))
    return opened.case


def overturned(group: Group, number: int, at: dt.datetime, act: Act = ACT) -> Decision[Scene]:
    scene = group.scene(1, cases=(number,))
    return group.keep(overturn(scene, group.case(number), act, at))


def effect(standing: Standing) -> tuple[object, ...]:
    return standing.strikes, standing.restriction, standing.removed_by, standing.accepted, standing.since


def test_b5_10_a_case_that_is_overturned_leaves_nothing_of_its_strike():
    group = grown()
    before = effect(group.standing(1))
    struck(group, 1)
    assert group.standing(1).points(NOW) == 1
    decision = overturned(group, 1, later(hours=1))
    assert effect(group.standing(1)) == before
    assert group.case(1).state is CaseState.OVERTURNED
    assert group.timers == {}
    (fact,) = facts(decision, CaseOverturned)
    assert (fact.case_id, fact.message_id, fact.reason) == (
        group.case(1).case_id,
        message_id(1),
        "wrong_match",
    )


def test_b5_10_overturning_the_first_case_lifts_the_restriction_that_the_second_led_to():
    group = grown()
    struck(group, 1)
    struck(group, 2, at=later(hours=1))
    assert group.case(2).step is StepKind.RESTRICT
    assert group.standing(1).restricted(later(hours=2))
    decision = overturned(group, 1, later(hours=2))
    assert not group.standing(1).restricted(later(hours=2))
    (released,) = facts(decision, MemberReleased)
    assert (released.case_id, released.reason) == (group.case(2).case_id, ReleaseReason.OVERTURNED)
    second = group.case(2)
    assert (second.state, second.step, second.cites) == (CaseState.DECIDED, StepKind.WARN, ())
    assert second.restriction_until is None
    assert second.audit[-1].what == "recounted"
    assert group.standing(1).points(later(hours=2)) == 1
    assert [name.partition("/")[0] for name in group.timers] == ["strike"]


def test_b5_10_who_may_be_out_of_the_group_is_to_be_invited_by_an_admin():
    group = grown()
    for number in (1, 2):
        struck(group, number, at=later(hours=number))
    removing = struck(group, 3, at=later(hours=3))
    assert group.standing(1).removed_by == removing.case_id
    decision = overturned(group, 1, later(hours=4))
    assert group.standing(1).removed_by is None
    assert [step.action for step in left(group.case(3))] == [INVITE]
    assert "निमंत्रण" in text_of(decision.say[0])


def test_b5_10_a_removal_that_nobody_did_by_hand_is_no_task_any_more():
    group = grown(capabilities=frozenset({"text"}))
    struck(group, 1, ground=replace(LINK, category=Category.SCAM, rule="income", check="scam"))
    assert {step.action for step in left(group.case(1))} == {MemberRemove.TYPE, "message.delete"}
    overturned(group, 1, later(hours=1))
    assert left(group.case(1)) == ()
    assert {step.achieved for step in group.case(1).steps} == {Achieved.NOTHING}


def test_b5_10_the_apology_is_for_the_member_alone_and_never_aloud():
    group = grown()
    struck(group, 1)
    decision = overturned(group, 1, NOW, replace(ACT, words="आपकी साइट की अनुमति थी।"))
    (say,) = decision.say
    assert (say.privately_to, say.aloud, say.mentions) == (member_id(1), False, ())
    assert "खेद" in text_of(say)
    assert "आपकी साइट की अनुमति थी।" in text_of(say)
    assert "bit.ly" not in text_of(say)


def test_b5_10_a_pardon_is_no_apology_and_says_so_to_other_services():
    group = grown()
    struck(group, 1)
    struck(group, 2)
    decision = overturned(group, 2, later(hours=1), Act(member_id(9), Grounds.PARDON))
    assert [fact.reason for fact in facts(decision, MemberReleased)] == [ReleaseReason.PARDONED]
    assert "माफ़" in text_of(decision.say[0])


def test_what_has_no_effect_cannot_be_taken_back():
    group = grown()
    struck(group, 1)
    overturned(group, 1, NOW)
    with pytest.raises(Conflict):
        overturned(group, 1, NOW)


def test_b5_10_a_message_becomes_an_example_with_its_authors_consent_alone():
    group = grown()
    struck(group, 1)
    without = overturn(group.scene(1, cases=(1,)), group.case(1), ACT, NOW).state
    assert set(without.regressions.values()) == {None}
    group.cases[group.case(1).case_id] = replace(group.case(1), consent=True)
    scene = overturn(group.scene(1, cases=(1,)), group.case(1), ACT, NOW).state
    (kept,) = (each for each in scene.regressions.values() if each is not None)
    assert (kept.text, kept.rule, kept.check, kept.code) == ("देखें bit.ly/abc", "links", "links", "link")
    assert not hasattr(kept, "member_id")


def test_undoing_an_overturn_gives_the_strike_back_as_it_was():
    group = grown()
    struck(group, 1)
    struck(group, 2, at=later(hours=1))
    before, timers = effect(group.standing(1)), dict(group.timers)
    overturned(group, 1, later(hours=2))
    decision = group.keep(undo(group.scene(1, cases=(1,)), group.case(1), by="admin", now=later(hours=3)))
    assert effect(group.standing(1)) == before
    assert {name: wake.due for name, wake in group.timers.items()} == {
        name: wake.due for name, wake in timers.items()
    }
    assert group.case(1).state is CaseState.DECIDED
    assert (group.case(2).step, group.case(2).cites) == (StepKind.RESTRICT, (1,))
    assert [fact.reason for fact in facts(decision, CaseUpheld)] == ["undone"]
    assert len(facts(decision, MemberRestricted)) == 1


STRIKES = st.lists(
    st.tuples(st.integers(0, 60 * 24), st.sampled_from([LINK, INSULT])), min_size=1, max_size=6
)


@settings(max_examples=150, deadline=None)
@given(STRIKES, st.data())
def test_b5_10_act_and_overturn_is_as_if_it_had_never_been(strikes, data):
    strikes = sorted(strikes, key=lambda each: each[0])
    dropped = data.draw(st.integers(0, len(strikes) - 1))
    after = data.draw(st.integers(0, 24 * 90))
    acted, never = grown(), grown()
    cases: dict[int, int] = {}
    for place, (hours, ground) in enumerate(strikes):
        struck(acted, place, at=later(hours=hours), ground=ground)
        if place != dropped:
            cases[place + 1] = struck(never, place, at=later(hours=hours), ground=ground).number
    at = later(hours=strikes[-1][0] + after)
    overturned(acted, dropped + 1, at)
    one, other = acted.standing(1), never.standing(1)
    renamed = {f"community:seekho#{before}": f"community:seekho#{now}" for before, now in cases.items()}
    strikes_left = tuple(replace(each, case=renamed[each.case]) for each in one.strikes)
    same = ladder.derive(replace(one, strikes=strikes_left))
    assert effect(same) == effect(other)
    assert one.trust(acted.policy, at, admin=False) is other.trust(never.policy, at, admin=False)
    for before, now in cases.items():
        left_over, untouched = acted.case(before), never.case(now)
        assert (left_over.state, left_over.step, left_over.points, left_over.expires) == (
            untouched.state,
            untouched.step,
            untouched.points,
            untouched.expires,
        )
        assert left_over.restriction_until == untouched.restriction_until
        assert [cases[each] for each in left_over.cites] == list(untouched.cites)
    assert not any(isinstance(each, Cancel) for each in acted.timers.values())


ORDERED = Ground("order", 0, "order", "ordered", 1.0, category=Category.ABUSE)
LIVES = st.lists(
    st.tuples(
        st.integers(0, 60 * 24),
        st.sampled_from([LINK, INSULT, ORDERED]),
        st.none() | st.integers(0, 45 * 24),
    ),
    min_size=1,
    max_size=7,
)
"""Offences by the hour, each taken back some hours later or never."""


def restricted_by_order(group: Group, number: int, at: dt.datetime) -> None:
    order = Order(member_id(9), at, points=1, until=at + dt.timedelta(hours=30), act=ACT)
    opened = open_case(
        group.scene(1),
        order,
        about=group.person(1),
        subject=Subject(message_id(number), "देखें bit.ly/abc"),
        grounds=(ORDERED,),
        intent=Intent.REMOVE,
    )
    group.keep(opened.decision("ordered"))


@settings(max_examples=150, deadline=None)
@given(LIVES)
def test_b5_10_whatever_is_taken_back_and_whenever_it_is_as_if_it_had_never_been(lives):
    things = sorted(
        [(hours, 0, place) for place, (hours, _, _) in enumerate(lives)]
        + [(hours + after, 1, place) for place, (hours, _, after) in enumerate(lives) if after is not None]
    )
    acted, never = grown(), grown()
    numbers: dict[int, tuple[int, int]] = {}
    for hours, taken_back, place in things:
        _, ground, after = lives[place]
        at = later(hours=hours)
        if taken_back:
            overturned(acted, numbers[place][0], at)
            continue
        for group in (acted, never) if after is None else (acted,):
            if ground is ORDERED:
                restricted_by_order(group, place, at)
            else:
                struck(group, place, at=at, ground=ground)
        numbers[place] = (len(acted.cases), len(never.cases))
    kept = {numbers[place][0]: numbers[place][1] for place, each in enumerate(lives) if each[2] is None}
    name = "community:seekho#{}".format
    renamed = {name(one): name(other) for one, other in kept.items()}
    one, other = acted.standing(1), never.standing(1)
    assert tuple(replace(each, case=renamed[each.case]) for each in one.strikes) == other.strikes
    assert (one.restriction and one.restriction.until) == (other.restriction and other.restriction.until)
    assert renamed.get(one.removed_by or "") == other.removed_by
    for number, same in kept.items():
        left_over, untouched = acted.case(number), never.case(same)
        assert [kept[each] for each in left_over.cites] == list(untouched.cites)
        assert (left_over.step, left_over.points, left_over.restriction_until) == (
            untouched.step,
            untouched.points,
            untouched.restriction_until,
        )
    # Neither timers nor tasks are left of what was taken back, but to invite again who may be out.
    over = [acted.case(numbers[place][0]) for place, each in enumerate(lives) if each[2] is not None]
    assert {each.state for each in over} <= {CaseState.OVERTURNED}
    assert all({step.action for step in left(each)} <= {INVITE} for each in over)
    assert not any(f"strike/{each.case_id}" in acted.timers for each in over)


@settings(max_examples=80, deadline=None)
@given(STRIKES, st.data())
def test_an_overturn_that_is_undone_is_as_if_nobody_had_overturned(strikes, data):
    strikes = sorted(strikes, key=lambda each: each[0])
    number = data.draw(st.integers(1, len(strikes)))
    group = grown()
    for place, (hours, ground) in enumerate(strikes):
        struck(group, place, at=later(hours=hours), ground=ground)
    before = effect(group.standing(1))
    steps = {each.number: (each.step, each.cites, each.restriction_until) for each in group.cases.values()}
    at = later(hours=strikes[-1][0] + 1)
    overturned(group, number, at)
    group.keep(undo(group.scene(1, cases=(number,)), group.case(number), by="admin", now=at))
    assert effect(group.standing(1)) == before
    assert steps == {
        each.number: (each.step, each.cites, each.restriction_until) for each in group.cases.values()
    }


def test_undoing_the_overturn_of_a_removal_wants_the_removal_again():
    group = grown()
    for number in (1, 2, 3):
        struck(group, number, at=later(hours=number))
    removals = len(facts(Decision(None, emit=tuple(group.emitted)), MemberRemove))
    overturned(group, 1, later(hours=4))
    decision = group.keep(undo(group.scene(1, cases=(1,)), group.case(1), by="admin", now=later(hours=5)))
    assert (removals, len(facts(decision, MemberRemove))) == (1, 1)
    assert left(group.case(3)) == ()
    assert group.standing(1).removed_by == group.case(3).case_id
