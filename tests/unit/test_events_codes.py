from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain.codes import Codes, Pass, certificate_number, same
from tests.support.halls import CODES, Hall

WEBINAR = Hall().session()
OTHER = Codes(b"another secret")
WORDS = st.text(st.characters(exclude_characters="\n", codec="utf-8"), min_size=1, max_size=60)


@given(st.integers(1, 10**6), st.binary(min_size=1))
def test_a_code_of_attendance_has_four_digits_and_is_always_the_same(number: int, secret: bytes) -> None:
    webinar = replace(WEBINAR, webinar_id=f"community:a#{number}")
    code = Codes(secret).attendance(webinar)
    assert 1000 <= int(code) <= 9999
    assert code == Codes(secret).attendance(replace(webinar, title="anders", version=7))


def test_a_moved_session_has_another_code_and_the_same_instant_in_another_zone_has_not() -> None:
    moved = replace(WEBINAR, starts_at=WEBINAR.starts_at + dt.timedelta(minutes=30))
    elsewhere = replace(WEBINAR, starts_at=WEBINAR.starts_at.astimezone(dt.timezone(dt.timedelta(hours=5))))
    assert CODES.attendance(moved) != CODES.attendance(WEBINAR)
    assert CODES.attendance(elsewhere) == CODES.attendance(WEBINAR)


def test_the_codes_of_many_sessions_are_spread_over_all_there_are() -> None:
    webinars = (replace(WEBINAR, webinar_id=f"community:a#{number}") for number in range(2000))
    assert len({CODES.attendance(each) for each in webinars}) > 1700


def test_another_installation_has_other_codes() -> None:
    webinars = [replace(WEBINAR, webinar_id=f"community:a#{number}") for number in range(20)]
    assert [CODES.attendance(each) for each in webinars] != [OTHER.attendance(each) for each in webinars]
    assert CODES.certificate("w#1", "m", 1) != OTHER.certificate("w#1", "m", 1)
    assert OTHER.joining(CODES.join("w#1", "m")) is None
    assert OTHER.fed(CODES.feed("m")) is None


def test_the_number_of_a_certificate_can_be_read_out_and_copied() -> None:
    number = CODES.certificate("community:a#1", "m_1", 1)
    assert len(number) == 14
    assert certificate_number(number) == number
    assert certificate_number(number.lower().replace("-", " ")) == number
    assert certificate_number(number.replace("0", "O").replace("1", "l")) == number
    assert number != CODES.certificate("community:a#1", "m_1", 2)


@pytest.mark.parametrize(
    "written", ["", "ABC", "ABCD-EFGH-JKM", "ABCD-EFGH-JKM!", "ABCD-EFGH-JKMU", "../" * 9]
)
def test_what_is_no_number_of_a_certificate_is_none(written: str) -> None:
    assert certificate_number(written) is None


@given(WORDS, WORDS)
def test_a_token_says_whom_and_what_it_is_for(webinar: str, member: str) -> None:
    assert CODES.joining(CODES.join(webinar, member)) == Pass(webinar, member)
    assert CODES.fed(CODES.feed(member)) == member
    assert CODES.fed(CODES.join(webinar, member)) is None
    assert CODES.joining(CODES.feed(member)) is None


@given(st.data())
def test_a_token_with_one_letter_changed_is_nobodys(data: st.DataObject) -> None:
    token = CODES.join("community:a#12", "m_0000000000000000000a")
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("abcXYZ019-_.=\u0967").filter(lambda each: each != token[at]))
    assert CODES.joining(token[:at] + letter + token[at + 1 :]) is None


@given(st.text(max_size=600))
def test_any_text_is_read_as_a_token_without_a_fuss(token: str) -> None:
    assert CODES.joining(token) is None
    assert CODES.fed(token) is None


def test_the_secret_is_not_shown() -> None:
    assert "secret" not in repr(CODES).replace("Codes", "")


def test_codes_are_compared_whole() -> None:
    assert same("4821", "4821")
    assert not same("4821", "482")
    assert not same("४८२१", "4821")
