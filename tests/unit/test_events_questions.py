from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain import questions
from services.events.domain.board import MOST, OPEN_EACH, Board
from services.events.domain.links import has_link
from services.events.domain.webinar import Stage
from shared.contracts.webinars import SessionAsked
from tests.support.events import member_id
from tests.support.halls import ADMIN, HOST, STARTS, Hall, text_of

decide = questions.decide


@pytest.fixture
def hall() -> Hall:
    hall = Hall()
    hall.session()
    return hall


def board(hall: Hall) -> Board:
    return questions.board_of(hall.scene(), hall.webinar())


def votes(hall: Hall, number: int = 1) -> int:
    question = board(hall).of(number)
    assert question is not None
    return len(question.votes)


def test_a_question_is_taken_before_and_during_a_session_and_shown_without_its_author(hall: Hall) -> None:
    hall.says(decide, "!सवाल 12 शुरुआत कहाँ से करें?", 1)
    hall.webinars[hall.webinar().webinar_id] = replace(hall.webinar(), stage=Stage.LIVE)
    hall.says(decide, "!sawal 12 backlink kya hai?", 2)
    shown = hall.says(decide, "!question 12", HOST)
    assert "1. शुरुआत कहाँ से करें? (+0)" in shown
    assert "2. backlink kya hai? (+0)" in shown
    assert member_id(1) not in shown
    assert hall.said[-1].mentions == ()
    assert [each.number for each in hall.heard(SessionAsked)] == [1, 2]


def test_where_one_session_is_ahead_its_number_need_not_be_said(hall: Hall) -> None:
    assert "सवाल 1" in hall.says(decide, "!सवाल शुरुआत कहाँ से करें?", 1)
    hall.session(13)
    assert "संख्या" in hall.says(decide, "!सवाल कीवर्ड क्या है?", 1)
    assert len(board(hall).questions) == 1


def test_a_vote_counts_once_a_person_and_can_be_taken_back(hall: Hall) -> None:
    hall.says(decide, "!सवाल 12 शुरुआत कहाँ से करें?", 1)
    for by in (2, 2, 3):
        hall.says(decide, "!सवाल 12 +1", by)
    assert votes(hall) == 2
    assert "कुल 1" in hall.says(decide, "!सवाल 12 -१", 2)
    hall.says(decide, "!सवाल 12 −1", 2)
    assert votes(hall) == 1


def test_nobody_votes_for_their_own_question_under_any_of_their_ids(hall: Hall) -> None:
    hall.says(decide, "!सवाल 12 शुरुआत कहाँ से करें?", 1)
    assert "आपका ही" in hall.says(decide, "!सवाल 12 +1", 1)
    hall.members[member_id(2)] = replace(hall.member(2), absorbed=frozenset({member_id(1)}))
    assert "आपका ही" in hall.says(decide, "!सवाल 12 +1", 2)
    assert votes(hall) == 0


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3), st.booleans()), max_size=30))
def test_the_list_is_in_the_order_of_what_people_want(cast: list[tuple[int, int, bool]]) -> None:
    hall = Hall()
    hall.session()
    for number, text in enumerate(("एक?", "दो?", "तीन?"), 1):
        hall.says(decide, f"!सवाल 12 {text}", 100 + number)
    wanted: dict[int, set[int]] = {1: set(), 2: set(), 3: set()}
    for by, number, up in cast:
        hall.says(decide, f"!सवाल 12 {'+' if up else '-'}{number}", by)
        (wanted[number].add if up else wanted[number].discard)(by)
    order = sorted(wanted, key=lambda number: (-len(wanted[number]), number))
    assert [each.number for each in board(hall).wanted] == order
    assert all(votes(hall, number) == len(voters) for number, voters in wanted.items())


def test_who_asks_what_is_asked_already_votes_for_it(hall: Hall) -> None:
    hall.says(decide, "!सवाल 12 Backlink kya hai", 1)
    hall.says(decide, "!सवाल 12 backlink  kya hai??", 2)
    assert (len(board(hall).questions), votes(hall)) == (1, 1)
    hall.says(decide, "!सवाल 12 backlink kya hai", 1)
    assert (len(board(hall).questions), votes(hall)) == (1, 1)


@pytest.mark.parametrize("mark", ["✓1", "✔️ 1", "✅1"])
def test_the_host_marks_what_is_answered_and_its_author_alone_hears_of_it(hall: Hall, mark: str) -> None:
    hall.says(decide, "!सवाल 12 शुरुआत कहाँ से करें?", 1)
    assert "केवल" in hall.says(decide, f"!सवाल 12 {mark}", 2)
    hall.says(decide, f"!सवाल 12 {mark}", HOST)
    news = hall.said[-1]
    assert (news.privately_to, news.aloud) == (member_id(1), False)
    assert "जवाब दिया गया" in text_of(news)
    said = len(hall.said)
    hall.says(decide, f"!सवाल 12 {mark}", ADMIN)
    assert len(hall.said) == said + 1
    assert board(hall).wanted == ()
    assert "कोई सवाल नहीं" in hall.says(decide, "!सवाल 12", 1)


def test_a_question_after_the_session_is_refused_and_what_is_left_can_still_be_marked(hall: Hall) -> None:
    hall.says(decide, "!सवाल 12 शुरुआत कहाँ से करें?", 1)
    hall.ended()
    assert "हो चुका है" in hall.says(decide, "!सवाल 12 और?", 1)
    assert "हो चुका है" in hall.says(decide, "!सवाल 12 +1", 2)
    hall.says(decide, "!सवाल 12 ✓1", HOST)
    assert "बाक़ी नहीं" in hall.says(decide, "!सवाल 12", 1)


def test_one_member_has_five_open_questions_and_more_once_some_are_answered(hall: Hall) -> None:
    for number in range(OPEN_EACH):
        hall.says(decide, f"!सवाल 12 बात {'क' * (number + 1)}?", 1)
    assert str(OPEN_EACH) in hall.says(decide, "!सवाल 12 एक और?", 1)
    assert len(board(hall).questions) == OPEN_EACH
    hall.says(decide, "!सवाल 12 ✓1", HOST)
    hall.says(decide, "!सवाल 12 एक और?", 1)
    assert len(board(hall).questions) == OPEN_EACH + 1


def test_a_session_takes_two_hundred_questions_and_shows_ten(hall: Hall) -> None:
    full = Board(hall.webinar().webinar_id)
    for number in range(MOST):
        full, _ = full.asked(member_id(1000 + number), f"सवाल {chr(0x915) * (number + 1)}", STARTS)
    hall.boards[full.webinar_id] = full
    assert "पूरी हो चुकी" in hall.says(decide, "!सवाल 12 एक और?", 1)
    assert hall.says(decide, "!सवाल 12", 1).count("(+0)") == questions.SHOWN
    assert "200 में से 10" in text_of(hall.said[-1])


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("क" * 501, "500"),
        ("???", "अपना सवाल लिखें"),
        ("देखें https://earn.example/x", "बिना लिंक"),
        ("www.paisa.com देखें?", "बिना लिंक"),
        ("wa.me/919876543210 पर?", "बिना लिंक"),
        ("मुझे 98765 43210 पर बताएँ?", "बिना लिंक"),
        ("+7", "खुले सवालों में नहीं"),
    ],
)
def test_what_cannot_be_repeated_before_all_is_refused(hall: Hall, written: str, told: str) -> None:
    assert told in hall.says(decide, f"!सवाल 12 {written}", 1)
    assert board(hall).questions == ()


@pytest.mark.parametrize("text", ["क्या Node.js सीखें?", "रैंक 1.5 गुना?", "A.B.C. क्या है?", "आदि.फिर क्या?"])
def test_a_point_in_a_sentence_is_no_link(text: str) -> None:
    assert not has_link(text)


def test_a_session_that_does_not_exist_takes_no_question(hall: Hall) -> None:
    assert "99" in hall.says(decide, "!सवाल 99 शुरुआत?", 1)


@given(st.text(max_size=700))
def test_any_text_is_answered_and_lines_stay_lines(text: str) -> None:
    hall = Hall()
    hall.session()
    hall.says(decide, f"!सवाल 12 {text}", 1)
    assert len(hall.said) == 1
    assert all("\n" not in each.text and 0 < len(each.text) <= 500 for each in board(hall).questions)
