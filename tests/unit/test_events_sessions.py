from __future__ import annotations

import datetime as dt

import pytest

from services.events.domain.roll import Seat
from services.events.domain.webinar import Stage
from shared.contracts.gateway import ChatKind
from shared.contracts.webinars import (
    RegistrationConfirmed,
    ReminderDue,
    ReminderExpired,
    WebinarCancelled,
    WebinarChanged,
    WebinarEnded,
    WebinarScheduled,
    WebinarStarted,
)
from tests.support.events import member_id
from tests.support.webinars import NOW, Group

SHOWN = "SEO वेबिनार — मंगलवार, 24 नवंबर 2026, शाम 7:30 बजे (IST)। पक्का करें? हाँ / नहीं"
STARTS = dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC)


@pytest.fixture
async def group() -> Group:
    return await Group().begin()


async def test_b2_01_a_session_is_repeated_with_weekday_date_and_zone_and_called_only_after_a_yes(
    group: Group,
) -> None:
    said = await group.writes("!कार्यक्रम नया SEO वेबिनार कल शाम साढ़े सात बजे")

    assert said == SHOWN
    assert group.village.heard(WebinarScheduled) == []

    await group.writes("हाँ")

    (called,) = group.village.heard(WebinarScheduled)
    assert (called.title, called.starts_at, called.zone) == ("SEO वेबिनार", STARTS, "Asia/Kolkata")
    assert "!शामिल 1" in group.village.last


@pytest.mark.parametrize("answer", ["नहीं", "nahi", "no"])
async def test_b2_01_a_no_withdraws_it_and_a_later_yes_means_nothing(group: Group, answer: str) -> None:
    await group.writes("!कार्यक्रम नया SEO वेबिनार कल शाम साढ़े सात बजे")

    await group.writes(answer)
    assert await group.writes("हाँ") == ""

    assert group.village.heard(WebinarScheduled) == []


async def test_b2_01_a_yes_of_somebody_else_or_after_ten_minutes_calls_nothing(group: Group) -> None:
    await group.writes("!कार्यक्रम नया SEO वेबिनार कल शाम साढ़े सात बजे")

    assert await group.writes("हाँ", by=7) == ""
    await group.village.passes(minutes=11)
    assert await group.writes("हाँ") == ""

    assert group.village.heard(WebinarScheduled) == []


async def test_only_an_admin_calls_a_session(group: Group) -> None:
    said = await group.writes("!कार्यक्रम नया SEO वेबिनार कल शाम साढ़े सात बजे", by=7)

    assert "एडमिन" in said
    assert await group.writes("हाँ", by=7) == ""


@pytest.mark.parametrize(
    ("written", "wall"),
    [
        ("परसों सवा छह बजे शाम", "2026-11-25T18:15:00"),
        ("कल पौने आठ बजे शाम", "2026-11-24T19:45:00"),
        ("कल ढाई बजे दोपहर", "2026-11-24T14:30:00"),
    ],
)
async def test_b2_02_times_are_read_as_people_write_them(group: Group, written: str, wall: str) -> None:
    number = await group.calls(f"SEO वेबिनार {written}")

    assert group.webinar(number).wall == wall


async def test_b2_02_half_past_one_without_a_part_of_the_day_is_asked_about(group: Group) -> None:
    said = await group.writes("!कार्यक्रम नया SEO वेबिनार कल डेढ़ बजे")

    assert said == "दोपहर 1:30 या रात 1:30?"
    assert "दोपहर 1:30 बजे" in await group.writes("दोपहर 1:30")
    await group.writes("हाँ")
    assert group.webinar(1).wall == "2026-11-24T13:30:00"


async def test_a_time_that_is_missing_is_asked_for_and_the_answer_completes_it(group: Group) -> None:
    said = await group.writes("!कार्यक्रम नया SEO वेबिनार")
    assert "कब?" in said

    assert await group.writes("कल शाम साढ़े सात बजे") == SHOWN


async def test_a_time_that_is_over_is_refused_with_how_it_was_read(group: Group) -> None:
    said = await group.writes("!कार्यक्रम नया SEO वेबिनार 20 नवंबर 2026 शाम 7 बजे")

    assert "20 नवंबर 2026" in said
    assert await group.writes("हाँ") == ""


async def test_seats_and_link_are_read_beside_the_time(group: Group) -> None:
    number = await group.calls("SEO वेबिनार कल शाम साढ़े सात बजे 50 सीट https://meet.example.org/seo 90 मिनट")

    webinar = group.webinar(number)
    assert (webinar.title, webinar.capacity, webinar.link, webinar.minutes) == (
        "SEO वेबिनार",
        50,
        "https://meet.example.org/seo",
        90,
    )


async def test_b2_04_a_command_that_is_delivered_twice_registers_once(group: Group) -> None:
    number = await group.calls()
    message = group.message(f"!शामिल {number}", by=7)

    # The inbox absorbs the same event; what comes under another id is the same wish all the same.
    await group.village.happens(message)
    again = await group.writes(f"!शामिल {number}", by=7)

    assert len(group.village.heard(RegistrationConfirmed)) == 1
    assert "पहले से" in again


async def test_b2_05_who_registers_late_gets_only_the_reminder_that_is_ahead(group: Group) -> None:
    number = await group.calls()
    await group.village.until(STARTS - dt.timedelta(minutes=30))
    await group.writes(f"!शामिल {number}", by=7)

    await group.village.until(STARTS)

    reminders = group.reminders
    assert [each.member_id for each in reminders] == [member_id(7)]
    assert "10 मिनट" in reminders[0].text


async def test_b2_06_a_reminder_whose_turn_comes_late_is_sent_once_as_long_as_the_session_is_ahead(
    group: Group,
) -> None:
    number = await group.calls()
    await group.writes(f"!शामिल {number}", by=7)
    await group.village.until(STARTS - dt.timedelta(minutes=61))
    before = len(group.reminders)

    await group.village.sleeps_until(STARTS - dt.timedelta(minutes=57))

    assert len(group.reminders) == before + 1


async def test_b2_06_a_reminder_whose_turn_comes_after_the_start_is_recorded_and_not_sent(
    group: Group,
) -> None:
    number = await group.calls()
    await group.writes(f"!शामिल {number}", by=7)
    await group.village.until(STARTS - dt.timedelta(minutes=11))
    before = group.reminders

    await group.village.sleeps_until(STARTS + dt.timedelta(minutes=1))

    assert group.reminders == before
    assert [each.before_minutes for each in group.village.heard(ReminderExpired)] == [10]


async def test_who_wants_no_reminders_gets_none(group: Group) -> None:
    number = await group.calls()
    await group.writes(f"!शामिल {number}", by=7)
    await group.writes("!याद बंद", by=7)

    await group.village.until(STARTS)

    assert group.reminders == []


async def test_many_are_reminded_in_steps_each_person_once(group: Group) -> None:
    number = await group.calls()
    for member in range(600):
        await group.writes(f"!शामिल {number}", by=member)

    await group.village.until(STARTS - dt.timedelta(minutes=60))

    told = [each.member_id for each in group.reminders]
    day, hour = told[:600], told[600:]
    assert len(set(day)) == len(day) == 600
    assert len(set(hour)) == len(hour) == 600
    assert len(group.village.heard(ReminderDue)) == 4
    assert len(set(group.village.ids)) == len(group.village.ids)


async def test_a_moved_session_tells_the_group_and_those_concerned_once_and_takes_its_reminders_along(
    group: Group,
) -> None:
    number = await group.calls()
    await group.writes(f"!शामिल {number}", by=7)

    await group.writes(f"!कार्यक्रम बदलें {number} परसों शाम 6 बजे")
    await group.writes("हाँ")

    (changed,) = group.village.heard(WebinarChanged)
    assert (changed.moved_from, changed.version) == (STARTS, 1)
    news = [each for each in group.village.said if each.member_id == member_id(7)]
    assert len(news) == 1
    await group.village.until(STARTS + dt.timedelta(hours=1))
    assert group.webinar(number).stage is Stage.SCHEDULED
    assert group.village.heard(WebinarStarted) == []


async def test_a_cancelled_session_has_no_timer_left_and_everybody_concerned_hears_of_it(
    group: Group,
) -> None:
    number = await group.calls()
    await group.writes(f"!शामिल {number}", by=7)

    await group.writes(f"!कार्यक्रम रद्द {number} वक्ता अस्वस्थ हैं")
    await group.writes("हाँ")

    (cancelled,) = group.village.heard(WebinarCancelled)
    assert cancelled.reason == "वक्ता अस्वस्थ हैं"
    assert group.village.timers == {}
    assert [each.member_id for each in group.village.said if each.member_id] == [member_id(7)]


async def test_a_question_about_a_session_that_has_changed_meanwhile_does_nothing(group: Group) -> None:
    number = await group.calls()
    await group.writes(f"!कार्यक्रम रद्द {number}")
    other = 1001
    await group.promotes(other)
    await group.writes(f"!कार्यक्रम बदलें {number} परसों शाम 6 बजे", by=other)
    await group.writes("हाँ", by=other)

    said = await group.writes("हाँ")

    assert "बदल गया" in said
    assert group.webinar(number).stage is Stage.SCHEDULED


async def test_a_session_begins_and_ends_by_the_clock(group: Group) -> None:
    number = await group.calls()
    await group.writes(f"!शामिल {number}", by=7)

    await group.village.until(STARTS + dt.timedelta(hours=2))

    assert len(group.village.heard(WebinarStarted)) == 1
    (ended,) = group.village.heard(WebinarEnded)
    assert (ended.registered, ended.attended) == (1, 0)
    assert group.webinar(number).stage is Stage.ENDED
    assert "अब नाम नहीं" in await group.writes(f"!शामिल {number}", by=8)
    await group.village.passes(days=31)
    assert group.webinar(number).stage is Stage.ARCHIVED


async def test_sessions_ahead_are_listed_in_order_and_one_is_shown(group: Group) -> None:
    await group.calls("दूसरा वेबिनार परसों शाम 6 बजे")
    await group.calls("पहला वेबिनार कल शाम 6 बजे")

    listed = await group.writes("!कार्यक्रम", by=7)
    assert listed.index("पहला") < listed.index("दूसरा")
    assert "दूसरा वेबिनार" in await group.writes("!कार्यक्रम 1", by=7)
    assert "नहीं मिला" in await group.writes("!कार्यक्रम 77", by=7)


async def test_a_number_in_a_direct_chat_means_the_community_somebody_has_been_seen_in(group: Group) -> None:
    number = await group.calls()
    await group.writes("नमस्ते", by=7)

    said = await group.writes(f"!शामिल {number}", by=7, chat=9, chat_kind=ChatKind.DIRECT)

    assert "पक्की" in said
    entry = group.entry(number, 7)
    assert entry is not None
    assert entry.seat is Seat.CONFIRMED


@pytest.mark.parametrize(
    "text",
    [
        "!कार्यक्रम नया",
        "!कार्यक्रम नया \u0000\u202e",
        "!कार्यक्रम नया " + "क" * 4000 + " कल शाम 7 बजे",
        "!कार्यक्रम बदलें",
        "!कार्यक्रम बदलें 999999999999",
        "!कार्यक्रम रद्द ١٢",
        "!शामिल 0",
        "!शामिल -1",
        "!शामिल 99999999999999999999",
        "!नहीं ½",
        "!कार्यक्रम नया X 31 फरवरी 2027 25:99",
    ],
)
async def test_whatever_is_written_is_answered_and_never_an_error(group: Group, text: str) -> None:
    assert await group.writes(text)
    assert group.village.now >= NOW
