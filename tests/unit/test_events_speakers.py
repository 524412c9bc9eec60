from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.events.domain import speakers
from services.events.domain.feedback import Rating
from services.events.domain.speaker import BUSY, Invitation, Invited, Shown, Speaker
from services.events.domain.speakers import Profile
from shared.contracts.webinars import SpeakerConfirmed, SpeakerDeclined
from shared.decision import Phrase
from shared.errors import Conflict, NotFound
from tests.support.events import member_id
from tests.support.halls import HOST, SCOPE, STARTS, Hall, text_of

NOW = STARTS - dt.timedelta(days=1)
NEHA = 7


@pytest.fixture
def hall() -> Hall:
    hall = Hall()
    hall.now = NOW
    hall.session()
    hall.speakers["sp_1"] = Speaker(
        "sp_1", SCOPE, "नेहा शर्मा", NOW, NOW, bio="दस साल से SEO", topics=("SEO",), member_id=member_id(NEHA)
    )
    return hall


def neha(hall: Hall) -> Speaker:
    found = hall.speakers["sp_1"]
    assert found is not None
    return found


def invite(hall: Hall) -> None:
    hall.keep(speakers.decide_invited(hall.scene(), hall.webinar(), neha(hall), hall.now))


def consent(hall: Hall, what: Shown, *, given: bool) -> None:
    hall.speakers["sp_1"] = speakers.decide_consent(neha(hall), what, hall.now, given=given).state


def test_a_speaker_is_invited_alone_and_says_yes(hall: Hall) -> None:
    invite(hall)
    assert (hall.said[-1].privately_to, hall.said[-1].aloud) == (member_id(NEHA), False)
    assert "!वक्ता हाँ 12" in text_of(hall.said[-1])
    assert (hall.webinar().speakers, hall.webinar().invited) == ((), ("sp_1",))
    assert "पक्का" in hall.says(speakers.decide, "!वक्ता हाँ 12", NEHA)
    assert (hall.webinar().speakers, hall.webinar().invited) == (("sp_1",), ())
    assert [each.speaker_id for each in hall.heard(SpeakerConfirmed)] == ["sp_1"]
    assert hall.said[-1].privately_to == member_id(HOST)
    assert hall.webinar().version == 0


@pytest.mark.parametrize("written", ["!वक्ता नहीं 12", "!speaker no 12", "!vakta 12 nahi", "!वक्ता नहीं"])
def test_a_speaker_says_no_and_may_do_so_after_a_yes(hall: Hall, written: str) -> None:
    invite(hall)
    hall.says(speakers.decide, "!वक्ता हाँ 12", NEHA)
    hall.says(speakers.decide, written, NEHA)
    assert hall.webinar().speakers == ()
    assert len(hall.heard(SpeakerDeclined)) == 1
    hall.says(speakers.decide, written, NEHA)
    assert len(hall.heard(SpeakerDeclined)) == 1


def test_nobody_answers_for_somebody_else(hall: Hall) -> None:
    invite(hall)
    assert "कोई निमंत्रण नहीं" in hall.says(speakers.decide, "!वक्ता हाँ 12", 8)
    assert hall.webinar().speakers == ()
    hall.members[member_id(9)] = replace(hall.member(9), absorbed=frozenset({member_id(NEHA)}))
    hall.says(speakers.decide, "!वक्ता हाँ 12", 9)
    assert hall.webinar().speakers == ("sp_1",)


def test_nobody_is_invited_twice_and_who_declined_may_be_asked_again(hall: Hall) -> None:
    invite(hall)
    said = len(hall.said)
    invite(hall)
    assert len(hall.said) == said
    hall.says(speakers.decide, "!वक्ता नहीं 12", NEHA)
    said = len(hall.said)
    invite(hall)
    assert len(hall.said) == said + 1
    assert hall.webinar().invited == ("sp_1",)


def test_a_session_that_is_over_invites_and_hears_nobody(hall: Hall) -> None:
    invite(hall)
    hall.ended()
    with pytest.raises(Conflict):
        speakers.decide_invited(hall.scene(), hall.webinar(), neha(hall), hall.now)
    with pytest.raises(Conflict):
        speakers.decide_invitation_answered(hall.scene(), hall.webinar(), neha(hall), hall.now, accepted=True)
    hall.says(speakers.decide, "!वक्ता हाँ 12", NEHA)
    assert hall.heard(SpeakerConfirmed) == []


def test_a_speaker_of_another_community_is_not_invited(hall: Hall) -> None:
    other = replace(neha(hall), scope="community:other")
    with pytest.raises(Conflict):
        speakers.decide_invited(hall.scene(), hall.webinar(), other, hall.now)
    with pytest.raises(NotFound):
        speakers.decide_invitation_answered(hall.scene(), hall.webinar(), neha(hall), hall.now, accepted=True)


def test_without_consent_a_speaker_is_a_guest_without_a_life_or_a_face(hall: Hall) -> None:
    hall.speakers["sp_1"] = replace(neha(hall), photo="https://x.example.com/n.jpg")
    assert (neha(hall).public_name, neha(hall).public_bio, neha(hall).public_photo) == (
        Phrase("speaker.guest"),
        "",
        None,
    )
    invite(hall)
    hall.says(speakers.decide, "!वक्ता हाँ 12", NEHA)
    said = hall.says(speakers.decide, "!वक्ता 12", 3)
    assert "अतिथि विशेषज्ञ: SEO · 0 राय, औसत अभी नहीं" in said
    assert "नेहा" not in said
    assert "Guest expert" in text_of(hall.said[-1], "en")
    consent(hall, Shown.NAME, given=True)
    assert "नेहा शर्मा: SEO" in hall.says(speakers.decide, "!वक्ता 12", 3)
    assert neha(hall).public_photo is None
    consent(hall, Shown.PHOTO, given=True)
    assert neha(hall).public_photo == "https://x.example.com/n.jpg"


def test_consent_has_its_date_and_can_be_withdrawn(hall: Hall) -> None:
    consent(hall, Shown.NAME, given=True)
    assert neha(hall).named.given_at == NOW
    hall.now += dt.timedelta(days=1)
    consent(hall, Shown.NAME, given=True)
    assert neha(hall).named.given_at == NOW
    consent(hall, Shown.NAME, given=False)
    assert (neha(hall).named.holds, neha(hall).named.withdrawn_at) == (False, hall.now)
    assert isinstance(neha(hall).public_name, Phrase)
    with pytest.raises(NotFound):
        speakers.decide_consent(None, Shown.NAME, NOW, given=True)


def test_another_name_or_picture_needs_consent_again(hall: Hall) -> None:
    profile = Profile("नेहा शर्मा", photo="https://x.example.com/1.jpg", member_id=member_id(NEHA))
    saved = speakers.decide_profile(neha(hall), "sp_1", SCOPE, profile, NOW).state
    assert saved is not None
    hall.speakers["sp_1"] = saved
    consent(hall, Shown.NAME, given=True)
    consent(hall, Shown.PHOTO, given=True)
    later = NOW + dt.timedelta(days=1)
    other = speakers.decide_profile(neha(hall), "sp_1", SCOPE, replace(profile, name="नेहा वर्मा"), later).state
    assert other is not None
    assert (other.named.holds, other.pictured.holds) == (False, True)
    other = speakers.decide_profile(
        other, "sp_1", SCOPE, replace(profile, name="नेहा वर्मा", photo=None), later
    ).state
    assert other is not None
    assert not other.pictured.holds


def test_a_profile_is_made_once_and_the_same_again_changes_nothing() -> None:
    made = speakers.decide_profile(None, "sp_9", SCOPE, Profile("रवि", topics=("SEO",)), NOW)
    assert made.state is not None
    assert (made.state.name, made.note) == ("रवि", "speaker_saved")
    again = speakers.decide_profile(made.state, "sp_9", SCOPE, Profile("रवि", topics=("SEO",)), STARTS)
    assert again.state is made.state
    assert again.note is None


def test_load_counts_the_sessions_of_thirty_days_and_warns_from_four(hall: Hall) -> None:
    speaker = neha(hall)
    for number, days in enumerate((0, 5, 20, 29, 30, 60)):
        at = STARTS - dt.timedelta(days=days)
        speaker = speaker.with_invitation(Invitation(f"w#{number}", at, NOW, Invited.CONFIRMED))
    speaker = speaker.with_invitation(Invitation("w#9", STARTS, NOW, Invited.DECLINED))
    assert speaker.load(STARTS) == 4
    assert speaker.busy(STARTS)
    assert speaker.load(STARTS + dt.timedelta(days=26)) == 1
    assert not speaker.busy(STARTS + dt.timedelta(days=26))
    assert BUSY == 4


def test_b7_06_the_score_stands_beside_the_name(hall: Hall) -> None:
    hall.speakers["sp_1"] = replace(neha(hall), rating=Rating(53, 12, 30))
    invite(hall)
    hall.says(speakers.decide, "!वक्ता हाँ 12", NEHA)
    assert "4.4 (12 राय, 40% ने बताया)" in hall.says(speakers.decide, "!वक्ता 12", 3)


def test_a_session_without_speakers_says_so(hall: Hall) -> None:
    assert "तय नहीं" in hall.says(speakers.decide, "!वक्ता 12", 3)
    assert "99" in hall.says(speakers.decide, "!वक्ता हाँ 99", NEHA)
