"""A session through all its life, by the whole table of events."""

from __future__ import annotations

import datetime as dt

import pytest

from services.events.domain.webinar import Stage
from shared.contracts.gateway import ChatKind
from shared.contracts.members import MemberMerged
from shared.contracts.webinars import AttendanceRecorded, CertificateIssued, RecordingAdded, SessionRated
from tests.support.events import member_id
from tests.support.moderation import happens
from tests.support.webinars import ADMIN, CODES, PUBLIC_URL, Group

STARTS = dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC)
DIRECT = 40


@pytest.fixture
async def group() -> Group:
    return await Group().begin()


async def live(group: Group, *members: int) -> int:
    """Return the number of a session that goes on, with these members on its roll."""
    number = await group.calls()
    for member in members:
        await group.writes(f"!शामिल {number}", by=member)
    await group.village.until(STARTS + dt.timedelta(minutes=5))
    return number


def code(group: Group, number: int) -> str:
    return CODES.attendance(group.webinar(number))


async def test_b2_09_the_spoken_code_records_who_is_there_once(group: Group) -> None:
    number = await live(group, 7)

    said = await group.writes(f"!हाज़िर {code(group, number)}", by=7)
    again = await group.writes(f"!हाज़िर {code(group, number)}", by=7)

    assert "आपकी उपस्थिति दर्ज हो गई ✅" in said
    assert again != said
    assert [each.member_id for each in group.village.heard(AttendanceRecorded)] == [member_id(7)]


async def test_b2_09_five_wrong_codes_block_for_ten_minutes_and_then_the_right_one_counts(
    group: Group,
) -> None:
    number = await live(group, 7)
    right = code(group, number)
    wrong = str(1000 + (int(right) - 1000 + 1) % 9000)

    for _ in range(5):
        await group.writes(f"!हाज़िर {wrong}", by=7)
    await group.writes(f"!हाज़िर {right}", by=7)
    assert group.village.heard(AttendanceRecorded) == []

    await group.village.passes(minutes=10, seconds=1)
    await group.writes(f"!हाज़िर {right}", by=7)
    assert len(group.village.heard(AttendanceRecorded)) == 1


async def test_b2_09_a_code_after_the_time_is_refused_politely(group: Group) -> None:
    number = await live(group, 7)
    right = code(group, number)
    await group.village.until(STARTS + dt.timedelta(minutes=76))

    said = await group.writes(f"!हाज़िर {right}", by=7)

    assert said
    assert group.village.heard(AttendanceRecorded) == []


async def test_the_host_alone_is_told_the_code_as_the_session_begins(group: Group) -> None:
    number = await live(group)

    told = [each for each in group.village.said if code(group, number) in each.text]

    assert [each.member_id for each in told] == [member_id(ADMIN)]


async def test_b2_10_a_certificate_is_for_who_was_there_and_says_the_name_they_gave(group: Group) -> None:
    number = await live(group, 7, 8)
    await group.writes(f"!हाज़िर {code(group, number)}", by=7)
    await group.village.until(STARTS + dt.timedelta(hours=2))

    said = await group.writes(f"!प्रमाणपत्र {number} सुनीता शर्मा", by=7)
    refused = await group.writes(f"!प्रमाणपत्र {number} रवि", by=8)

    (issued,) = group.village.heard(CertificateIssued)
    assert f"{PUBLIC_URL}/certificates/{issued.certificate_id}" in said
    assert "certificates" not in refused


async def test_b2_11_who_was_there_is_asked_once_who_was_not_gets_the_recording_and_others_nothing(
    group: Group,
) -> None:
    number = await live(group, 7, 8)
    await group.writes(f"!हाज़िर {code(group, number)}", by=7)
    before = len(group.village.said)
    await group.village.until(STARTS + dt.timedelta(hours=2))
    await group.writes(f"!रिकॉर्डिंग {number} https://videos.example.org/seo")
    await group.village.passes(hours=2)

    after = group.village.said[before:]
    asked = [each.member_id for each in after if "1" in each.text and "5" in each.text and each.member_id]
    linked = [each.member_id for each in after if "videos.example.org" in each.text and each.member_id]
    assert asked == [member_id(7)]
    assert linked == [member_id(8)]
    assert len(group.village.heard(RecordingAdded)) == 1

    await group.writes("5", by=7, chat=DIRECT, chat_kind=ChatKind.DIRECT)
    await group.writes("5", by=7, chat=DIRECT, chat_kind=ChatKind.DIRECT)
    assert [each.rating for each in group.village.heard(SessionRated)] == [5]


async def test_two_members_who_are_one_have_one_seat_and_one_attendance(group: Group) -> None:
    number = await live(group, 7, 8)
    await group.writes(f"!हाज़िर {code(group, number)}", by=8)
    merged = MemberMerged(member_id=member_id(7), merged_id=member_id(8), merged_at=group.village.now)

    await group.village.happens(happens(merged, at=group.village.now))

    entry = group.entry(number, 7)
    assert entry is not None
    assert entry.attended_at is not None
    assert group.rolls.kept[f"community:seekho#{number}"].taken == 1


async def test_questions_are_collected_and_voted_on(group: Group) -> None:
    number = await group.calls()

    await group.writes(f"!सवाल {number} title tag कितना लंबा हो?", by=7)
    await group.writes(f"!सवाल {number} +1", by=8)
    listed = await group.writes(f"!सवाल {number}", by=ADMIN)

    assert "title tag" in listed
    assert group.webinar(number).stage is Stage.SCHEDULED


async def test_a_member_is_told_of_the_page_aloud_and_of_their_own_calendar_alone(group: Group) -> None:
    await group.writes("!कैलेंडर", by=7)

    aloud, alone = group.village.said[-2:]
    assert f"{PUBLIC_URL}/calendar/seekho" in aloud.text
    assert aloud.member_id is None
    assert f"{PUBLIC_URL}/feeds/{CODES.feed(member_id(7))}.ics" in alone.text
    assert alone.member_id == member_id(7)
