"""What becomes of what was wanted, and what the clock ends."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.moderation.domain.cases.case import Achieved, CaseState
from services.moderation.domain.cases.opening import Order, enact
from services.moderation.domain.cases.outcomes import decide_outcome, decide_revoked
from services.moderation.domain.cases.tasks import left
from services.moderation.domain.judging.verdict import Intent
from services.moderation.domain.members import ladder
from services.moderation.domain.members.endings import decide_restriction_ended, decide_strike_expired
from services.moderation.domain.members.roster import decide_movement
from services.moderation.domain.scene import Scene
from shared.contracts.actions import ActionDone, ActionFailed, ActionUnsupported
from shared.contracts.base import EventModel
from shared.contracts.gateway import ChatKind, MemberLeft, MessageRevoked
from shared.contracts.moderation import (
    CaseEnforced,
    MemberReleased,
    ReleaseReason,
    RestrictionEnded,
    StrikeExpired,
)
from shared.decision import Decision
from tests.support.events import chat_id, member_id, message_id
from tests.support.moderation import (
    ABLE,
    UNABLE,
    Group,
    breaks,
    edits,
    facts,
    happens,
    later,
    policy,
    text_of,
    writes,
)

LINK = "यह देखिए https://sasta-maal.shop/abc पर बहुत कुछ है"
FINE = "title tag में कितने अक्षर रखने चाहिए"


def struck(times: int = 1, **more: object) -> Group:
    group = Group(policy=policy(), **more)  # type: ignore[arg-type]
    group.settled(1)
    for number in range(times):
        group.judges(writes(number, LINK), breaks())
    return group


def command_of(group: Group, number: int = 1) -> str:
    (command_id,) = [each.command_id for each in group.case(number).steps]
    assert command_id is not None
    return command_id


def outcome(group: Group, data: ActionDone | ActionUnsupported | ActionFailed) -> Decision[Scene]:
    return group.keep(decide_outcome(group.scene(cases=(1,)), happens(data), later(minutes=1)))


def revoked(group: Group, number: int) -> Decision[Scene]:
    data = MessageRevoked(
        chat_id=chat_id(0), chat_kind=ChatKind.GROUP, message_id=message_id(number), revoked_at=later(hours=1)
    )
    return group.keep(decide_revoked(group.scene(message=message_id(number)), happens(data), later(hours=1)))


ABOUT = {"action": "message.delete", "chat_id": chat_id(0)}


def test_b5_04_what_was_done_is_noted_on_the_case() -> None:
    group = struck()
    done = ActionDone(**ABOUT, action_id=command_of(group), done_at=later(minutes=1))
    decision = outcome(group, done)
    assert [each.achieved for each in group.case().steps] == [Achieved.DONE]
    assert [each.achieved for each in facts(decision, CaseEnforced)] == ["done"]
    assert left(group.case()) == ()


@pytest.mark.parametrize(
    ("make", "achieved"),
    [
        (lambda about: ActionUnsupported(**about, code="delete_foreign", told_at=later()), Achieved.NOTICE),
        (lambda about: ActionFailed(**about, code="expired", failed_at=later()), Achieved.FAILED),
    ],
)
def test_b5_04_what_was_not_done_is_a_task(make: object, achieved: Achieved) -> None:
    group = struck()
    about = {**ABOUT, "action_id": command_of(group)}
    decision = outcome(group, make(about))  # type: ignore[operator]
    (task,) = left(group.case())
    assert (task.action, task.achieved) == ("message.delete", achieved)
    (fact,) = facts(decision, CaseEnforced)
    assert (fact.achieved, fact.code) == (achieved.value, task.code)


def test_a_second_outcome_of_a_command_changes_nothing() -> None:
    group = struck()
    command_id = command_of(group)
    outcome(group, ActionDone(**ABOUT, action_id=command_id, done_at=later()))
    again = outcome(group, ActionFailed(**ABOUT, action_id=command_id, code="expired", failed_at=later()))
    assert again.emit == ()
    assert group.case().steps[0].achieved is Achieved.DONE


def test_the_outcome_of_somebody_elses_command_is_not_ours() -> None:
    group = struck()
    before = group.case()
    assert outcome(group, ActionDone(**ABOUT, action_id=message_id(99), done_at=later())).emit == ()
    assert group.case() == before


def test_b5_15_a_revoked_message_leaves_its_evidence() -> None:
    group = Group(policy=policy())
    group.settled(1)
    group.judges(writes(1, LINK), breaks(Intent.REVIEW))
    revoked(group, 1)
    assert group.case().evidence == LINK
    assert group.case().open
    assert group.judged[message_id(1)].revoked


def test_a_message_deleted_by_hand_is_no_task_any_more() -> None:
    group = struck(capabilities=UNABLE)
    assert left(group.case())
    decision = revoked(group, 0)
    assert left(group.case()) == ()
    assert [each.achieved for each in facts(decision, CaseEnforced)] == ["by_hand"]
    assert revoked(group, 0).emit == ()


def test_a_message_that_nobody_has_judged_may_go() -> None:
    group = struck()
    assert revoked(group, 77) == Decision(group.scene())


def test_a_member_removed_by_hand_is_no_task_any_more() -> None:
    group = struck(3, capabilities=UNABLE)
    assert [each.action for each in left(group.case(3))] == ["message.delete", "member.remove"]
    gone = MemberLeft(
        chat_id=chat_id(0),
        chat_kind=ChatKind.GROUP,
        member_id=member_id(1),
        removed=True,
        left_at=later(hours=1),
    )
    group.keep(decide_movement(group.scene(cases=(3,)), happens(gone), later(hours=1)))
    assert [each.action for each in left(group.case(3))] == ["message.delete"]


def fires(group: Group, data: EventModel, now: dt.datetime) -> Decision[Scene]:
    scene = group.scene(cases=tuple(range(1, 9)))
    if isinstance(data, StrikeExpired):
        return group.keep(decide_strike_expired(scene, happens(data, at=now), now))
    assert isinstance(data, RestrictionEnded)
    return group.keep(decide_restriction_ended(scene, happens(data, at=now), now))


def test_b5_03_the_end_of_a_restriction_is_a_fact_and_a_private_word() -> None:
    group = struck(2)
    (timer,) = group.due(later(hours=24))
    decision = fires(group, timer.data, timer.due)
    (released,) = facts(decision, MemberReleased)
    assert (released.reason, released.case_id) == (ReleaseReason.ENDED, group.case(2).case_id)
    (say,) = decision.say
    assert (say.privately_to, say.aloud) == (member_id(1), False)
    assert "M2" in text_of(say)
    assert fires(group, timer.data, timer.due).emit == (), "the same end is told once"


def test_b5_02_the_end_of_a_strike_needs_nobody_and_says_nothing() -> None:
    group = struck()
    (timer,) = group.due(later(days=30))
    decision = fires(group, timer.data, timer.due)
    assert (decision.emit, decision.say) == ((), ())
    assert group.case().audit[-1].what == "expired"
    assert fires(group, timer.data, timer.due).note is None


def test_a_timer_that_an_undoing_has_overtaken_does_nothing() -> None:
    group = struck(2)
    timers = group.due(later(days=60))
    known = group.standing(1)
    for number in (1, 2):
        name = group.case(number).case_id
        known = ladder.undo(known, name)
        group.cases[name] = replace(group.case(number), state=CaseState.OVERTURNED)
    group.standings[known.scope, known.member_id] = known
    for timer in timers:
        assert fires(group, timer.data, timer.due).note is None


def test_a_restriction_that_became_longer_ends_once() -> None:
    group = struck(2)
    (first,) = [each for each in group.timers.values() if isinstance(each.data, RestrictionEnded)]
    longer = replace(group.standing(1).strikes[1], until=later(hours=48))
    known = ladder.strike(group.standing(1), longer)
    group.standings[known.scope, known.member_id] = known
    assert fires(group, first.data, first.due).note is None
    ended = first.data.model_copy(update={"ended_at": later(hours=48)})
    assert fires(group, ended, later(hours=48)).note == "member_released"


THINGS = st.lists(
    st.one_of(
        st.tuples(st.just("writes"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("edits"), st.integers(0, 2), st.integers(1, 3)),
        st.tuples(st.just("revoked"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("clock"), st.integers(0, 40), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=150)
@given(THINGS, st.sampled_from([ABLE, UNABLE]))
def test_b5_14_any_order_of_copies_edits_and_endings_is_one_case_and_strike_a_message(
    things: list[tuple[str, int, int]], capabilities: frozenset[str]
) -> None:
    group = Group(policy=policy(), capabilities=capabilities)
    group.settled(1)
    told: set[int] = set()
    for what, number, edit in things:
        match what:
            case "writes":
                group.judges(writes(number, LINK), breaks())
                told.add(number)
            case "edits":
                group.judges(edits(number, f"{LINK} {edit}", at=later(minutes=edit)), breaks())
                told.add(number)
            case "revoked":
                revoked(group, number)
            case _:
                for timer in group.due(later(days=number)):
                    fires(group, timer.data, timer.due)
    assert len(group.cases) == len(group.standing(1).strikes) == len(told)
    assert {each.message_id for each in group.cases.values()} == {message_id(number) for number in told}
    assert sorted(each.number for each in group.cases.values()) == list(range(1, len(told) + 1))
    assert ladder.derive(group.standing(1)) == group.standing(1)
    for case in group.cases.values():
        assert [each.what for each in case.audit].count("decided") == 1
        wanted = [each.action for each in case.steps]
        assert len(wanted) == len(set(wanted))


def test_a_timer_of_an_undone_restriction_does_not_end_an_earlier_one_again() -> None:
    group = struck(2)
    longer = replace(group.standing(1).strikes[1], case="community:seekho#8", until=later(hours=48))
    known = group.standing(1)
    with_longer = ladder.strike(known, longer)
    assert with_longer.restriction is not None
    assert with_longer.restriction.case == longer.case
    group.cases[longer.case] = replace(group.case(2), case_id=longer.case, number=8)
    ended = RestrictionEnded(
        case_id=longer.case, chat_id=chat_id(0), member_id=member_id(1), ended_at=later(hours=48)
    )
    assert fires(group, ended, later(hours=48)).note is None


def test_b5_14_a_case_that_has_its_effect_gets_no_second_one() -> None:
    group = struck()
    again = enact(group.scene(cases=(1,)), group.case(), Order(by="reena", now=later(minutes=1)))
    assert (again.emit, again.say, again.wake) == ((), (), ())
    assert again.case == group.case()
    assert again.scene.standing == group.standing(1)
