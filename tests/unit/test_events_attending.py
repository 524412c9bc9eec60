from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain import attending
from services.events.domain.member import Tries
from services.events.domain.roll import Correction, Proof, Seat
from services.events.domain.webinar import Stage
from shared.contracts.webinars import (
    AttendanceProof,
    AttendanceRecorded,
    AttendanceWithdrawn,
    CertificateRevoked,
)
from tests.support.events import member_id
from tests.support.halls import ADMIN, CODES, ENDS, HOST, SCOPE, STARTS, Hall, text_of

RECORDED = "आपकी उपस्थिति दर्ज हो गई ✅"
present = partial(attending.decide_present, codes=CODES)
tell_code = partial(attending.decide_code, codes=CODES)


@pytest.fixture
def hall() -> Hall:
    hall = Hall()
    hall.session()
    hall.seat(1)
    return hall


def right(hall: Hall, number: int = 12) -> str:
    return CODES.attendance(hall.webinar(number))


def wrong(hall: Hall, count: int = 1) -> list[str]:
    used = {CODES.attendance(each) for each in hall.webinars.values() if each}
    return [code for code in map(str, range(1000, 9999)) if code not in used][:count]


@given(st.integers(0, 75 * 60))
def test_b2_09_the_code_is_taken_from_the_start_to_15_minutes_after_the_end(seconds: int) -> None:
    hall = Hall()
    hall.session()
    hall.now = STARTS + dt.timedelta(seconds=seconds)
    assert hall.says(present, f"!हाज़िर {right(hall)}", 1) == RECORDED
    (fact,) = hall.heard(AttendanceRecorded)
    assert (fact.member_id, fact.proof) == (member_id(1), AttendanceProof.CODE)


@pytest.mark.parametrize(
    "written", ["!हाज़िर {}", "!hazir {}", "!present {}", "!here {}", "!हाज़िर 12 {}", "!here #12 {} 🙏"]
)
def test_b2_09_it_is_written_in_any_of_its_names(hall: Hall, written: str) -> None:
    assert hall.says(present, written.format(right(hall)), 1) == RECORDED


def test_b2_09_devanagari_digits_are_digits(hall: Hall) -> None:
    code = right(hall).translate(str.maketrans("0123456789", "०१२३४५६७८९"))
    assert hall.says(present, f"!हाज़िर {code}", 1) == RECORDED


def test_b2_09_a_second_try_is_answered_and_changes_nothing(hall: Hall) -> None:
    hall.says(present, f"!हाज़िर {right(hall)}", 1)
    before = hall.roll()
    hall.now += dt.timedelta(minutes=3)
    assert "पहले से दर्ज" in hall.says(present, f"!हाज़िर {right(hall)}", 1)
    assert hall.roll() == before
    assert len(hall.heard(AttendanceRecorded)) == 1


def test_b2_09_five_wrong_codes_block_that_member_for_ten_minutes_the_right_code_too(hall: Hall) -> None:
    answers = [hall.says(present, f"!हाज़िर {code}", 1) for code in wrong(hall, 5)]
    assert [("4 बार" in answers[0]), ("1 बार" in answers[3]), ("10 मिनट" in answers[4])] == [True] * 3
    hall.now += dt.timedelta(minutes=9)
    assert "1 मिनट" in hall.says(present, f"!हाज़िर {right(hall)}", 1)
    assert hall.entry(1) is not None
    assert hall.heard(AttendanceRecorded) == []
    assert hall.says(present, f"!हाज़िर {right(hall)}", 2) == RECORDED
    hall.now += dt.timedelta(minutes=1)
    assert hall.says(present, f"!हाज़िर {right(hall)}", 1) == RECORDED


@given(st.lists(st.integers(0, 900), max_size=40))
def test_b2_09_of_any_six_wrong_codes_that_are_looked_at_two_are_ten_minutes_apart(gaps: list[int]) -> None:
    hall = Hall()
    hall.session(minutes=7 * 24 * 60)
    looked_at: list[dt.datetime] = []
    for gap in gaps:
        hall.now += dt.timedelta(seconds=gap)
        hall.says(present, f"!हाज़िर {wrong(hall)[0]}", 1)
        if hall.last.note != "attendance_refused":
            looked_at.append(hall.now)
    for at in range(len(looked_at) - 5):
        six = looked_at[at : at + 6]
        assert max(later - earlier for earlier, later in itertools.pairwise(six)) >= attending.BLOCKED


def test_b2_09_the_blockade_is_one_wherever_the_codes_were_tried(hall: Hall) -> None:
    codes = wrong(hall, 5)
    for code in codes[:3]:
        hall.says(present, f"!हाज़िर {code}", 1)
    for code in codes[3:]:
        hall.says(present, f"!हाज़िर {code}", 1, direct=True)
    assert "10 मिनट" in hall.says(present, f"!हाज़िर {right(hall)}", 1)


def test_b2_09_after_the_time_the_code_is_refused_politely(hall: Hall) -> None:
    hall.ended()
    hall.now = ENDS + dt.timedelta(minutes=15, seconds=1)
    said = hall.says(present, f"!हाज़िर {right(hall)}", 1)
    assert "समय पूरा हो चुका है" in said
    assert "🙏" in said
    assert hall.member(1).tries == Tries()
    assert hall.heard(AttendanceRecorded) == []


def test_b2_09_what_counts_is_when_it_was_sent_and_not_when_it_is_read(hall: Hall) -> None:
    hall.ended()
    hall.now = ENDS + dt.timedelta(hours=3)
    assert hall.says(present, f"!हाज़िर {right(hall)}", 1, sent_at=ENDS) == RECORDED


def test_a_clock_that_is_ahead_opens_no_session_early(hall: Hall) -> None:
    hall.now = STARTS - dt.timedelta(minutes=1)
    assert "नहीं चल रहा" in hall.says(present, f"!हाज़िर {right(hall)}", 1, sent_at=STARTS)


def test_before_the_start_no_code_is_looked_at_so_that_none_can_be_found_out(hall: Hall) -> None:
    hall.now = STARTS - dt.timedelta(minutes=1)
    said = {hall.says(present, f"!हाज़िर {code}", 1) for code in (right(hall), *wrong(hall))}
    assert len(said) == 1
    assert hall.member(1).tries == Tries()


def test_a_session_that_was_ended_early_closes_early(hall: Hall) -> None:
    early = STARTS + dt.timedelta(minutes=20)
    hall.webinars[hall.webinar().webinar_id] = replace(hall.webinar(), stage=Stage.ENDED, ended_at=early)
    hall.now = early + dt.timedelta(minutes=16)
    assert "समय पूरा" in hall.says(present, f"!हाज़िर {right(hall)}", 1)


def test_a_cancelled_session_has_no_attendance(hall: Hall) -> None:
    hall.webinars[hall.webinar().webinar_id] = replace(hall.webinar(), stage=Stage.CANCELLED)
    assert "नहीं चल रहा" in hall.says(present, f"!हाज़िर {right(hall)}", 1)


def test_the_code_alone_says_which_of_two_sessions_is_meant(hall: Hall) -> None:
    hall.session(13)
    assert hall.says(present, f"!हाज़िर {right(hall, 13)}", 1) == RECORDED
    assert hall.entry(1, 13) is not None
    (entry, other) = hall.entry(1, 13), hall.entry(1, 12)
    assert entry is not None
    assert other is not None
    assert (entry.attended_at, other.attended_at) == (STARTS, None)


def test_where_two_sessions_have_the_same_code_it_is_asked_which_and_the_number_says_it(hall: Hall) -> None:
    twin = next(
        number
        for number in range(13, 200_000)
        if CODES.attendance(replace(hall.webinar(), webinar_id=f"{SCOPE}#{number}")) == right(hall)
    )
    hall.session(twin)
    assert "एक से ज़्यादा" in hall.says(present, f"!हाज़िर {right(hall)}", 1)
    assert hall.says(present, f"!हाज़िर {twin} {right(hall)}", 1) == RECORDED
    assert hall.member(1).tries == Tries()


def test_the_code_of_another_session_is_wrong_where_a_number_is_given(hall: Hall) -> None:
    hall.session(13)
    assert "सही नहीं" in hall.says(present, f"!हाज़िर 12 {right(hall, 13)}", 1)


def test_a_session_of_another_community_is_not_meant(hall: Hall) -> None:
    other = hall.session(40, scope="community:other")
    assert "सही नहीं" in hall.says(present, f"!हाज़िर {CODES.attendance(other)}", 1)
    assert "नहीं मिला" in hall.says(present, f"!हाज़िर 40 {CODES.attendance(other)}", 1)


def test_in_a_direct_chat_the_sessions_of_ones_communities_are_meant(hall: Hall) -> None:
    assert hall.says(present, f"!हाज़िर {right(hall)}", 1, direct=True) == RECORDED
    hall.members[member_id(3)] = replace(hall.member(3), scopes=frozenset())
    assert "नहीं चल रहा" in hall.says(present, f"!हाज़िर {right(hall)}", 3, direct=True)


@pytest.mark.parametrize(
    "written",
    ["!हाज़िर", "!हाज़िर हाँ", "!हाज़िर 48", "!हाज़िर 48211", "!हाज़िर 1 2 4821 5", "!हाज़िर +919876543210"],
)
def test_what_is_no_code_is_explained_and_counts_as_no_try(hall: Hall, written: str) -> None:
    assert "चार अंकों" in hall.says(present, written, 1)
    assert hall.member(1).tries == Tries()


@pytest.mark.parametrize("seat", [None, Seat.WAITING, Seat.DECLINED])
def test_b2_09_who_comes_without_a_seat_was_there_all_the_same(hall: Hall, seat: Seat | None) -> None:
    if seat is not None:
        hall.seat(2, seat)
    assert hall.says(present, f"!हाज़िर {right(hall)}", 2) == RECORDED
    entry = hall.entry(2)
    assert entry is not None
    assert entry.seat is (seat or Seat.NONE)
    assert hall.roll().taken == 1
    assert hall.webinar().webinar_id in hall.member(2).webinars


def test_a_right_code_forgets_the_wrong_ones(hall: Hall) -> None:
    for code in wrong(hall, 4):
        hall.says(present, f"!हाज़िर {code}", 1)
    hall.says(present, f"!हाज़िर {right(hall)}", 1)
    assert hall.member(1).tries == Tries()


def test_a_personal_link_records_once_and_only_in_its_time(hall: Hall) -> None:
    for at, note in (
        (STARTS - dt.timedelta(seconds=1), "attendance_not_open"),
        (STARTS, "attendance_recorded"),
        (STARTS, "attendance_repeated"),
        (ENDS + dt.timedelta(minutes=16), "attendance_not_open"),
    ):
        done = hall.keep(attending.decide_present_by_link(hall.scene(1), hall.webinar(), at))
        assert done.note == note
    assert [each.proof for each in hall.heard(AttendanceRecorded)] == [AttendanceProof.LINK]


def test_b2_09_an_admin_corrects_with_a_reason_that_is_kept(hall: Hall) -> None:
    def correct(*, came: bool, at: dt.datetime = ENDS) -> None:
        correction = Correction(at, "reena", came, "सूची देखी")
        hall.keep(attending.decide_correction(hall.scene(), hall.webinar(), member_id(1), correction))

    correct(came=True)
    entry = hall.entry(1)
    assert entry is not None
    assert (entry.attended_at, entry.proof) == (ENDS, Proof.ADMIN)
    correct(came=True)
    correct(came=False, at=ENDS + dt.timedelta(hours=1))
    entry = hall.entry(1)
    assert entry is not None
    assert (entry.seat, entry.attended_at, entry.proof) == (Seat.CONFIRMED, None, None)
    assert [(each.by, each.present, each.reason) for each in entry.corrections] == [
        ("reena", True, "सूची देखी"),
        ("reena", False, "सूची देखी"),
    ]
    (added,), (taken,) = hall.heard(AttendanceRecorded), hall.heard(AttendanceWithdrawn)
    assert (added.proof, added.recorded_by, added.reason) == (AttendanceProof.ADMIN, "reena", "सूची देखी")
    assert (taken.withdrawn_by, taken.reason) == ("reena", "सूची देखी")
    assert hall.heard(CertificateRevoked) == []


def test_the_code_goes_to_the_host_and_to_admins_alone(hall: Hall) -> None:
    said = hall.says(tell_code, "!कोड 12", 1)
    assert right(hall) not in said
    for by in (HOST, ADMIN):
        assert right(hall) in hall.says(tell_code, "!कोड 12", by)
        assert (hall.said[-1].privately_to, hall.said[-1].aloud) == (member_id(by), False)
    assert right(hall) in hall.says(tell_code, "!code", HOST, direct=True)
    assert hall.said[-1].privately_to is None
    assert right(hall) not in hall.says(tell_code, "!code 12", 1, direct=True)


def test_an_admin_of_one_community_does_not_get_the_code_of_another(hall: Hall) -> None:
    other = hall.session(40, scope="community:other", host=None)
    hall.members[member_id(ADMIN)] = replace(hall.member(ADMIN), scopes=frozenset({SCOPE, "community:other"}))
    assert CODES.attendance(other) not in hall.says(tell_code, "!कोड 40", ADMIN)


def test_after_the_time_there_is_no_code_to_tell(hall: Hall) -> None:
    hall.ended()
    hall.now = ENDS + dt.timedelta(minutes=16)
    assert right(hall) not in hall.says(tell_code, "!कोड 12", HOST)


def test_as_a_session_starts_its_host_reads_the_code_and_nobody_else(hall: Hall) -> None:
    (say,) = attending.code_news(hall.webinar(), CODES)
    assert right(hall) in text_of(say)
    assert (say.privately_to, say.aloud, say.valid_for) == (member_id(HOST), False, dt.timedelta(hours=1))
    assert attending.code_news(replace(hall.webinar(), host=None), CODES) == ()
