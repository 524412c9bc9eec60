from __future__ import annotations

import datetime as dt
import itertools
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.roster import Membership, Seen, decide_roster, drift, stamp
from shared.contracts.envelope import originate
from shared.contracts.gateway import ChatKind, MemberJoined, MemberLeft
from shared.contracts.members import MemberDemoted, MemberPresent, MemberPromoted

CHAT, ASHA, RAVI = "c_" + "1" * 20, "m_" + "a" * 20, "m_" + "b" * 20
NOW = dt.datetime(2026, 11, 5, 6, 30, tzinfo=dt.UTC)
WHAT = {
    "joined": MemberJoined,
    "seen": MemberPresent,
    "left": MemberLeft,
    "promoted": MemberPromoted,
    "demoted": MemberDemoted,
}


def at(minutes: int) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


def said(what: str, minutes: int) -> Any:
    more: dict[str, Any] = {"removed": False} if what == "left" else {}
    data = WHAT[what](
        chat_id=CHAT, chat_kind=ChatKind.GROUP, member_id=ASHA, **{f"{what}_at": at(minutes)}, **more
    )
    return originate(data, event_id=f"{what}{minutes}", source="/test", key=CHAT, time=NOW)


def after(*story: tuple[str, int]) -> Membership:
    start = Membership(CHAT, ASHA)
    return reduce(lambda state, each: decide_roster(state, said(*each), NOW).state, story, start)


@pytest.mark.parametrize(
    ("story", "present", "admin"),
    [
        ([], False, False),
        ([("joined", 1)], True, False),
        ([("joined", 1), ("left", 2)], False, False),
        ([("joined", 1), ("left", 2), ("joined", 3)], True, False),
        ([("joined", 1), ("promoted", 2)], True, True),
        ([("joined", 1), ("promoted", 2), ("demoted", 3)], True, False),
        ([("joined", 1), ("promoted", 2), ("left", 3), ("joined", 4)], True, False),
        ([("promoted", 2)], True, True),
        ([("demoted", 2)], True, False),
        ([("left", 2)], False, False),
        ([("seen", 2)], True, False),
        ([("seen", 2), ("left", 3)], False, False),
        ([("left", 1), ("seen", 2), ("promoted", 3)], True, True),
        ([("joined", 2), ("left", 2)], False, False),
        ([("promoted", 2), ("demoted", 2)], True, False),
    ],
)
def test_the_newest_word_counts_in_whatever_order_it_comes(story, present, admin):
    for order in itertools.permutations(story):
        found = after(*order)
        assert (found.present, found.admin) == (present, admin), order


@given(st.lists(st.tuples(st.sampled_from(sorted(WHAT)), st.integers(0, 9)), max_size=8), st.randoms())
def test_no_order_and_no_repetition_makes_a_difference(story, random):
    shuffled = [*story, *story]
    random.shuffle(shuffled)
    assert after(*story) == after(*shuffled)


def test_what_is_no_news_changes_nothing():
    before = after(("joined", 5))
    assert decide_roster(before, said("joined", 5), NOW).state is before
    assert decide_roster(before, said("joined", 2), NOW).state is before


def test_nothing_is_said_where_both_agree():
    kept = {ASHA: after(("joined", 1), ("promoted", 2)), RAVI: Membership(CHAT, RAVI, left_at=at(1))}
    assert drift(CHAT, kept, {ASHA: Seen(ASHA, admin=True)}, at(9)) == []


def test_who_was_missed_is_said():
    kept = {ASHA: after(("joined", 1), ("promoted", 2))}
    found = drift(CHAT, kept, {RAVI: Seen(RAVI, admin=True)}, at(9))
    assert [(type(each), each.member_id) for each in found] == [
        (MemberLeft, ASHA),
        (MemberJoined, RAVI),
        (MemberPromoted, RAVI),
    ]


def test_who_was_there_before_the_first_comparison_has_not_just_come_in():
    kept = {ASHA: after(("joined", 1), ("left", 2))}
    seen = {ASHA: Seen(ASHA, admin=False), RAVI: Seen(RAVI, admin=True)}
    found = drift(CHAT, kept, seen, at(9), first=True)
    # Of one who was seen to leave, it was missed that they came back.
    assert [(each.TYPE, each.member_id) for each in found] == [
        ("member.joined", ASHA),
        ("member.present", RAVI),
        ("member.promoted", RAVI),
    ]


def test_who_is_no_longer_an_admin_is_said():
    found = drift(CHAT, {ASHA: after(("promoted", 2))}, {ASHA: Seen(ASHA, admin=False)}, at(9))
    assert [type(each) for each in found] == [MemberDemoted]


def test_a_correction_has_one_id_until_there_is_news():
    before = after(("joined", 1))
    assert stamp(before) == stamp(after(("joined", 1)))
    assert stamp(before) != stamp(after(("joined", 1), ("left", 2)))
    assert stamp(None) == ""
