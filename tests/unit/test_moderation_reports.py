from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.domain.cases.act import Act, Grounds
from services.moderation.domain.cases.case import Case, CaseState
from services.moderation.domain.judging.verdict import Intent
from services.moderation.domain.members.standing import Reported
from services.moderation.domain.review import reports
from services.moderation.domain.review.credibility import joint
from services.moderation.domain.review.reviews import dismiss, undo, uphold
from services.moderation.domain.room import Report
from services.moderation.domain.scene import Scene
from shared.commands import Command
from shared.contracts.actions import MessageDelete
from shared.contracts.moderation import MessageFlagged
from shared.decision import Decision
from tests.support.events import member_id, message_id
from tests.support.judged import judged
from tests.support.moderation import NOW, UNABLE, Group, facts, later, policy, text_of, writes

AUTHOR = 1
COMMAND = Command("report", "", "रिपोर्ट")


def grown(messages: int = 1, **more: Any) -> Group:
    group = Group(policy(), **more)
    group.settled(AUTHOR)
    for member in range(2, 9):
        group.settled(member, days=90, accepted=100)
    for number in range(1, messages + 1):
        group.judged[message_id(number)] = judged(number, by=AUTHOR)
    return group


def reported(group: Group, by: int, number: int = 1, at: dt.datetime = NOW) -> Decision[Scene]:
    scene = group.scene(by, target=message_id(number), other=AUTHOR)
    event = writes(1000 + by, "!रिपोर्ट", by=by, at=at, reply_to=message_id(number))
    return group.keep(reports.decide(scene, COMMAND, event, at))


def around(group: Group, number: int = 1) -> tuple[Scene, Case]:
    """Return the scene around a case with how its reporters stand."""
    scene, case = group.scene(AUTHOR, cases=(number,)), group.case(number)
    standings = {f"{case.scope}|{each}": group.standings[case.scope, each] for each in case.reporters}
    return replace(scene, reporters=standings), case


def keep(group: Group, decision: Decision[Scene]) -> Decision[Scene]:
    group.keep(decision)
    for standing in decision.state.reporters.values():
        group.standings[standing.scope, standing.member_id] = standing
    return decision


def deleted(decision: Decision[Scene]) -> list[str]:
    return [command.message_id for command in facts(decision, MessageDelete)]


def test_b5_11_three_trusted_members_hold_a_message_and_a_person_looks_at_it():
    group = grown()
    held = [message_id(1) in deleted(reported(group, by)) for by in (2, 3, 4)]
    assert held == [False, False, True]
    case = group.case()
    assert (case.state, case.intent) == (CaseState.REVIEW, Intent.HOLD)
    assert case.reporters == (member_id(2), member_id(3), member_id(4))
    assert group.standing(AUTHOR).strikes == ()
    assert group.judged[message_id(1)].case == case.case_id


def test_b5_11_one_report_brings_a_message_before_a_person_and_leaves_it_where_it_is():
    group = grown()
    decision = reported(group, 2)
    assert message_id(1) not in deleted(decision)
    assert group.case().state is CaseState.REVIEW
    assert group.case().evidence == "बुरी बात 1"
    assert [fact.intent for fact in facts(decision, MessageFlagged)] == ["review"]


def test_b5_11_the_same_member_three_times_counts_once():
    group = grown()
    for _ in range(3):
        reported(group, 2)
    assert group.case().reporters == (member_id(2),)
    assert len(group.cases) == 1
    assert "पहले" not in text_of(group.said[0])
    assert "दे चुके हैं" in text_of(group.said[-1])


def test_b5_11_whose_last_five_reports_were_rejected_weighs_nothing():
    group = grown()
    wrong = tuple(Reported(f"community:seekho#{number}", upheld=False) for number in range(90, 95))
    for member in (2, 3, 4):
        group.settled(member, days=90, accepted=100, reports=wrong)
        thanked = text_of(reported(group, member).say[0])
    assert group.cases == {}
    assert thanked == text_of(reported(group, 5).say[0])
    group.settled(2, days=90, accepted=100, reports=(*wrong, Reported("community:seekho#95", upheld=True)))
    reported(group, 2)
    assert group.case().weights == {member_id(5): 1.0, member_id(2): 1.0}


def test_b5_11_newcomers_cannot_hide_a_message_however_many_they_are():
    group = grown()
    for member in range(20, 40):
        group.settled(member, days=0, accepted=0)
        assert message_id(1) not in deleted(reported(group, member))
    assert set(group.case().weights.values()) == {0.0}


def test_b5_11_two_ordinary_members_weigh_as_much_as_a_trusted_one():
    group = grown()
    for member in (2, 3, 4, 5):
        group.settled(member, days=10, accepted=10)
    held = [message_id(1) in deleted(reported(group, by)) for by in (6, 2, 3, 4, 5)]
    assert held == [False, False, False, False, True]


def test_b5_11_the_reported_member_never_sees_who_reported():
    group = grown()
    decisions = [reported(group, by) for by in (2, 3, 4)]
    for decision, by in zip(decisions, (2, 3, 4), strict=True):
        thanks, *others = decision.say
        assert (thanks.privately_to, thanks.aloud, thanks.reply_to) == (member_id(by), False, None)
        for say in others:
            assert not set(say.mentions) & {member_id(2), member_id(3), member_id(4)}
            assert say.privately_to in {None, member_id(AUTHOR)}
        for fact in facts(decision, MessageFlagged):
            assert member_id(by) not in fact.model_dump_json()
        assert message_id(1000 + by) in deleted(decision)


def test_where_the_channel_cannot_delete_nothing_is_asked_of_it():
    group = grown(capabilities=UNABLE)
    for by in (2, 3, 4):
        assert deleted(reported(group, by)) == []
    assert group.case().intent is Intent.HOLD


def test_b5_11_an_hour_takes_ten_reports_of_one_member():
    group = grown(messages=12)
    for number in range(1, 12):
        reported(group, 2, number)
    assert len(group.cases) == 10
    assert "एक घंटे" in text_of(group.said[-1])
    reported(group, 2, 12, at=later(hours=1))
    assert len(group.cases) == 11
    assert len(group.standing(2).reported_at) == 1


def test_who_reports_their_own_message_or_none_is_told_so_alone():
    group = grown()
    own = reported(group, AUTHOR)
    none = reported(group, 2, 77)
    for decision, hint in ((own, "आपका ही"), (none, "reply")):
        (say,) = decision.say
        assert hint in text_of(say)
        assert say.aloud is False
    assert group.cases == {}


@pytest.mark.parametrize("exempt", ["admin", "expert"])
def test_an_admins_or_experts_message_is_looked_at_and_stays(exempt):
    group = grown(admins=frozenset({member_id(AUTHOR)}) if exempt == "admin" else frozenset())
    if exempt == "expert":
        group.policy = policy(experts=(member_id(AUTHOR),))
    for by in (2, 3, 4, 5):
        assert message_id(1) not in deleted(reported(group, by))
    assert group.case().intent is Intent.REVIEW


def test_b5_11_people_who_always_report_together_count_as_one():
    group = grown(messages=6)
    for number in (1, 2, 3):
        for by in (2, 3, 4):
            held = message_id(number) in deleted(reported(group, by, number))
        assert held
    for by in (2, 3, 4):
        assert message_id(4) not in deleted(reported(group, by, 4))
    assert message_id(4) not in deleted(reported(group, 5, 4))
    assert message_id(4) in deleted(reported(group, 6, 4))


def test_b5_11_people_whose_reports_are_right_are_no_brigade():
    group = grown(messages=4)
    for number in (1, 2, 3):
        for by in (2, 3, 4):
            reported(group, by, number)
        scene, case = around(group, number)
        keep(group, uphold(scene, case, Act("admin", Grounds.RULE_BROKEN), NOW, rule="respect"))
    assert group.communities[group.room().scope].reported == ()
    assert [message_id(4) in deleted(reported(group, by, 4)) for by in (2, 3, 4)] == [False, False, True]


def test_b5_11_what_comes_of_a_report_is_noted_for_who_reported_and_undone_with_it():
    group = grown()
    reported(group, 2)
    scene, case = around(group)
    keep(group, dismiss(scene, case, Act("admin", Grounds.CONTEXT), NOW))
    assert group.standing(2).reports == (Reported(case.case_id, upheld=False),)
    keep(group, undo(*around(group), by="admin", now=later(minutes=1)))
    assert group.standing(2).reports == ()
    keep(group, uphold(*around(group), Act("admin", Grounds.RULE_BROKEN), NOW, rule="respect"))
    assert group.standing(2).reports == (Reported(case.case_id, upheld=True),)
    assert group.standing(AUTHOR).points(NOW) == 2
    assert group.case().grounds[0].number == 2


def test_what_has_been_looked_at_is_not_opened_again():
    group = grown()
    reported(group, 2)
    keep(group, dismiss(*around(group), Act("admin", Grounds.CONTEXT), NOW))
    assert "पहले ही देखा" in text_of(reported(group, 3).say[0])
    assert group.case().state is CaseState.DISMISSED
    assert group.case().reporters == (member_id(2),)


MEMBERS = ["a", "b", "c", "d", "e"]


@given(
    st.dictionaries(st.sampled_from(MEMBERS), st.sampled_from([0.0, 0.5, 1.0]), min_size=1),
    st.lists(st.builds(Report, st.sampled_from(["1", "2", "3", "4", "5"]), st.sampled_from(MEMBERS))),
)
def test_together_reporters_weigh_between_the_heaviest_and_all_in_any_order(weights, before):
    whole = joint(weights, "0", before)
    assert max(weights.values()) <= whole <= sum(weights.values())
    turned = dict(reversed(weights.items()))
    assert joint(turned, "0", list(reversed(before))) == whole
    assert joint(weights, "0", []) == sum(weights.values())
