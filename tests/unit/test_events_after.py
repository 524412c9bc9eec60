from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain import rating, recordings
from services.events.domain.community import Terms
from services.events.domain.feedback import Rating
from services.events.domain.links import is_public_link
from services.events.domain.roll import Seat
from services.events.domain.speaker import Speaker
from services.events.domain.telling import AT_ONCE
from services.events.domain.webinar import Stage
from shared.contracts.webinars import FeedbackDue, RecordingAdded, RecordingDue, SessionRated
from shared.decision import Say, Wake
from shared.errors import Conflict, Invalid
from tests.support.events import chat_id, member_id
from tests.support.halls import ADMIN, ENDS, HOST, SCOPE, STARTS, Hall, text_of

LINK = "https://videos.example.com/seo-12"
OTHER = "https://videos.example.com/seo-12-cut"
CLOSES = ENDS + dt.timedelta(minutes=15)


@pytest.fixture
def hall() -> Hall:
    """A session that two came to, and from which two with a seat stayed away."""
    hall = Hall()
    hall.session()
    hall.seat(1, came=True)
    hall.seat(2, Seat.NONE, came=True)
    hall.seat(3)
    hall.seat(4)
    hall.seat(5, Seat.WAITING)
    hall.seat(6, Seat.DECLINED)
    hall.ended()
    hall.now = CLOSES
    return hall


def recording_due(hall: Hall) -> list[Say]:
    data = RecordingDue(webinar_id=hall.webinar().webinar_id, chat_id=chat_id(0))
    return hall.rings(recordings.decide_due, data)


def feedback_due(hall: Hall) -> list[Say]:
    data = FeedbackDue(webinar_id=hall.webinar().webinar_id, chat_id=chat_id(0))
    return hall.rings(rating.decide_due, data)


def told(said: list[Say]) -> list[str]:
    assert all(each.privately_to is not None and not each.aloud for each in said)
    return [each.privately_to or "" for each in said]


def wakes(hall: Hall) -> list[Wake]:
    return [each for each in hall.last.wake if isinstance(each, Wake)]


def test_b2_11_who_had_a_seat_and_was_not_there_gets_the_recording_once_and_nobody_else(hall: Hall) -> None:
    hall.says(recordings.decide, f"!रिकॉर्डिंग 12 {LINK}", ADMIN)
    (wake,) = wakes(hall)
    assert (wake.due, type(wake.data)) == (CLOSES, RecordingDue)
    said = recording_due(hall)
    assert told(said) == [member_id(3), member_id(4)]
    assert all(LINK in text_of(each) for each in said)
    assert recording_due(hall) == []
    (fact,) = hall.heard(RecordingAdded)
    assert (fact.recording, fact.slides, fact.title) == (LINK, None, "SEO वेबिनार")


def test_b2_11_another_link_takes_the_place_of_the_first_and_tells_nobody_again(hall: Hall) -> None:
    hall.says(recordings.decide, f"!रिकॉर्डिंग 12 {LINK}", HOST)
    recording_due(hall)
    hall.says(recordings.decide, f"!रिकॉर्डिंग 12 {OTHER}", HOST)
    assert wakes(hall) == []
    assert recording_due(hall) == []
    assert OTHER in hall.says(recordings.decide, "!रिकॉर्डिंग 12", 3)
    assert [each.recording for each in hall.heard(RecordingAdded)] == [LINK, OTHER]


def test_b2_11_unless_it_is_asked_for(hall: Hall) -> None:
    hall.says(recordings.decide, f"!रिकॉर्डिंग 12 {LINK}", HOST)
    recording_due(hall)
    hall.keep(recordings.decide_added(hall.scene(), hall.webinar(), hall.now, recording=OTHER, again=True))
    assert len(wakes(hall)) == 1
    assert all(OTHER in text_of(each) for each in recording_due(hall))


def test_b2_11_nobody_is_told_while_they_can_still_prove_that_they_were_there(hall: Hall) -> None:
    hall.now = ENDS + dt.timedelta(minutes=1)
    hall.says(recordings.decide, f"!रिकॉर्डिंग 12 {LINK}", HOST)
    assert [each.due for each in wakes(hall)] == [CLOSES]
    hall.says(recordings.decide, f"!रिकॉर्डिंग 12 {OTHER}", HOST)
    assert [each.name for each in wakes(hall)] == [f"recording/{SCOPE}#12"]


def test_slides_alone_announce_nothing_and_stand_beside_the_recording(hall: Hall) -> None:
    hall.says(recordings.decide, f"!रिकॉर्डिंग 12 स्लाइड {OTHER}", HOST)
    assert wakes(hall) == []
    hall.says(recordings.decide, f"!रिकॉर्डिंग 12 {LINK}", HOST)
    text = text_of(recording_due(hall)[0])
    assert LINK in text
    assert OTHER in text


def test_many_are_told_in_steps_and_each_once(hall: Hall) -> None:
    for number in range(1000, 1000 + 2 * AT_ONCE):
        hall.seat(number)
    hall.says(recordings.decide, f"!रिकॉर्डिंग 12 {LINK}", HOST)
    people = told(recording_due(hall))
    assert len(people) == len(set(people)) == 2 * AT_ONCE + 2


@pytest.mark.parametrize(
    "written",
    [
        "http://videos.example.com/x",
        "https://",
        "https://localhost/x",
        "https://10.0.0.7/x",
        "https://a@b.example.com/",
        "ftp://x.example.com",
        f"{LINK} {OTHER}",
        f"{LINK} यह देखें",
        "देखें",
    ],
)
def test_a_link_that_not_everybody_can_open_is_refused(hall: Hall, written: str) -> None:
    assert "https" in hall.says(recordings.decide, f"!रिकॉर्डिंग 12 {written}", HOST)
    assert hall.webinar().recording is None
    assert hall.heard(RecordingAdded) == []


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://youtu.be/dQw4w9WgXcQ?t=3", True),
        ("https://drive.google.com/file/d/1-_x/view?usp=sharing#p", True),
        ("https://8.8.8.8/x", True),
        ("https://example.com:8443/x", True),
        ("HTTPS://example.com/x", False),
        ("https://127.1/x", False),
        ("https://2130706433/x", False),
        ("https://0x7f.0.0.1/x", False),
        ("https://[::1]/x", False),
        ("https://[fd00::1]/x", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://printer.local/x", False),
        ("https://db.internal./x", False),
        ("https://intranet/x", False),
        ("https://example.com\\@10.0.0.1/", False),
        ("https://example.com:99999/", False),
        ("https://example.com/\u202e", False),
        ("https://exämple.com/", False),
        ("https://example.com/" + "x" * 2048, False),
    ],
)
def test_a_public_link_is_told_from_others(url: str, public: bool) -> None:  # noqa: FBT001 - a table of two
    assert is_public_link(url) is public


@given(st.text(max_size=80))
def test_any_text_is_read_as_a_link_without_a_fuss(text: str) -> None:
    assert not is_public_link(f"https://{text} ")


def test_members_add_no_recording_and_nobody_does_before_the_end(hall: Hall) -> None:
    assert "एडमिन" in hall.says(recordings.decide, f"!रिकॉर्डिंग 12 {LINK}", 3)
    hall.session(13)
    assert "पूरा नहीं" in hall.says(recordings.decide, f"!रिकॉर्डिंग 13 {LINK}", HOST)
    assert "अभी नहीं आई" in hall.says(recordings.decide, "!रिकॉर्डिंग 12", 3)
    with pytest.raises(Conflict):
        recordings.decide_added(hall.scene(), hall.webinar(13), hall.now, recording=LINK)
    with pytest.raises(Invalid):
        recordings.decide_added(hall.scene(), hall.webinar(), hall.now, recording="https://10.0.0.1/")


def test_b2_11_who_was_there_is_asked_once_how_it_was(hall: Hall) -> None:
    wake = rating.feedback_clock(hall.webinar(), Terms())
    assert (wake.due, type(wake.data)) == (CLOSES, FeedbackDue)
    assert told(feedback_due(hall)) == [member_id(1), member_id(2)]
    assert feedback_due(hall) == []


def test_b2_11_many_are_asked_in_steps_and_each_once(hall: Hall) -> None:
    for number in range(1000, 1000 + 2 * AT_ONCE):
        hall.seat(number, came=True)
    people = told(feedback_due(hall))
    assert len(people) == len(set(people)) == 2 * AT_ONCE + 2


def test_nobody_is_asked_who_has_said_it_already_or_of_what_is_long_over(hall: Hall) -> None:
    hall.says(rating.decide_rate, "!राय 12 5", 1)
    assert told(feedback_due(hall)) == [member_id(2)]
    hall.session(13, stage=Stage.ENDED, ended_at=ENDS)
    hall.seat(1, came=True, number=13)
    hall.now = ENDS + dt.timedelta(hours=72, seconds=1)
    data = FeedbackDue(webinar_id=hall.webinar(13).webinar_id, chat_id=chat_id(0))
    assert hall.rings(rating.decide_due, data) == []


@pytest.mark.parametrize("written", ["!राय 12 4", "!ray 12 4/5", "!rate 12 ४", "!rai #12 4"])
def test_a_rating_counts_once_and_says_nothing_of_who_gave_it(hall: Hall, written: str) -> None:
    assert "धन्यवाद" in hall.says(rating.decide_rate, written, 1)
    assert "पहले ही" in hall.says(rating.decide_rate, "!राय 12 1", 1)
    feedback = rating.feedback_of(hall.scene(), hall.webinar())
    assert (feedback.rating.total, feedback.rating.count, feedback.rated) == (4, 1, frozenset({member_id(1)}))
    (fact,) = hall.heard(SessionRated)
    assert fact.rating == 4
    assert member_id(1) not in fact.model_dump_json()


def test_who_rated_under_another_id_has_rated(hall: Hall) -> None:
    hall.says(rating.decide_rate, "!राय 12 4", 1)
    hall.members[member_id(2)] = replace(hall.member(2), absorbed=frozenset({member_id(1)}))
    assert "पहले ही" in hall.says(rating.decide_rate, "!राय 12 1", 2)


def test_only_who_was_there_rates_and_only_for_three_days(hall: Hall) -> None:
    assert "उपस्थिति दर्ज" in hall.says(rating.decide_rate, "!राय 12 5", 3)
    hall.now = ENDS + dt.timedelta(hours=72)
    hall.says(rating.decide_rate, "!राय 12 5", 1)
    hall.now += dt.timedelta(seconds=1)
    assert "समय पूरा" in hall.says(rating.decide_rate, "!राय 12 5", 2)
    assert len(hall.heard(SessionRated)) == 1


@pytest.mark.parametrize(
    "written", ["!राय", "!राय 12", "!राय 12 0", "!राय 12 6", "!राय 12 अच्छा", "!राय 5 5 5", "!राय 12 -1"]
)
def test_what_is_no_rating_is_explained(hall: Hall, written: str) -> None:
    assert "1 से 5" in hall.says(rating.decide_rate, written, 1)
    assert hall.heard(SessionRated) == []


def answers(hall: Hall, text: str, by: int, *, direct: bool = True) -> bool:
    event = hall.message(text, by, direct=direct)
    decision = rating.decide_answer(hall.scene(by, direct=direct), event, hall.now)
    if decision is not None:
        hall.keep(decision)
    return decision is not None


@pytest.mark.parametrize("text", ["5", " ५ ", "5/5", "5 ⭐", "5।"])
def test_b2_11_a_bare_number_answers_in_a_direct_chat_for_as_long_as_it_is_asked(
    hall: Hall, text: str
) -> None:
    assert not answers(hall, text, 1)
    feedback_due(hall)
    assert not answers(hall, text, 1, direct=False)
    assert not answers(hall, "5 लोग आए", 1)
    assert not answers(hall, "7", 1)
    assert not answers(hall, text, 3)
    assert answers(hall, text, 1)
    assert not answers(hall, text, 1)
    assert [each.rating for each in hall.heard(SessionRated)] == [5]


def test_a_bare_number_after_three_days_is_a_number(hall: Hall) -> None:
    feedback_due(hall)
    hall.now = ENDS + dt.timedelta(hours=73)
    assert not answers(hall, "5", 1)


@given(st.lists(st.integers(1, 5), max_size=30), st.integers(0, 30))
def test_b7_06_a_score_is_shown_from_ten_ratings_with_how_many_answered(
    given_: list[int], silent: int
) -> None:
    score = Rating().of_more(len(given_) + silent)
    for each in given_:
        score = score.rated(each)
    shown = text_of(Say(chat_id(0), score.phrase, "hi"))
    if len(given_) < 10:
        assert shown == f"{len(given_)} राय, औसत अभी नहीं"
        assert score.average is None
    else:
        assert shown.startswith(f"{sum(given_) / len(given_):.1f} ({len(given_)} राय, ")
        assert 0 <= score.share <= 100


def test_b7_06_the_words_of_a_score() -> None:
    assert text_of(Say(chat_id(0), Rating(18, 4, 30).phrase, "hi")) == "4 राय, औसत अभी नहीं"
    assert text_of(Say(chat_id(0), Rating(53, 12, 30).phrase, "hi")) == "4.4 (12 राय, 40% ने बताया)"


def test_what_is_said_of_a_session_is_said_of_its_speakers(hall: Hall) -> None:
    webinar = replace(hall.webinar(), speakers=("sp_1",))
    hall.webinars[webinar.webinar_id] = webinar
    hall.speakers["sp_1"] = Speaker("sp_1", SCOPE, "नेहा", STARTS, STARTS, rating=Rating(45, 10, 20))
    feedback_due(hall)
    hall.says(rating.decide_rate, "!राय 12 3", 1)
    speaker = hall.speakers["sp_1"]
    assert speaker is not None
    assert speaker.rating == Rating(48, 11, 22)
