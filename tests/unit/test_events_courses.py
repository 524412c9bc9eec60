from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest

from services.events.domain.roll import Seat
from services.events.domain.webinar import Stage
from shared.contracts.webinars import WebinarScheduled
from tests.support.events import member_id
from tests.support.webinars import NOW, Group

WEEKLY = "SEO क्लिनिक हर मंगलवार शाम 6 बजे"
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
async def group() -> Group:
    return await Group().begin()


async def begins(group: Group, text: str = WEEKLY) -> str:
    """Let the admin begin a series, and return the question that was asked."""
    question = await group.writes(f"!कार्यक्रम नया {text}")
    await group.writes("हाँ")
    return question


async def test_a_series_is_repeated_with_its_rule_and_makes_its_first_sessions_after_a_yes(
    group: Group,
) -> None:
    question = await begins(group)

    assert "मंगलवार, 24 नवंबर 2026, शाम 6:00 बजे (IST)" in question
    assert "हर हफ़्ते" in question
    starts = [each.starts_at for each in group.village.heard(WebinarScheduled)]
    assert starts[0] == dt.datetime(2026, 11, 24, 12, 30, tzinfo=dt.UTC)
    assert {after - before for before, after in itertools.pairwise(starts)} == {dt.timedelta(days=7)}
    assert "!शामिल 1" in group.village.last
    assert len(group.village.texts()) == 2


async def test_b2_08_who_registers_for_one_session_of_a_series_is_on_no_other_roll(group: Group) -> None:
    await begins(group)

    await group.writes("!शामिल 2", by=7)

    assert group.members.kept[member_id(7)].webinars == {"community:seekho#2"}
    for number in (1, 3, 4):
        assert group.entry(number, 7) is None
    entry = group.entry(2, 7)
    assert entry is not None
    assert entry.seat is Seat.CONFIRMED


async def test_a_series_goes_on_and_says_what_is_next_as_each_session_begins(group: Group) -> None:
    await begins(group)
    before = len(group.village.heard(WebinarScheduled))

    await group.village.passes(days=16)

    starts = [each.starts_at for each in group.village.heard(WebinarScheduled)]
    assert len(starts) == before + 2
    assert len(set(starts)) == len(starts)
    assert sum("अगला" in each for each in group.village.texts()) == 3


async def test_a_series_with_a_number_of_sessions_ends_by_itself(group: Group) -> None:
    await begins(group, "SEO क्लिनिक हर मंगलवार शाम 6 बजे 3 बार")

    await group.village.passes(days=60)

    assert len(group.village.heard(WebinarScheduled)) == 3
    assert not [name for name in group.village.timers if name.startswith("series/")]


async def test_one_session_of_a_series_is_moved_and_the_others_stay(group: Group) -> None:
    await begins(group)

    await group.writes("!कार्यक्रम बदलें 2 3 दिसंबर शाम 7 बजे")
    await group.writes("हाँ")

    assert group.webinar(2).wall == "2026-12-03T19:00:00"
    assert group.webinar(2).recurrence == "2026-12-01T18:00:00"
    assert group.webinar(3).wall == "2026-12-08T18:00:00"


async def test_all_sessions_from_one_on_are_moved_and_go_on_at_the_new_time(group: Group) -> None:
    await begins(group)
    await group.writes("!शामिल 3", by=7)

    await group.writes("!कार्यक्रम बदलें 2 आगे 2 दिसंबर शाम 7 बजे")
    await group.writes("हाँ")

    assert group.webinar(1).wall == "2026-11-24T18:00:00"
    assert [group.webinar(number).wall for number in (2, 3)] == ["2026-12-02T19:00:00", "2026-12-09T19:00:00"]
    entry = group.entry(3, 7)
    assert entry is not None
    assert entry.seat is Seat.CONFIRMED
    await group.village.passes(days=20)
    walls = sorted(each.wall for each in group.webinars.kept.values() if each is not None)
    assert len(set(walls)) == len(walls)
    assert {dt.datetime.fromisoformat(wall).weekday() for wall in walls[1:]} == {2}


async def test_all_of_a_series_is_cancelled_at_once_and_nothing_comes_after(group: Group) -> None:
    await begins(group)

    await group.writes("!कार्यक्रम रद्द 2 आगे छुट्टियाँ")
    await group.writes("हाँ")

    assert group.webinar(1).stage is Stage.SCHEDULED
    assert {group.webinar(number).stage for number in (2, 3, 4)} == {Stage.CANCELLED}
    before = len(group.village.heard(WebinarScheduled))
    await group.village.passes(days=40)
    assert len(group.village.heard(WebinarScheduled)) == before


async def test_a_recurrence_that_sessions_do_not_have_is_refused_with_what_was_said(group: Group) -> None:
    said = await group.writes("!कार्यक्रम नया SEO क्लिनिक हर रोज़ शाम 6 बजे")

    assert "दोहराना" in said
    assert await group.writes("हाँ") == ""


async def test_b2_07_a_series_in_london_moves_for_india_when_the_clocks_change_there(group: Group) -> None:
    group.village.now = dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)
    await begins(group, "Guest talk every Tuesday 6pm London time")

    indian = ZoneInfo("Asia/Kolkata")
    starts = [each.starts_at for each in group.village.heard(WebinarScheduled)]
    assert {each.astimezone(LONDON).time() for each in starts} == {dt.time(18)}
    before = [each for each in starts if each < dt.datetime(2027, 3, 28, tzinfo=dt.UTC)]
    after = [each for each in starts if each > dt.datetime(2027, 3, 28, tzinfo=dt.UTC)]
    assert {each.astimezone(indian).time() for each in before} == {dt.time(23, 30)}
    assert {each.astimezone(indian).time() for each in after} == {dt.time(22, 30)}
    assert group.village.now > NOW
