from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrule, rruleset, rrulestr
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from services.events.papers.ics import Entry, Feed, calendar_of, file_of
from shared.i18n.language import Language

LONDON, IST = ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata")
MADE = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
FEED = Feed(
    "SEO सीखें, कमाएँ", IST, url="https://example.org/calendar/seo.ics", description="एक\nBEGIN:VEVENT, दो"
)
ONE = Entry(
    uid="seo-12@example.org",
    title="SEO वेबिनार; शुरुआत, \\ और आगे",
    starts=dt.datetime(2026, 11, 24, 19, 30),  # noqa: DTZ001 - a wall time
    zone=IST,
    minutes=60,
    changed_at=MADE,
    created_at=MADE,
    sequence=2,
    description="पहली पंक्ति\nदूसरी; पंक्ति, यहाँ",
    speaker="प्रो. मिश्रा +91 98765 43210",
    location="https://meet.example.org/x",
    url="https://example.org/calendar/seo",
    reminders=(10, 60),
)
WEEKLY = replace(
    ONE,
    uid="seo-s3@example.org",
    starts=dt.datetime(2027, 3, 14, 18),  # noqa: DTZ001 - a wall time
    zone=LONDON,
    rule="FREQ=WEEKLY;COUNT=5",
    exceptions=(dt.datetime(2027, 3, 21, 18),),  # noqa: DTZ001 - a wall time
)


def unfolded(ics: bytes) -> list[str]:
    return ics.replace(b"\r\n ", b"").decode().split("\r\n")


def event_of(ics: bytes):
    (event,) = Calendar.from_ical(ics).walk("VEVENT")
    return event


def test_b2_07_a_series_keeps_its_wall_time_and_the_calendar_carries_the_zone(tmp_path):
    ics = calendar_of([WEEKLY], FEED)
    event = event_of(ics)
    # Only the zone in the file is asked, by another library than the one that wrote it.
    path = tmp_path / "feed.ics"
    path.write_text("\r\n".join(unfolded(ics)), "utf-8", newline="")
    london = tzical(str(path)).get("Europe/London")
    start = event["DTSTART"].dt.replace(tzinfo=london)
    occurrences = rruleset()
    rule = rrulestr(event["RRULE"].to_ical().decode(), dtstart=start)
    assert isinstance(rule, rrule)
    occurrences.rrule(rule)
    occurrences.exdate(event["EXDATE"].dts[0].dt.replace(tzinfo=london))

    seen = [(at.replace(tzinfo=None), at.astimezone(IST).strftime("%d %H:%M")) for at in occurrences]

    assert seen == [
        (dt.datetime(2027, 3, 14, 18), "14 23:30"),  # noqa: DTZ001 - a wall time
        (dt.datetime(2027, 3, 28, 18), "28 22:30"),  # noqa: DTZ001 - a wall time
        (dt.datetime(2027, 4, 4, 18), "04 22:30"),  # noqa: DTZ001 - a wall time
        (dt.datetime(2027, 4, 11, 18), "11 22:30"),  # noqa: DTZ001 - a wall time
    ]


@pytest.mark.parametrize(
    "key",
    [
        *("Asia/Kolkata", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"),
        *("Africa/Casablanca", "America/Sao_Paulo", "Pacific/Auckland", "Asia/Tehran", "UTC"),
    ],
)
def test_b2_07_a_zone_in_a_file_is_right_at_every_hour(key, tmp_path):
    """Another library reads the zone and must agree with the tz database, hours around changes included."""
    zone = ZoneInfo(key)
    path = tmp_path / "feed.ics"
    path.write_text("\r\n".join(unfolded(calendar_of([replace(ONE, zone=zone)], FEED))), "utf-8", newline="")
    read = tzical(str(path)).get(key)

    wall = dt.datetime(2026, 1, 2)  # noqa: DTZ001 - a wall time
    while wall.year < 2029:
        at = wall.replace(tzinfo=zone)
        # A wall time that is there twice or not at all may be read either way.
        if at.utcoffset() == at.replace(fold=1).utcoffset():
            assert wall.replace(tzinfo=read).utcoffset() == at.utcoffset(), wall
        wall += dt.timedelta(hours=5 if wall.weekday() not in {5, 6} else 1)


def test_a_zone_that_changes_by_a_rule_says_the_rule():
    lines = unfolded(calendar_of([WEEKLY], FEED))

    start = lines.index("BEGIN:DAYLIGHT")
    assert set(lines[start : lines.index("END:DAYLIGHT")]) >= {
        "DTSTART:20260329T010000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZOFFSETFROM:+0000",
        "TZOFFSETTO:+0100",
        "TZNAME:BST",
    }


def test_b2_07_a_series_in_india_does_not_move():
    event = event_of(calendar_of([replace(WEEKLY, zone=IST, exceptions=())], FEED))
    rule = rrulestr(event["RRULE"].to_ical().decode(), dtstart=event["DTSTART"].dt)

    assert {at.astimezone(dt.UTC).strftime("%H:%M") for at in rule} == {"12:30"}


def test_b2_08_a_session_of_a_series_is_in_a_calendar_alone():
    alone = replace(WEEKLY, rule=None, exceptions=(), recurrence=WEEKLY.starts)
    event = event_of(calendar_of([alone], FEED))

    assert "RRULE" not in event
    assert event["RECURRENCE-ID"].dt == WEEKLY.starts.replace(tzinfo=LONDON)


def test_what_is_written_is_read_back():
    event = event_of(file_of([ONE], "SEO सीखें"))

    assert event["SUMMARY"] == ONE.title
    assert event["DESCRIPTION"] == "वक्ता: प्रो. मिश्रा •••\n\nपहली पंक्ति\nदूसरी; पंक्ति, यहाँ"
    assert event["DTSTART"].dt == dt.datetime(2026, 11, 24, 14, tzinfo=dt.UTC)
    assert event["DURATION"].dt == dt.timedelta(hours=1)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (ONE.uid, 2, "CONFIRMED")
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == MADE
    assert [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")] == [
        dt.timedelta(hours=-1),
        dt.timedelta(minutes=-10),
    ]


def test_lines_are_folded_by_octets_and_end_as_the_format_says():
    ics = file_of([replace(ONE, title="प्रशिक्षण 🙂 " * 15)], "कमाई" * 20)

    assert ics.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in ics.replace(b"\r\n", b"")
    for line in ics.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no character is cut in two


def test_what_was_called_off_leaves_calendars():
    off = replace(ONE, cancelled=True, sequence=3)
    taken, followed = file_of([off], "SEO"), calendar_of([off], FEED)

    assert "METHOD:CANCEL" in unfolded(taken)
    assert "METHOD:PUBLISH" in unfolded(followed)
    for ics in (taken, followed):
        event = event_of(ics)
        assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (ONE.uid, 3, "CANCELLED")
        assert not event.walk("VALARM")
    assert "METHOD:PUBLISH" in unfolded(file_of([], "SEO"))


def test_a_feed_says_how_often_to_ask():
    lines = unfolded(calendar_of([ONE], FEED))

    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert "X-PUBLISHED-TTL:PT1H" in lines
    assert "X-WR-CALNAME:SEO सीखें\\, कमाएँ" in lines
    assert "X-WR-CALDESC:एक\\nBEGIN:VEVENT\\, दो" in lines
    assert "X-WR-TIMEZONE:Asia/Kolkata" in lines


def test_an_until_is_in_utc():
    entry = replace(WEEKLY, rule="FREQ=WEEKLY;UNTIL=20270404T180000", exceptions=())

    assert any(
        line.startswith("RRULE:") and "UNTIL=20270404T170000Z" in line
        for line in unfolded(calendar_of([entry], FEED))
    )
    day = replace(entry, rule="FREQ=WEEKLY;UNTIL=20270404")
    assert any("UNTIL=20270404T225959Z" in line for line in unfolded(calendar_of([day], FEED)))


def test_a_rule_that_is_none_is_refused():
    with pytest.raises(ValueError, match="SOMETIMES"):
        calendar_of([replace(WEEKLY, rule="FREQ=SOMETIMES")], FEED)


def test_the_same_sessions_are_the_same_file_in_any_order():
    assert calendar_of([ONE, WEEKLY], FEED) == calendar_of([WEEKLY, ONE], FEED)


@pytest.mark.parametrize("language", list(Language))
def test_words_are_in_the_language_asked_for(language):
    lines = unfolded(file_of([ONE], "SEO", language))

    assert any(line.startswith(f"SUMMARY;LANGUAGE={language}:") for line in lines)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=40))
def test_no_text_writes_lines_of_its_own(title, description, name):
    ics = file_of([replace(ONE, title=title, description=description, speaker=name, url=name)], name)
    keys = {line.partition(":")[0].partition(";")[0] for line in unfolded(ics) if line}

    assert keys <= {
        *("BEGIN", "END", "PRODID", "VERSION", "CALSCALE", "METHOD", "ORGANIZER", "COMMENT"),
        *("TZID", "TZNAME", "TZOFFSETFROM", "TZOFFSETTO", "DTSTART", "RDATE", "UID", "DTSTAMP", "CREATED"),
        *("LAST-MODIFIED", "SEQUENCE", "DURATION", "SUMMARY", "STATUS", "TRANSP", "DESCRIPTION"),
        *("LOCATION", "URL", "ACTION", "TRIGGER"),
    }
    assert len(Calendar.from_ical(ics).walk("VEVENT")) == 1
