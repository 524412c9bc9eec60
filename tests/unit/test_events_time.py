import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.events.domain.timing import (
    Ambiguous,
    NoClock,
    NoDate,
    NoTime,
    Past,
    Question,
    Resolved,
    UnknownZone,
    canonical,
    existing,
    instant,
    read_recurrence,
    read_time,
    settle,
    wall_at,
    wall_in,
    zone_of,
)
from shared.errors import Invalid
from shared.i18n import Language
from tests.support.session_times import (
    INDIA,
    NOW,
    resolved,
    said_choice,
    said_for,
    said_in_full,
    said_zone,
    wall,
)

LONDON = ZoneInfo("Europe/London")

WALLS = st.datetimes(wall(2026, 11, 23, 10, 1), wall(2031, 6, 1)).map(
    lambda each: each.replace(second=0, microsecond=0)
)
ZONES = st.sampled_from(
    ["Asia/Kolkata", "Europe/London", "America/New_York", "Asia/Kathmandu", "UTC", "Pacific/Apia"]
)
RELATIVE = st.sampled_from(
    [
        "कल",
        "परसों",
        "kal",
        "parso",
        "tomorrow",
        "मंगलवार",
        "सोमवार",
        "somvar",
        "monday",
        "इस रविवार",
        "next monday",
        "अगले हफ्ते शनिवार",
        "25 तारीख",
        "1 तारीख",
        "in 3 days",
        "दो हफ्ते बाद",
        "tonight",
    ]
)
CLOCKS = st.sampled_from(
    [
        "शाम 7 बजे",
        "सुबह 5 बजे",
        "रात 12 बजे",
        "रात 1 बजे",
        "7 बजे",
        "00:00",
        "23:59",
        "डेढ़ बजे",
        "noon",
        "1am",
        "midnight",
        "आधी रात के बाद 1 बजे",
        "साढ़े बारह बजे",
        "पौने एक बजे",
        "2:30",
        "01:30",
    ]
)
INSTANTS = st.datetimes(wall(2026, 1, 1), wall(2028, 12, 31)).map(lambda at: at.replace(tzinfo=dt.UTC))


@given(WALLS, st.sampled_from(Language))
@example(wall(2026, 11, 25, 0, 0), Language.HI)
@example(wall(2026, 11, 25, 12, 0), Language.HI_LATN)
@example(wall(2027, 5, 2, 0, 30), Language.EN)
def test_a_time_that_is_said_is_read_back_as_itself(starts, language):
    said = said_in_full(starts, "Asia/Kolkata", language)
    assert read_time(said, NOW, INDIA) == Resolved(starts, "Asia/Kolkata", "")
    assert read_time(f"SEO — {said}", NOW, INDIA) == Resolved(starts, "Asia/Kolkata", "SEO")


@given(WALLS, st.sampled_from(Language), ZONES)
def test_a_time_that_is_said_in_another_zone_is_read_back_as_the_same_instant(starts, language, zone):
    starts = existing(starts, zone)
    reading = read_time(said_in_full(starts, zone, language), NOW - dt.timedelta(days=2), zone_of(zone))
    assert isinstance(reading, Resolved)
    # The abbreviation of a fold is that of its first hour, and GMT is UTC by itself.
    assert abs(instant(reading.starts, reading.zone) - instant(starts, zone)) <= dt.timedelta(hours=1)
    if zone in {"Asia/Kolkata", "Asia/Kathmandu", "UTC"}:
        assert (reading.starts, reading.zone) == (starts, zone)


@given(RELATIVE, CLOCKS, INSTANTS, ZONES)
def test_relative_words_never_give_a_past_time(day, clock, now, zone):
    reading = read_time(f"{day} {clock}", now, zone_of(zone))
    if isinstance(reading, Past):
        # Tonight names its date; its clock may have been shown already.
        assert day == "tonight"
    else:
        assert isinstance(reading, Resolved | Ambiguous), (day, clock, reading)
        walls = [reading.starts] if isinstance(reading, Resolved) else reading.candidates
        assert all(instant(each, reading.zone) > now for each in walls)
        assert len(walls) <= 4
        assert list(walls) == sorted(walls)


_WORDS = st.sampled_from(
    (
        *("कल", "kal", "7", "pm", "बजे", "saade", "साढ़े", "पौने", "25", "/", ":", ".", "-", "99", "٣", "²"),
        *("31", "Feb", "फरवरी", "sat", "next", "अगले", "से", "to", "2026", "0", "हर", "every", "for", "8"),
        *("weeks", "घंटे", "बाद", "in", "IST", "UTC", "+", "Europe/London", "(", ")", "\u200d", "\u200b"),
        *("़", "ः", "first", "month", "महीने", "तक", "until", "#", "₹", "half", "past", "आधी", "रात", "के"),
    )
)


@given(
    st.one_of(
        st.text(max_size=200), st.lists(_WORDS, max_size=25).map(" ".join), st.lists(_WORDS).map("".join)
    )
)
@example("\ud800 kal 7pm")
@example("٣ बजे ² pm 25:99 31/02/0000 0/0/0 00:00:00 99:99-99:99")
@example("İ KAL 7PM ß")
@example("in 999 weeks 7pm")
@example("पौने मिनट बाद")
@example("999 घंटे बाद")
@example("9999-99-99 24:00")
@example("2026-11-25T19:00:00+05:30")
def test_no_text_makes_the_reader_fail(text):
    for now in (NOW, dt.datetime(2027, 3, 28, 0, 59, tzinfo=dt.UTC)):
        reading = read_time(text, now, LONDON)
        if not isinstance(reading, NoTime | NoClock):
            assert len(reading.rest) <= len(text)
        settle(reading, text, now, LONDON)
        read_recurrence(text, now, LONDON)


@pytest.mark.parametrize(
    "piece", ["a", "7", "कल ", "kal 7pm ", "25/", "7-", "़", "\u200d", "(", "हर मंगलवार ", "𝟕", "٣ "]
)
def test_a_hundred_thousand_characters_are_read_in_a_moment(piece):
    text = (piece * 100_000)[:100_000]
    began = time.perf_counter()
    for _ in range(2):
        read_time(text, NOW, INDIA)
        read_recurrence(text, NOW, INDIA)
    assert time.perf_counter() - began < 2


def test_what_is_beyond_the_limit_stays_in_the_title():
    tail = "x" * 5000
    reading = read_time(f"kal 7pm {tail} parso 8pm", NOW, INDIA)
    assert isinstance(reading, Resolved)
    assert reading.rest == f"{tail} parso 8pm"


@pytest.mark.parametrize(
    ("zone", "now", "phrase", "starts"),
    [
        # London's clocks go from 01:00 to 02:00 on 28 March 2027, and back from 02:00 to 01:00 on 31 October.
        (LONDON, dt.datetime(2027, 3, 27, 12, tzinfo=dt.UTC), "tomorrow 1:30 am", wall(2027, 3, 28, 2, 30)),
        (LONDON, dt.datetime(2027, 10, 30, 12, tzinfo=dt.UTC), "tomorrow 1:30 am", wall(2027, 10, 31, 1, 30)),
        (LONDON, dt.datetime(2027, 3, 28, 0, 30, tzinfo=dt.UTC), "in 1 hour", wall(2027, 3, 28, 2, 30)),
    ],
)
def test_a_time_that_clocks_skip_is_the_one_they_show_instead(zone, now, phrase, starts):
    reading = resolved(phrase, now, zone)
    assert reading.starts == starts


def test_the_night_belongs_to_the_day_on_which_it_begins():
    read = {text: resolved(f"कल {text}").starts for text in ("रात 11 बजे", "रात 12 बजे", "रात 2 बजे")}
    assert list(read.values()) == [wall(2026, 11, 24, 23), wall(2026, 11, 25), wall(2026, 11, 25, 2)]


def test_next_is_of_the_coming_week_where_this_week_has_none_left():
    saturday = NOW + dt.timedelta(days=5)
    assert resolved("next tuesday 7pm", saturday).starts == wall(2026, 12, 1, 19)
    asked = read_time("next sunday 7pm", saturday, INDIA)
    assert isinstance(asked, Ambiguous)
    assert asked.candidates == (wall(2026, 11, 29, 19), wall(2026, 12, 6, 19))


def test_clock_notation_stays_on_the_page_that_is_named():
    for text in ("kal 12am", "kal 00:00", "कल आधी रात के बाद 12 बजे"):
        assert resolved(text).starts == wall(2026, 11, 24), text


def test_after_midnight_tonight_is_asked():
    reading = read_time("आज रात 2 बजे", NOW.replace(hour=0, minute=30), INDIA)
    assert reading == Ambiguous(
        Question.DAY, (wall(2026, 11, 23, 2), wall(2026, 11, 24, 2)), "Asia/Kolkata", ""
    )


def test_today_is_that_of_the_writer():
    late = dt.datetime(2026, 11, 23, 20, 0, tzinfo=dt.UTC)
    assert resolved("आज शाम 7 बजे", late, INDIA).starts == wall(2026, 11, 24, 19)
    assert resolved("today 11pm", late, LONDON).starts == wall(2026, 11, 23, 23)


@pytest.mark.parametrize(
    ("asked", "answer", "starts"),
    [
        ("SEO कल डेढ़ बजे", "दोपहर", wall(2026, 11, 24, 13, 30)),
        ("SEO कल डेढ़ बजे", "रात", wall(2026, 11, 25, 1, 30)),
        ("SEO कल डेढ़ बजे", "दोपहर 1:30", wall(2026, 11, 24, 13, 30)),
        ("SEO कल डेढ़ बजे", "raat 1:30", wall(2026, 11, 25, 1, 30)),
        ("SEO कल डेढ़ बजे", "२", wall(2026, 11, 25, 1, 30)),
        ("SEO कल डेढ़ बजे", "pm", wall(2026, 11, 24, 13, 30)),
        ("SEO कल डेढ़ बजे", "परसों शाम 8 बजे", wall(2026, 11, 25, 20)),
        ("SEO next tue 7pm", "1 dec", wall(2026, 12, 1, 19)),
        ("SEO next tue 7pm", "कल", wall(2026, 11, 24, 19)),
        ("SEO next tue 7 baje", "1 dec shaam", wall(2026, 12, 1, 19)),
        ("SEO next tue", "1 dec 7pm", wall(2026, 12, 1, 19)),
        ("SEO कल", "शाम 7 बजे", wall(2026, 11, 24, 19)),
        ("SEO कल शाम", "7", wall(2026, 11, 24, 19)),
        ("SEO शाम 7 बजे", "कल", wall(2026, 11, 24, 19)),
        ("SEO", "kal 7pm", wall(2026, 11, 24, 19)),
        ("SEO आज सुबह 8 बजे", "कल शाम 7 बजे", wall(2026, 11, 24, 19)),
    ],
)
def test_an_answer_settles_what_was_asked(asked, answer, starts):
    reading = settle(read_time(asked, NOW, INDIA), answer, NOW, INDIA)
    assert reading == Resolved(starts, "Asia/Kolkata", "SEO")


def test_an_answer_to_half_of_it_leaves_the_other_half():
    asked = read_time("next tue 7 baje", NOW, INDIA)
    left = settle(asked, "1 dec", NOW, INDIA)
    assert isinstance(left, Ambiguous)
    assert (left.question, len(left.candidates)) == (Question.PART_OF_DAY, 2)


@pytest.mark.parametrize("phrase", ["कल डेढ़ बजे", "कल", "शाम 7 बजे"])
@pytest.mark.parametrize("answer", ["", "हम्म", "पता नहीं", "🙏", "0"])
def test_an_answer_that_says_nothing_leaves_the_question(phrase, answer):
    asked = read_time(phrase, NOW, INDIA)
    left = settle(asked, answer, NOW, INDIA)
    assert left == asked or (answer == "0" and isinstance(left, Resolved | Ambiguous))


@pytest.mark.parametrize("answer", ["शाम", "परसों शाम 8 बजे"])
def test_the_length_that_was_said_outlives_the_question(answer):
    asked = read_time("SEO कल 7 बजे 90 min", NOW, INDIA)
    settled = settle(asked, answer, NOW, INDIA)
    assert isinstance(settled, Resolved)
    assert settled.length == dt.timedelta(minutes=90)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.HI, "मंगलवार, 24 नवंबर 2026, शाम 7:30 बजे (IST)"),
        (Language.EN, "Tuesday, 24 November 2026, 7:30 PM (IST)"),
        (Language.HI_LATN, "Mangalwaar, 24 November 2026, shaam 7:30 baje (IST)"),
    ],
)
def test_b2_01_the_echo_names_weekday_date_and_zone(language, said):
    reading = resolved("SEO वेबिनार कल शाम साढ़े सात बजे")
    assert reading.rest == "SEO वेबिनार"
    assert said_in_full(reading.starts, reading.zone, language) == said


def test_a_guest_sees_their_own_time():
    starts = wall(2026, 11, 24, 19, 30)
    said = said_for(starts, "Asia/Kolkata", "Europe/London", Language.HI)
    assert said == "मंगलवार, 24 नवंबर 2026, दोपहर 2:00 बजे (GMT)"
    summer = said_for(wall(2027, 6, 1, 3), "Asia/Kolkata", "Europe/London", Language.EN)
    assert summer == "Monday, 31 May 2027, 10:30 PM (BST)"


@pytest.mark.parametrize(
    ("zone", "label"),
    [
        ("Asia/Calcutta", "IST"),
        ("Europe/London", "GMT"),
        ("UTC", "UTC"),
        ("Asia/Kathmandu", "UTC+5:45"),
        ("America/New_York", "UTC-5"),
        ("Asia/Jerusalem", "UTC+2"),
        ("America/St_Johns", "UTC-3:30"),
    ],
)
def test_a_zone_is_called_by_what_members_know_or_by_its_offset(zone, label):
    assert said_zone(wall(2026, 11, 24, 12), zone) == label


def test_the_night_is_called_by_its_name_where_two_times_are_to_choose_from():
    early = wall(2026, 11, 24, 1, 30)
    assert [said_choice(early, language) for language in Language] == ["रात 1:30", "1:30 AM", "raat 1:30"]
    assert said_choice(wall(2026, 11, 24, 13, 30), Language.HI) == "दोपहर 1:30"
    assert "आधी रात के बाद 1:30" in said_in_full(early, "Asia/Kolkata", Language.HI)


def test_a_skipped_time_is_as_much_later_and_a_repeated_one_is_the_first():
    assert instant(wall(2027, 3, 28, 1, 30), "Europe/London") == dt.datetime(
        2027, 3, 28, 1, 30, tzinfo=dt.UTC
    )
    assert existing(wall(2027, 3, 28, 1, 30), "Europe/London") == wall(2027, 3, 28, 2, 30)
    first = dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC)
    assert instant(wall(2027, 10, 31, 1, 30), "Europe/London") == first
    assert instant(wall(2027, 10, 31, 1, 30).replace(fold=1), "Europe/London") == first


@given(INSTANTS, ZONES)
def test_a_wall_time_and_its_instant_belong_together(at, zone):
    shown = wall_at(at, zone)
    assert existing(shown, zone) == shown
    assert instant(shown, zone) in {at, at - dt.timedelta(hours=1)}
    assert wall_in(shown, zone, zone) == shown


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Asia/Kolkata", "Asia/Kolkata"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("US/Eastern", "America/New_York"),
        ("GB", "Europe/London"),
        ("Etc/UTC", "UTC"),
    ],
)
def test_former_names_of_zones_become_those_in_use(name, kept):
    assert (canonical(name), zone_of(name).key) == (kept, kept)


@pytest.mark.parametrize(
    "name",
    [
        *("", "IST", "EST", "localtime", "Asia", "America/Indiana", "Europe/Lundon", "एशिया/कोलकाता"),
        *("../etc/passwd", "/etc/passwd", "Asia/../Asia/Kolkata", "posix/Asia/Kolkata"),
        *("Asia/Kolkata\n", "Asia\x00/Kolkata", "a" * 1000),
    ],
)
def test_an_unknown_zone_is_refused(name):
    with pytest.raises(UnknownZone) as refused:
        zone_of(name)
    assert isinstance(refused.value, Invalid)


def test_a_wall_time_has_no_zone_and_an_instant_has_one():
    with pytest.raises(ValueError, match="zone"):
        instant(NOW, "Asia/Kolkata")
    with pytest.raises(ValueError, match="zone"):
        wall_at(wall(2026, 11, 24), "Asia/Kolkata")


def test_a_bare_clock_is_asked_before_the_day_is():
    assert isinstance(read_time("7 बजे", NOW, INDIA), Ambiguous)
    assert isinstance(read_time("शाम 7 बजे", NOW, INDIA), NoDate)
