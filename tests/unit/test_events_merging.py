from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain import attending, certificates, questions
from services.events.domain.codes import Codes
from services.events.domain.community import Community
from services.events.domain.member import Tries
from services.events.domain.merging import Union, award_keys, decide_merged, decide_unmerged
from services.events.domain.roll import Proof, Roll, Seat
from services.events.domain.timers import offer_name
from shared.contracts.members import MemberMerged, MemberUnmerged
from shared.contracts.webinars import RegistrationOffered
from shared.decision import Cancel, Decision, Wake
from tests.support.events import member_id
from tests.support.halls import CODES, ENDS, PUBLIC_URL, SCOPE, STARTS, Hall
from tests.support.moderation import happens

BEFORE = STARTS - dt.timedelta(hours=20)
KEPT, GONE = 1, 2
HELD = {Seat.CONFIRMED, Seat.OFFERED}
SEATS = st.sampled_from([None, *Seat])


def union(hall: Hall, kept: int = KEPT, gone: int = GONE) -> Union:
    one, other = hall.member(kept), hall.member(gone)
    names = {*one.absorbed, *other.absorbed, one.now, other.now} - {one.member_id, other.member_id}
    others = {name: hall.members[name] for name in names}
    members = (one, other, *others.values())
    keys = sorted(frozenset().union(*(each.webinars for each in members)))
    return Union(
        one,
        other,
        others,
        webinars={key: hall.webinars[key] for key in keys},
        rolls={key: hall.rolls.get(key) or Roll(key) for key in keys},
        boards={key: hall.boards.get(key) for key in keys},
        awards={key: hall.awards.get(key) for key in award_keys(*members)},
        communities={SCOPE: Community(SCOPE)},
    )


def keep(hall: Hall, decision: Decision[Union]) -> Decision[Union]:
    state = decision.state
    hall.members.update({state.kept.member_id: state.kept, state.gone.member_id: state.gone, **state.others})
    hall.rolls.update(state.rolls)
    hall.boards.update(state.boards)
    hall.awards.update(state.awards)
    return decision


def merge(hall: Hall, kept: int = KEPT, gone: int = GONE) -> Decision[Union]:
    event = MemberMerged(member_id=member_id(kept), merged_id=member_id(gone), merged_at=BEFORE)
    return keep(hall, decide_merged(union(hall, kept, gone), happens(event, at=BEFORE), BEFORE))


def part(hall: Hall, kept: int = KEPT, gone: int = GONE) -> Decision[Union]:
    event = MemberUnmerged(member_id=member_id(kept), merged_id=member_id(gone), unmerged_at=BEFORE)
    return keep(hall, decide_unmerged(union(hall, kept, gone), happens(event, at=BEFORE), BEFORE))


def whole(roll: Roll, capacity: int | None) -> None:
    """Check what must hold of every roll."""
    assert roll.taken == sum(each.seat in HELD for each in roll.entries.values())
    assert capacity is None or roll.taken <= capacity
    waiting = [member for member, each in roll.entries.items() if each.seat is Seat.WAITING]
    assert sorted(roll.queue) == sorted(waiting)


@pytest.mark.parametrize(
    ("mine", "theirs", "made"),
    [
        (None, Seat.CONFIRMED, Seat.CONFIRMED),
        (Seat.WAITING, Seat.CONFIRMED, Seat.CONFIRMED),
        (Seat.CONFIRMED, Seat.DECLINED, Seat.CONFIRMED),
        (Seat.DECLINED, Seat.WAITING, Seat.WAITING),
        (Seat.OFFERED, Seat.WAITING, Seat.OFFERED),
        (Seat.NONE, Seat.DECLINED, Seat.DECLINED),
    ],
)
def test_of_two_seats_the_better_one_is_kept(mine: Seat | None, theirs: Seat, made: Seat) -> None:
    hall = Hall()
    hall.session(capacity=1)
    if mine is not None:
        hall.seat(KEPT, mine)
    hall.seat(GONE, theirs)
    merge(hall)
    entry = hall.entry(KEPT)
    assert entry is not None
    assert entry.seat is made or (made is Seat.WAITING and entry.seat is Seat.OFFERED)
    assert hall.entry(GONE) is None
    assert hall.member(GONE).now == member_id(KEPT)


def test_the_second_seat_of_one_person_is_offered_to_who_waits_first() -> None:
    hall = Hall()
    hall.session(capacity=2)
    for member, seat in (
        (KEPT, Seat.CONFIRMED),
        (GONE, Seat.CONFIRMED),
        (3, Seat.WAITING),
        (4, Seat.WAITING),
    ):
        hall.seat(member, seat)
    done = merge(hall)
    third, fourth = hall.entry(3), hall.entry(4)
    assert third is not None
    assert fourth is not None
    assert (third.seat, fourth.seat) == (Seat.OFFERED, Seat.WAITING)
    assert [each.data.member_id for each in done.emit if isinstance(each.data, RegistrationOffered)] == [
        member_id(3)
    ]
    assert [each.privately_to for each in done.say] == [member_id(3)]
    part(hall)
    kept, gone = hall.entry(KEPT), hall.entry(GONE)
    assert kept is not None
    assert gone is not None
    assert (kept.seat, gone.seat) == (Seat.CONFIRMED, Seat.WAITING)
    assert hall.roll().queue == (member_id(GONE), member_id(4))
    whole(hall.roll(), 2)


def test_an_offer_goes_over_with_its_timer() -> None:
    hall = Hall()
    webinar = hall.session(capacity=1)
    hall.seat(KEPT, Seat.WAITING)
    hall.seat(GONE, Seat.OFFERED)
    done = merge(hall)
    assert Cancel(offer_name(webinar, member_id(GONE))) in done.wake
    (wake,) = (each for each in done.wake if isinstance(each, Wake))
    assert (wake.name, wake.due) == (offer_name(webinar, member_id(KEPT)), STARTS - dt.timedelta(minutes=15))
    assert wake.data.model_dump()["member_id"] == member_id(KEPT)


@pytest.mark.parametrize(("one", "other"), [(True, False), (False, True), (True, True)])
def test_who_was_there_under_either_id_was_there(one: bool, other: bool) -> None:  # noqa: FBT001 - a table of two
    hall = Hall()
    hall.session()
    hall.seat(KEPT, Seat.CONFIRMED, came=one)
    hall.seat(GONE, Seat.NONE, came=other)
    merge(hall)
    entry = hall.entry(KEPT)
    assert entry is not None
    assert (entry.seat, entry.proof) == (Seat.CONFIRMED, Proof.CODE)
    part(hall)
    for member, came in ((KEPT, one), (GONE, other)):
        found = hall.entry(member)
        assert found is not None
        assert (found.attended_at is not None) is came


@given(
    st.lists(SEATS, min_size=4, max_size=7),
    st.lists(st.booleans(), min_size=7, max_size=7),
    st.none() | st.integers(0, 2),
)
def test_a_roll_stays_whole_and_a_mistake_is_undone(
    had: list[Seat | None], came: list[bool], spare: int | None
) -> None:
    hall = Hall()
    capacity = None if spare is None else max(1, sum(each in HELD for each in had) + spare)
    hall.session(capacity=capacity)
    for member, seat in enumerate(had, 1):
        if seat is not None:
            hall.seat(member, seat, came=came[member - 1])
    before = hall.roll()
    merge(hall)
    merged = hall.roll()
    whole(merged, capacity)
    assert hall.entry(GONE) is None
    people = {m for m, each in before.entries.items() if each.attended_at is not None}
    now = {m for m, each in merged.entries.items() if each.attended_at is not None}
    assert now == {member_id(KEPT) if each == member_id(GONE) else each for each in people}
    part(hall)
    parted = hall.roll()
    whole(parted, capacity)
    assert parted.absorbed == {}
    assert set(parted.entries) == set(before.entries)
    assert set(parted.attended) == people
    for name in (member_id(KEPT), member_id(GONE)):
        seats = {each.entries[name].seat for each in (before, parted) if name in each.entries}
        assert len(seats) < 2 or seats <= {Seat.CONFIRMED, Seat.OFFERED, Seat.WAITING}


@given(st.lists(st.sampled_from([(KEPT, GONE), (GONE, KEPT), (KEPT, 3), (3, KEPT), (GONE, 3)]), max_size=5))
def test_whoever_is_merged_with_whom_each_person_stands_once_and_all_are_kept(
    pairs: list[tuple[int, int]],
) -> None:
    hall = Hall()
    hall.session(capacity=3)
    for member in (KEPT, GONE, 3):
        hall.seat(member, Seat.CONFIRMED)
    for kept, gone in pairs:
        merge(hall, kept, gone)
        merge(hall, kept, gone)
        whole(hall.roll(), 3)
    assert 1 <= hall.roll().taken <= 3


def test_a_merge_that_is_told_twice_changes_nothing_more() -> None:
    hall = Hall()
    hall.session(capacity=2)
    hall.seat(KEPT)
    hall.seat(GONE)
    merge(hall)
    before = hall.roll(), hall.member(KEPT), hall.member(GONE)
    again = merge(hall)
    assert (again.emit, again.say, again.wake, again.note) == ((), (), (), None)
    assert (hall.roll(), hall.member(KEPT), hall.member(GONE)) == before
    part(hall)
    assert part(hall).note is None


def test_what_is_known_of_two_members_is_known_of_one() -> None:
    hall = Hall()
    hall.session()
    hall.seat(GONE)
    blocked = Tries(blocked_until=STARTS)
    hall.members[member_id(KEPT)] = replace(hall.member(KEPT), tries=Tries(3, BEFORE))
    hall.members[member_id(GONE)] = replace(
        hall.member(GONE), tries=blocked, reminded=False, scopes=frozenset({"community:other"}), rating="w"
    )
    merge(hall)
    kept = hall.member(KEPT)
    assert (kept.tries, kept.reminded, kept.rating) == (blocked, False, "w")
    assert kept.scopes == {SCOPE, "community:other"}
    assert kept.webinars == {hall.webinar().webinar_id}
    assert kept.ids == {member_id(KEPT), member_id(GONE)}
    part(hall)
    assert hall.member(KEPT).webinars == frozenset()
    assert hall.member(GONE).webinars == {hall.webinar().webinar_id}
    assert hall.member(KEPT).ids == {member_id(KEPT)}


def test_one_person_has_one_vote_and_none_for_their_own_question() -> None:
    hall = Hall()
    hall.session()
    hall.seat(KEPT)
    hall.says(questions.decide, "!सवाल 12 पहला?", 5)
    hall.says(questions.decide, "!सवाल 12 दूसरा?", GONE)
    for by in (KEPT, GONE, 6):
        hall.says(questions.decide, "!सवाल 12 +1", by)
    hall.says(questions.decide, "!सवाल 12 +2", KEPT)
    merge(hall)
    first, second = questions.board_of(hall.scene(), hall.webinar()).questions
    assert (len(first.votes), len(second.votes)) == (2, 0)
    assert "आपका ही" in hall.says(questions.decide, "!सवाल 12 +2", KEPT)


def test_certificates_of_both_hold_and_go_back_to_whom_they_were_issued() -> None:
    hall = Hall()
    hall.session()
    hall.seat(KEPT, came=True)
    hall.seat(GONE, came=True)
    hall.ended()
    decide = partial(certificates.decide, codes=CODES, public_url=PUBLIC_URL)
    hall.says(decide, "!प्रमाणपत्र 12 मीरा देवी", KEPT)
    hall.says(decide, "!प्रमाणपत्र 12 मीरा शर्मा", GONE)
    mine, theirs = hall.award(KEPT), hall.award(GONE)
    assert mine is not None
    assert theirs is not None
    merge(hall)
    both = hall.award(KEPT)
    assert both is not None
    assert {each.name for each in both.issued if each.valid} == {"मीरा देवी", "मीरा शर्मा"}
    assert hall.award(GONE) is None
    part(hall)
    assert (hall.award(KEPT), hall.award(GONE)) == (mine, theirs)


def test_numbers_of_certificates_stay_different_through_merges() -> None:
    hall = Hall()
    hall.session()
    for member in (KEPT, GONE):
        hall.seat(member, came=True)
    hall.ended()
    issue = partial(certificates.decide_issue, codes=Codes(b"x"))
    names = iter(("अमर", "बबीता", "चंदन", "दीपा", "ईशा", "फातिमा"))

    def issued(member: int) -> None:
        hall.keep(issue(hall.scene(), hall.webinar(), member_id(member), next(names), ENDS))

    issued(KEPT)
    issued(GONE)
    merge(hall)
    issued(KEPT)
    part(hall)
    issued(KEPT)
    issued(GONE)
    merge(hall)
    issued(KEPT)
    award = hall.award(KEPT)
    assert award is not None
    numbers = [each.certificate_id for each in award.issued]
    assert len(numbers) == len(set(numbers)) == 6
    assert sum(each.valid for each in award.issued) == 1


def test_who_was_merged_stands_under_the_id_of_today() -> None:
    hall = Hall()
    hall.session()
    hall.seat(KEPT)
    merge(hall)
    code = CODES.attendance(hall.webinar())
    hall.says(partial(attending.decide_present, codes=CODES), f"!हाज़िर {code}", GONE)
    entry = hall.entry(KEPT)
    assert entry is not None
    assert entry.attended_at == STARTS
    assert hall.entry(GONE) is None
