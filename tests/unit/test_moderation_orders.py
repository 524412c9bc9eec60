from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.moderation.domain.durations import duration_in
from services.moderation.domain.review.orders import decide_restrict
from services.moderation.domain.scene import Scene
from shared.commands import Command, parse_command
from shared.contracts.actions import MemberRemove
from shared.contracts.moderation import MemberRestricted, MemberWarned
from shared.decision import Decision
from tests.support.events import member_id
from tests.support.moderation import NOW, Group, facts, later, policy, text_of, writes

ADMIN = 9
HOURS = dt.timedelta(hours=1)


def grown(**document: Any) -> Group:
    group = Group(policy(**document), admins=frozenset({member_id(ADMIN), member_id(8)}))
    for member in (1, 2, 8, 9):
        group.settled(member)
    return group


def ordered(
    group: Group, text: str, *, by: int = ADMIN, other: int | None = 1, at: dt.datetime = NOW
) -> Decision[Scene]:
    command = parse_command(text)
    assert isinstance(command, Command)
    scene = group.scene(by, other=other)
    return group.keep(decide_restrict(scene, command, writes(70, text, by=by, at=at), at))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("!रोको @सदस्य 24h", 24 * HOURS),
        ("!रोको @सदस्य २४ घंटे", 24 * HOURS),
        ("!roko @member 2 दिन", 48 * HOURS),
        ("!restrict @member 30 min", 0.5 * HOURS),
        ("!रोको @सदस्य", 24 * HOURS),
        ("!रोको @919876543210 3 din", 72 * HOURS),
        ("!रोको दो हफ्ते", 14 * 24 * HOURS),
    ],
)
def test_an_admin_restricts_for_as_long_as_they_say(text, length):
    group = grown()
    decision = ordered(group, text)
    (fact,) = facts(decision, MemberRestricted)
    assert fact.until == NOW + length
    assert group.standing(1).restricted(NOW + length - dt.timedelta(seconds=1))
    assert not group.standing(1).restricted(NOW + length)
    case = group.case()
    assert (case.opened_by, case.member_id) == (member_id(ADMIN), member_id(1))
    assert "M1" in text_of(decision.say[0])


def test_a_persons_order_counts_in_the_same_ladder_as_a_rule():
    group = grown()
    for day in range(3):
        decision = ordered(group, "!रोको @सदस्य 1h", at=later(days=day))
        assert [fact.total for fact in facts(decision, MemberWarned)] == [day + 1]
    assert len(facts(decision, MemberRemove)) == 1
    assert group.case(3).cites == (1, 2)


@pytest.mark.parametrize("by", [1, 2])
def test_who_is_no_admin_is_refused_kindly(by):
    group = grown()
    decision = ordered(group, "!रोको @सदस्य 24h", by=by)
    assert decision.note == "order_not_admin"
    assert "!रिपोर्ट" in text_of(decision.say[0])
    assert (decision.emit, group.cases) == ((), {})


@pytest.mark.parametrize("other", [8, 9, 2])
def test_b5_12_nobody_restricts_an_admin_or_an_expert_and_the_attempt_is_noted(other):
    group = grown(experts=(member_id(2),))
    decision = ordered(group, "!रोको @सदस्य 24h", other=other)
    assert decision.note == "order_refused_exempt"
    assert (decision.emit, group.cases) == ((), {})


def test_an_order_that_names_nobody_asks_whom():
    assert ordered(grown(), "!रोको 24h", other=None).note == "order_without_member"


@pytest.mark.parametrize(
    "text", ["!रोको @x 24", "!रोको @x 1m", "!रोको @x 91 दिन", "!रोको @x 99999 हफ्ते", "!रोको 0h"]
)
def test_a_time_that_cannot_be_is_asked_for_again(text):
    group = grown()
    assert ordered(group, text).note == "order_without_time"
    assert group.cases == {}


@pytest.mark.parametrize(
    ("text", "length"),
    [
        *(("24h", 24), ("24 घंटे", 24), ("२४ घण्टे", 24), ("ek ghanta", 1), ("डेढ़ घंटा", 1.5), ("आधा घंटा", 0.5)),
        *(("2 दिन", 48), ("do din", 48), ("1 hafta", 168), ("90min", 1.5), ("ढाई दिन", 60), ("2d 3h", 48)),
        *(("", None), ("24", None), ("घंटे", None), ("M1043", None), ("दिन भर", None), ("5 दिनकर", None)),
    ],
)
def test_durations_are_read_as_people_write_them(text, length):
    assert duration_in(text) == (None if length is None else length * HOURS)
