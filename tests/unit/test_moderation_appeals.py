from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from services.moderation.domain.cases.act import Act, Grounds
from services.moderation.domain.cases.case import Achieved, Case, CaseState, Ground
from services.moderation.domain.cases.evidence import forgotten, kept_until
from services.moderation.domain.cases.opening import Order, Subject, open_case
from services.moderation.domain.cases.tasks import left
from services.moderation.domain.judging.verdict import Category, Intent
from services.moderation.domain.review import appeals
from services.moderation.domain.review.orders import decide_pardon
from services.moderation.domain.review.reviews import (
    CLAIMED_FOR,
    answer_appeal,
    claim,
    dismiss,
    release,
    undo,
    uphold,
)
from services.moderation.domain.scene import Scene
from shared.commands import Command, parse_command
from shared.contracts.actions import MessageDelete
from shared.contracts.moderation import (
    CaseAppealed,
    CaseDismissed,
    CaseEnforced,
    CaseOverturned,
    CaseUpheld,
    MemberWarned,
)
from shared.decision import Decision
from shared.errors import Conflict, Forbidden, Invalid
from tests.support.events import member_id, message_id
from tests.support.moderation import ABLE, NOW, UNABLE, Group, facts, later, policy, text_of, writes

LINK = Ground("links", 3, "links", "link", 0.9, category=Category.SPAM)
RETENTION = dt.timedelta(days=30)
ADMIN, OTHER = member_id(8), member_id(9)


def grown(intent: Intent = Intent.REMOVE, by: str = "rule", *, capabilities: frozenset[str] = ABLE) -> Group:
    group = Group(policy(), admins=frozenset({ADMIN, OTHER}), capabilities=capabilities)
    group.settled(1)
    order = Order(by, NOW, act=Act(by, Grounds.HARMFUL) if by != "rule" else None)
    opened = open_case(
        group.scene(1),
        order,
        about=group.person(1),
        subject=Subject(message_id(1), "मेरी साइट bit.ly/abc"),
        grounds=(LINK,),
        intent=intent,
    )
    group.keep(opened.decision("opened"))
    return group


def case(group: Group, **changed: Any) -> Case:
    found = group.case(1)
    if changed:
        found = group.cases[found.case_id] = replace(found, **changed)
    return found


def appealed(
    group: Group, text: str = "!अपील M1 यह मेरी अपनी साइट है", *, by: int = 1, at: dt.datetime = NOW
) -> Decision[Scene]:
    command = parse_command(text)
    assert isinstance(command, Command)
    return group.keep(appeals.decide(group.scene(by, cases=(1,)), command, writes(50, text, by=by), at))


def answered(
    group: Group, by: str, words: str | None, *, upheld: bool, reviewers: frozenset[str] = frozenset()
):
    act = Act(by, Grounds.OWN_CONTENT, words)
    scene = group.scene(1, cases=(1,))
    return group.keep(
        answer_appeal(scene, group.case(1), act, later(hours=1), upheld=upheld, reviewers=reviewers)
    )


def test_b5_10_an_appeal_is_taken_with_its_words_and_a_deadline():
    group = grown()
    decision = appealed(group)
    found = case(group)
    assert found.state is CaseState.APPEALED
    assert found.appeal is not None
    assert found.appeal.text == "यह मेरी अपनी साइट है"
    assert group.standing(1).points(NOW) == 1
    (say,) = decision.say
    assert say.privately_to == member_id(1)
    assert "26 नवंबर 2026" in text_of(say)
    assert [fact.case_id for fact in facts(decision, CaseAppealed)] == [found.case_id]


def test_b5_10_while_an_appeal_is_open_the_evidence_cannot_go():
    group = grown()
    assert kept_until(case(group), RETENTION) == NOW + RETENTION
    appealed(group, at=later(days=29))
    years = later(days=1000)
    assert kept_until(case(group), RETENTION) is None
    assert forgotten(case(group), RETENTION, years) is case(group)
    answered(group, "admin", "देख लिया।", upheld=True)
    assert forgotten(case(group), RETENTION, years).evidence is None


@pytest.mark.parametrize("text", ["!अपील M1", "!appeal M1   ", "!apeel m१"])
def test_b5_10_an_appeal_without_words_asks_for_them(text):
    group = grown()
    assert "अपनी बात" in text_of(appealed(group, text).say[0])
    assert case(group).state is CaseState.DECIDED


def test_b5_10_a_case_is_appealed_once():
    group = grown()
    appealed(group)
    before = case(group)
    again = appealed(group, "!अपील M1 फिर से", at=later(hours=2))
    assert again.emit == ()
    assert case(group) == before
    answered(group, "admin", "नहीं", upheld=True)
    assert "एक बार" in text_of(appealed(group, "!अपील M1 फिर से", at=later(hours=3)).say[0])


@pytest.mark.parametrize(("days", "state"), [(30, CaseState.APPEALED), (30.01, CaseState.DECIDED)])
def test_b5_10_a_case_is_appealed_within_thirty_days(days, state):
    group = grown()
    appealed(group, at=later(days=days))
    assert case(group).state is state


@pytest.mark.parametrize("state", [CaseState.REVIEW, CaseState.DISMISSED, CaseState.OVERTURNED])
def test_b5_10_what_has_no_effect_needs_no_appeal(state):
    group = grown()
    case(group, state=state)
    decision = appealed(group)
    assert case(group).state is state
    assert decision.emit == ()


def test_b5_10_nobody_appeals_for_somebody_else():
    group = grown()
    assert "निजी" in text_of(appealed(group, by=2).say[0])
    assert case(group).state is CaseState.DECIDED


def test_b5_10_an_appeal_is_answered_in_words_or_not_at_all():
    group = grown()
    appealed(group)
    for words in (None, "", "   "):
        for upheld in (True, False):
            with pytest.raises(Invalid):
                answered(group, "admin", words, upheld=upheld)


def test_b5_10_the_member_is_told_the_answer_alone():
    group = grown()
    appealed(group)
    decision = answered(group, "admin", "लिंक की अनुमति नहीं थी।", upheld=True)
    (say,) = decision.say
    assert (say.privately_to, say.aloud) == (member_id(1), False)
    assert "लिंक की अनुमति नहीं थी।" in text_of(say)
    assert case(group).state is CaseState.DECIDED
    assert len(facts(decision, CaseUpheld)) == 1
    assert group.standing(1).points(NOW) == 1


def test_b5_10_an_appeal_that_is_right_leaves_nothing():
    group = grown()
    appealed(group)
    decision = answered(group, "admin", "आपकी बात सही है।", upheld=False)
    assert case(group).state is CaseState.OVERTURNED
    assert group.standing(1).strikes == ()
    assert "आपकी बात सही है।" in text_of(decision.say[0])
    assert len(facts(decision, CaseOverturned)) == 1


def test_b5_10_somebody_else_than_who_decided_looks_at_the_appeal_where_there_is_somebody():
    group = grown(by="first")
    appealed(group)
    both = frozenset({"first", "second"})
    with pytest.raises(Conflict):
        answered(group, "first", "मेरा फ़ैसला सही था।", upheld=True, reviewers=both)
    answered(group, "second", "फ़ैसला सही था।", upheld=True, reviewers=both)
    assert (appeal := case(group).appeal) is not None
    assert appeal.answered_by == "second"


def test_b5_10_a_lone_reviewer_answers_the_appeal_themselves():
    group = grown(by="first")
    appealed(group)
    answered(group, "first", "दोबारा देखा।", upheld=False, reviewers=frozenset({"first", member_id(1)}))
    assert case(group).state is CaseState.OVERTURNED


def test_nobody_decides_about_themselves():
    group = grown()
    appealed(group)
    with pytest.raises(Forbidden):
        answered(group, member_id(1), "मैं सही हूँ।", upheld=False)


@pytest.mark.parametrize(("words", "consent"), [("हाँ", True), ("haan", True), ("Yes.", True), ("नहीं", False)])
def test_b5_10_consent_is_asked_for_and_can_be_taken_back(words, consent):
    group = grown()
    appealed(group)
    appealed(group, f"!अपील M1 {words}")
    assert case(group).consent is consent
    assert case(group).state is CaseState.APPEALED


def test_b5_10_consent_after_the_overturn_keeps_the_example_and_a_no_takes_it_away():
    group = grown()
    appealed(group)
    answered(group, "admin", "सही है।", upheld=False)
    scene = appealed(group, "!अपील M1 हाँ").state
    assert [each.text for each in scene.regressions.values() if each is not None] == ["मेरी साइट bit.ly/abc"]
    scene = appealed(group, "!अपील M1 नहीं").state
    assert list(scene.regressions.values()) == [None]


def test_a_claimed_case_is_left_to_who_claimed_it_until_the_claim_is_over():
    group = grown(Intent.HOLD)
    group.keep(claim(group.scene(1, cases=(1,)), case(group), by="first", now=NOW))
    scene, act = group.scene(1, cases=(1,)), Act("second", Grounds.CONTEXT)
    with pytest.raises(Conflict):
        claim(scene, case(group), by="second", now=later(minutes=29))
    with pytest.raises(Conflict):
        dismiss(scene, case(group), act, later(minutes=29))
    assert dismiss(scene, case(group), act, NOW + CLAIMED_FOR).note == "case_dismissed"
    group.keep(release(scene, case(group), by="first", now=later(minutes=1)))
    assert (
        claim(group.scene(1, cases=(1,)), case(group), by="second", now=later(minutes=2)).note
        == "case_claimed"
    )


def test_what_is_held_gets_its_strike_when_a_person_confirms_it_and_not_before():
    group = grown(Intent.HOLD)
    assert group.standing(1).strikes == ()
    decision = group.keep(
        uphold(group.scene(1, cases=(1,)), case(group), Act("admin", Grounds.RULE_BROKEN), later(hours=1))
    )
    assert group.standing(1).points(later(hours=1)) == 1
    assert case(group).state is CaseState.DECIDED
    assert len(facts(decision, MemberWarned)) == len(facts(decision, CaseUpheld)) == 1


def test_a_confirmation_that_is_undone_waits_again_without_a_strike():
    group = grown(Intent.HOLD)
    group.keep(uphold(group.scene(1, cases=(1,)), case(group), Act("admin", Grounds.RULE_BROKEN), NOW))
    decision = group.keep(undo(group.scene(1, cases=(1,)), case(group), by="admin", now=later(minutes=5)))
    found = case(group)
    assert (found.state, found.intent, found.points) == (CaseState.REVIEW, Intent.HOLD, 0)
    assert group.standing(1).strikes == ()
    assert [fact.reason for fact in facts(decision, CaseOverturned)] == ["undone"]
    assert group.timers == {}


def test_a_dismissal_can_be_undone_for_a_day():
    group = grown(Intent.HOLD)
    decision = group.keep(
        dismiss(group.scene(1, cases=(1,)), case(group), Act("admin", Grounds.CONTEXT), NOW)
    )
    assert "दोबारा भेज" in text_of(decision.say[0])
    assert len(facts(decision, CaseDismissed)) == 1
    with pytest.raises(Conflict):
        undo(group.scene(1, cases=(1,)), case(group), by="admin", now=later(hours=25))
    group.keep(undo(group.scene(1, cases=(1,)), case(group), by="admin", now=later(hours=23)))
    assert case(group).state is CaseState.REVIEW


@pytest.mark.parametrize("intent", [Intent.REVIEW, Intent.HOLD])
def test_a_dismissal_that_is_undone_leaves_for_the_hand_what_was_left_before(intent):
    group = grown(intent, capabilities=UNABLE)
    before = [(step.action, step.achieved) for step in left(case(group))]
    assert bool(before) == (intent is Intent.HOLD)
    group.keep(dismiss(group.scene(1, cases=(1,)), case(group), Act("admin", Grounds.CONTEXT), NOW))
    assert left(case(group)) == ()
    decision = group.keep(undo(group.scene(1, cases=(1,)), case(group), by="admin", now=later(hours=1)))
    assert [(step.action, step.achieved) for step in left(case(group))] == before
    assert [fact.achieved for fact in facts(decision, CaseEnforced)] == ["notice"] * len(before)
    assert facts(decision, MessageDelete) == []
    assert (case(group).state, case(group).intent, case(group).ruling) == (CaseState.REVIEW, intent, None)


@pytest.mark.parametrize(
    ("achieved", "again"), [(Achieved.FAILED, 1), (Achieved.PENDING, 0), (Achieved.DONE, 0)]
)
def test_a_dismissal_that_is_undone_wants_again_what_has_not_happened(achieved, again):
    group = grown(Intent.HOLD)
    (step,) = case(group).steps
    case(group, steps=(replace(step, achieved=achieved),))
    group.keep(dismiss(group.scene(1, cases=(1,)), case(group), Act("admin", Grounds.CONTEXT), NOW))
    decision = group.keep(undo(group.scene(1, cases=(1,)), case(group), by="admin", now=later(hours=1)))
    commands = [each for each in decision.emit if isinstance(each.data, MessageDelete)]
    assert len(commands) == again
    # It is another command than the first, and its outcome leads to the same case.
    for each in commands:
        assert each.event_id != step.command_id
        assert group.steps[each.event_id or ""] == case(group).case_id


REPORTED = Ground("reports", 0, "reports", "reported", 1.0)


@pytest.mark.parametrize(
    ("rule", "points"), [("links", 1), ("search_first", 1), ("respect", 2), ("income", 3)]
)
def test_what_members_reported_weighs_as_the_rule_a_person_names(rule, points):
    group = grown(Intent.REVIEW)
    case(group, grounds=(REPORTED,))
    act = Act("admin", Grounds.RULE_BROKEN)
    with pytest.raises(Invalid, match="name the rule"):
        uphold(group.scene(1, cases=(1,)), case(group), act, NOW)
    group.keep(uphold(group.scene(1, cases=(1,)), case(group), act, NOW, rule=rule))
    assert (case(group).grounds[0].rule, case(group).points) == (rule, points)


def test_a_rule_that_a_person_names_instead_decides_the_weight():
    group = grown(Intent.REVIEW)
    act = Act("admin", Grounds.RULE_BROKEN)
    scene = group.scene(1, cases=(1,))
    assert uphold(scene, case(group), act, NOW, rule="links").state.standing.points(NOW) == 1
    assert uphold(scene, case(group), act, NOW, rule="income").state.standing.points(NOW) == 3


def test_the_reason_other_takes_words_and_a_rule_must_exist():
    group = grown(Intent.HOLD)
    scene = group.scene(1, cases=(1,))
    with pytest.raises(Invalid):
        dismiss(scene, case(group), Act("admin", Grounds.OTHER), NOW)
    with pytest.raises(Invalid):
        uphold(scene, case(group), Act("admin", Grounds.HARMFUL), NOW, rule="nonsense")


def pardoned(group: Group, text: str, by: int) -> Decision[Scene]:
    command = parse_command(text)
    assert isinstance(command, Command)
    scene = group.scene(by, other=1, cases=(1,))
    return group.keep(decide_pardon(scene, command, writes(60, text, by=by), later(hours=1)))


@pytest.mark.parametrize("text", ["!माफ M1", "!माफ़ M1", "!maaf m1", "!pardon M-1"])
def test_an_admin_pardons_by_chat(text):
    group = grown()
    decision = pardoned(group, text, 8)
    assert case(group).state is CaseState.OVERTURNED
    assert group.standing(1).strikes == ()
    assert [say.privately_to for say in decision.say] == [member_id(1), None]


def test_a_member_who_is_no_admin_is_refused_kindly():
    group = grown()
    assert "केवल इस समूह के एडमिन" in text_of(pardoned(group, "!माफ M1", 2).say[0])
    assert case(group).state is CaseState.DECIDED


def test_b5_10_by_chat_too_an_appeal_takes_words_and_another_admin():
    group = grown(by=ADMIN)
    appealed(group)
    assert "शब्दों में" in text_of(pardoned(group, "!माफ M1", 9).say[0])
    assert "दूसरे एडमिन" in text_of(pardoned(group, "!माफ M1 ठीक है", 8).say[0])
    assert case(group).state is CaseState.APPEALED
    pardoned(group, "!माफ M1 आपकी बात सही है", 9)
    assert case(group).state is CaseState.OVERTURNED
    assert (appeal := case(group).appeal) is not None
    assert appeal.answer == "आपकी बात सही है"
