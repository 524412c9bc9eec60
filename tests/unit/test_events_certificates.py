from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain import attending, certificates
from services.events.domain.award import Certificate
from services.events.domain.roll import Correction, Seat
from shared.contracts.webinars import CertificateIssued, CertificateRevoked
from shared.errors import Conflict, Invalid
from tests.support.events import member_id
from tests.support.halls import CODES, ENDS, PUBLIC_URL, Hall

decide = partial(certificates.decide, codes=CODES, public_url=PUBLIC_URL)
PHONE = "9876543210"


@pytest.fixture
def hall() -> Hall:
    hall = Hall()
    hall.session()
    hall.seat(1, came=True)
    hall.seat(2)
    hall.ended()
    return hall


def held(hall: Hall, member: int = 1) -> Certificate:
    award = hall.award(member)
    assert award is not None
    assert award.held is not None
    return award.held


def test_b2_10_who_was_there_has_a_certificate_under_the_name_they_want(hall: Hall) -> None:
    said = hall.says(decide, "!प्रमाणपत्र 12 मीरा देवी", 1)
    certificate = held(hall)
    assert certificate.name == "मीरा देवी"
    assert f"{PUBLIC_URL}/certificates/{certificate.certificate_id}" in said
    (fact,) = hall.heard(CertificateIssued)
    assert (fact.member_id, fact.certificate_id) == (member_id(1), certificate.certificate_id)
    assert "मीरा" not in fact.model_dump_json()


@pytest.mark.parametrize(
    "written", ["!pramanpatra 12 Meera Devi", "!certificate Meera Devi", "!प्रमाणपत्र 12  Meera   Devi"]
)
def test_b2_10_it_is_asked_for_in_any_of_its_names(hall: Hall, written: str) -> None:
    hall.says(decide, written, 1)
    assert held(hall).name == "Meera Devi"


def test_b2_10_who_was_not_there_has_none(hall: Hall) -> None:
    for by in (2, 3):
        assert "उपस्थिति दर्ज है" in hall.says(decide, "!प्रमाणपत्र 12 मीरा देवी", by)
    hall.seat(4, Seat.NONE, came=True)
    hall.says(decide, "!प्रमाणपत्र 12 रवि", 4)
    assert [each.member_id for each in hall.heard(CertificateIssued)] == [member_id(4)]


def test_there_is_none_before_the_session_is_over(hall: Hall) -> None:
    hall.session(13)
    hall.seat(1, came=True, number=13)
    assert "अभी पूरा नहीं" in hall.says(decide, "!प्रमाणपत्र 13 मीरा देवी", 1)


def test_asking_again_changes_nothing_and_says_where_it_is(hall: Hall) -> None:
    assert "जो नाम चाहिए" in hall.says(decide, "!प्रमाणपत्र 12", 1)
    hall.says(decide, "!प्रमाणपत्र 12 मीरा देवी", 1)
    before = hall.award(1)
    for text in ("!प्रमाणपत्र 12", "!प्रमाणपत्र 12 मीरा देवी", "!प्रमाणपत्र"):
        assert held(hall).certificate_id in hall.says(decide, text, 1)
    assert hall.award(1) == before
    assert len(hall.heard(CertificateIssued)) == 1


def test_b2_10_a_corrected_name_revokes_the_certificate_before_and_the_history_is_kept(hall: Hall) -> None:
    hall.says(decide, "!प्रमाणपत्र 12 मिरा देवी", 1)
    first = held(hall)
    hall.says(decide, "!प्रमाणपत्र 12 मीरा देवी", 1)
    award = hall.award(1)
    assert award is not None
    old, new = award.issued
    assert (old.certificate_id, old.valid, old.reason) == (first.certificate_id, False, "name_corrected")
    assert old.replaced_by == new.certificate_id
    assert (new.name, new.valid) == ("मीरा देवी", True)
    assert award.of(first.certificate_id) == old
    (revoked,) = hall.heard(CertificateRevoked)
    assert revoked.certificate_id == first.certificate_id


def test_names_are_corrected_and_not_tried_out(hall: Hall) -> None:
    for name in ("अमर", "बबीता", "चंदन", "दीपा", "ईशा"):
        hall.says(decide, f"!प्रमाणपत्र 12 {name}", 1)
    assert "कई बार" in hall.says(decide, "!प्रमाणपत्र 12 फातिमा", 1)
    assert held(hall).name == "ईशा"
    scene, webinar = hall.scene(), hall.webinar()
    hall.keep(certificates.decide_issue(scene, webinar, member_id(1), "फातिमा", ENDS, codes=CODES))
    assert held(hall).name == "फातिमा"


def test_b2_10_what_an_admin_revokes_is_not_issued_again_at_the_members_wish(hall: Hall) -> None:
    hall.says(decide, "!प्रमाणपत्र 12 मीरा देवी", 1)
    first = held(hall)
    hall.keep(certificates.decide_revoke(hall.scene(), hall.webinar(), member_id(1), "ग़लत नाम", ENDS))
    award = hall.award(1)
    assert award is not None
    shown = award.of(first.certificate_id)
    assert shown is not None
    assert (shown.valid, shown.reason, shown.replaced_by) == (False, "ग़लत नाम", None)
    assert "रद्द" in hall.says(decide, "!प्रमाणपत्र 12 मीरा देवी", 1)
    assert award.held is None
    again = certificates.decide_revoke(hall.scene(), hall.webinar(), member_id(1), "फिर", ENDS)
    assert again.emit == ()
    hall.keep(
        certificates.decide_issue(hall.scene(), hall.webinar(), member_id(1), "मीरा देवी", ENDS, codes=CODES)
    )
    assert held(hall).certificate_id != first.certificate_id


def test_b2_10_a_certificate_goes_with_the_attendance_it_certifies(hall: Hall) -> None:
    hall.says(decide, "!प्रमाणपत्र 12 मीरा देवी", 1)
    correction = Correction(ENDS, "reena", present=False, reason="कोड मित्र से मिला")
    hall.keep(attending.decide_correction(hall.scene(), hall.webinar(), member_id(1), correction))
    award = hall.award(1)
    assert award is not None
    assert award.held is None
    assert [each.reason for each in hall.heard(CertificateRevoked)] == ["कोड मित्र से मिला"]
    back = Correction(ENDS, "reena", present=True, reason="भूल थी")
    hall.keep(attending.decide_correction(hall.scene(), hall.webinar(), member_id(1), back))
    hall.says(decide, "!प्रमाणपत्र 12 मीरा देवी", 1)
    assert held(hall).name == "मीरा देवी"


def test_an_admin_issues_for_nobody_who_was_not_there_and_under_no_name_that_is_none(hall: Hall) -> None:
    with pytest.raises(Conflict):
        certificates.decide_issue(hall.scene(), hall.webinar(), member_id(2), "रवि", ENDS, codes=CODES)
    with pytest.raises(Invalid) as refused:
        certificates.decide_issue(hall.scene(), hall.webinar(), member_id(1), PHONE, ENDS, codes=CODES)
    assert PHONE not in refused.value.sentence


@pytest.mark.parametrize(
    "name",
    [
        "मीरा देवी",
        "Meera Devi",
        "क्षितिज ज्ञानेश्वर श्रीवास्तव",
        "A.P.J. Abdul Kalam",
        "Dr. R. Mohan",
        "dr.mohan",
        "D’Souza",
        "Jean-Luc",
        "रश्मि‍",
        "محمد علی",
        "ராமன்",
    ],
)
def test_names_as_people_have_them_stand_as_they_are(name: str) -> None:
    assert certificates.name_of(f"  {name}  ") == name


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "क", ".", "--", PHONE, "+91 98765 43210", "९८७६५४३२१०", "Meera 9876543210"),
        *("https://earn.example", "www.paisa.com", "paisa.com", "t.me/earn", "a@b.example", "bit.ly"),
        *("x" * 61, "Meera\u202eived", "Me<b>era</b>", "𝟗𝟖𝟕𝟔𝟓", "😀😀", "H̷̀́è̷́", "{link}", "मीरा *देवी*"),
    ],
)
def test_what_is_no_name_is_refused_and_not_repeated(hall: Hall, name: str) -> None:
    assert certificates.name_of(name) is None
    said = hall.says(decide, f"!प्रमाणपत्र 12 {name}", 1)
    assert len(name) < 5 or name not in said
    assert hall.award(1) is None


@given(st.text(max_size=120))
def test_a_name_is_one_short_line_of_letters(written: str) -> None:
    name = certificates.name_of(written)
    if name is not None:
        assert 2 <= len(name) <= certificates.MAX_NAME
        assert not any(each.isdigit() or each in "/:@<>\n\u202e\u2066" for each in name)
        assert certificates.name_of(name) == name
