from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from services.rewards.domain.rules import ADOPTED, ANSWERED
from shared.contracts.gateway import ChatKind, MemberLeft
from shared.contracts.rewards import ContributorNamed, WeekDue
from tests.support.events import member_id
from tests.support.rewards import ADMIN, GROUP, NOW, SCOPE, Group

A, B, C, D, E, F = 1, 2, 3, 4, 5, 6
MONDAY = dt.datetime(2026, 11, 23, 3, 30, tzinfo=dt.UTC)
"""09:00 in India."""
WEEK = "2026-W47"
"""Monday 16 to Sunday 22 November 2026."""


def who(text: str, members: tuple[str, ...]) -> str:
    """Return a text with the names of whom it marks."""
    names = {member_id(A): "@अ", member_id(B): "@ब", member_id(C): "@स"}
    for number, each in enumerate(members):
        text = text.replace(chr(0xFDD0 + number), names.get(each, "@" + each.lstrip("m_0")))
    return text


def news(group: Group) -> list[str]:
    return [
        who(each.text, each.mentions).split("\nकार्ड:")[0]
        for each in group.said
        if "सप्ताह के योगदानकर्ता" in each.text or "इस सप्ताह किसी" in each.text
    ]


async def recognised(group: Group, member: int, *givers: int) -> None:
    for giver in givers:
        await group.thanks(giver, await group.writes(member))


async def test_b9_05_the_contributor_of_the_week_is_told_on_monday_at_nine_once():
    # Answers and suggestions come from other services; here thanks stand for them, by what they are worth.
    group = await Group().founded(points={"thanks": 2, "hosted": 15, "attended": 5}, action_limits={})
    await group.happens(group.hosts(A, 11, NOW), group.hosts(B, 12, NOW), group.hosts(C, 13, NOW))
    await recognised(group, A, B, C, D)
    await recognised(group, B, C, D)
    await recognised(group, C, D)
    await group.until(MONDAY - dt.timedelta(seconds=1))
    assert news(group) == []
    await group.until(MONDAY)
    assert news(group) == [
        "🏆 सप्ताह के योगदानकर्ता: @अ — 1 सत्र संचालित (15), 3 धन्यवाद (6) = 21।\nबहुत बढ़िया: @ब 19, @स 17।"
    ]
    (fact,) = group.heard(ContributorNamed)
    assert fact.week == WEEK
    assert [(each.member_id, each.points) for each in fact.members] == [(member_id(A), 21)]
    assert [each.points for each in fact.runners_up] == [19, 17]
    await group.happens(group.fact(WeekDue(scope=SCOPE, week=WEEK)))
    assert len(news(group)) == 1


async def test_b9_05_it_is_told_once_where_the_service_was_down_on_monday_morning():
    group = await Group().founded()
    await recognised(group, A, B, C, D)
    await group.sleeps_until(MONDAY + dt.timedelta(hours=5))
    await group.passes(days=3)
    assert len(news(group)) == 1


async def test_b9_05_the_news_has_a_card_to_share():
    group = await Group().founded()
    await recognised(group, A, B, C, D)
    await group.until(MONDAY)
    assert group.last.endswith("कार्ड: https://chaupal.example/contributors/community:seekho/2026-W47/1.png")


async def test_b9_05_every_kind_of_merit_has_a_name():
    group = await Group().founded()
    for kind in (ANSWERED, ADOPTED, "hosted", "attended", "thanks", "contest", "useful", "other"):
        assert group._speaker.catalogue.render(f"kind.{kind}", group._speaker.language, 0, n=2, points=4)


async def test_b9_06_who_was_named_rests_and_the_text_says_so():
    group = await Group().founded()
    await recognised(group, A, B, C, D)
    await group.until(MONDAY)
    await group.passes(days=7)
    await recognised(group, A, B, C, D, E)
    await recognised(group, B, C, D, E)
    await group.until(MONDAY + dt.timedelta(days=14))
    last = news(group)[-1]
    assert last.startswith("🏆 सप्ताह के योगदानकर्ता: @ब")
    assert "@अ 8: पिछले 4 सप्ताह में चुने जा चुके हैं" in last
    assert group.heard(ContributorNamed)[-1].rested == (member_id(A),)


async def test_b9_06_who_has_rested_for_four_weeks_is_named_again():
    group = await Group().founded()
    await recognised(group, A, B, C, D)
    await group.until(MONDAY + dt.timedelta(days=7 * 4))
    await recognised(group, A, B, C, D)
    await group.passes(days=7)
    assert [each.members[0].member_id for each in group.heard(ContributorNamed)] == [member_id(A)] * 2


async def test_b9_06_of_two_who_are_equal_both_are_named():
    group = await Group().founded()
    await recognised(group, A, C, D, E)
    await recognised(group, B, C, D, E)
    await group.until(MONDAY)
    assert news(group) == ["🏆 सप्ताह के योगदानकर्ता: @अ — 3 धन्यवाद (6) = 6\n@ब — 3 धन्यवाद (6) = 6।"]


async def test_b9_06_nobody_is_named_who_has_not_done_enough_for_enough_people():
    group = await Group().founded()
    await recognised(group, A, B, B, B)
    await recognised(group, C, D, E)
    await group.until(MONDAY)
    (text,) = news(group)
    assert "किसी एक का नाम नहीं चुना गया" in text
    assert group.heard(ContributorNamed)[0].members == ()


async def test_to_have_sat_in_sessions_makes_no_contributor():
    group = await Group().founded()
    await group.happens(*(group.attends(A, each, NOW) for each in range(1, 4)))
    await group.until(MONDAY)
    assert group.heard(ContributorNamed)[0].members == ()


async def test_who_has_left_is_not_named():
    group = await Group().founded()
    await recognised(group, A, B, C, D)
    left = MemberLeft(
        chat_id=GROUP, chat_kind=ChatKind.GROUP, member_id=member_id(A), removed=False, left_at=group.now
    )
    await group.happens(group.fact(left))
    await group.until(MONDAY)
    assert group.heard(ContributorNamed)[0].members == ()


async def test_an_admin_may_speak_against_a_name_and_everybody_reads_why():
    group = await Group().founded()
    await recognised(group, A, B, C, D, E)
    await recognised(group, B, C, D, E)
    await group.writes(ADMIN, "!वीटो @अ आपसी धन्यवाद की जाँच चल रही है", mentions=(member_id(A),))
    assert "आपसी धन्यवाद की जाँच चल रही है" in group.last
    await group.until(MONDAY)
    (text,) = news(group)
    assert text.startswith("🏆 सप्ताह के योगदानकर्ता: @ब")
    assert "@अ इस बार सूची में नहीं: आपसी धन्यवाद की जाँच चल रही है" in text


async def test_a_veto_needs_an_admin_and_a_reason_and_can_be_taken_back():
    group = await Group().founded()
    await recognised(group, A, B, C, D)
    await group.writes(B, "!वीटो @अ मन नहीं", mentions=(member_id(A),))
    assert "केवल एडमिन" in group.last
    await group.writes(ADMIN, "!वीटो @अ", mentions=(member_id(A),))
    assert "कारण" in group.last
    await group.writes(ADMIN, "!veto @अ checking", mentions=(member_id(A),))
    await group.writes(ADMIN, "!veto @अ off", mentions=(member_id(A),))
    await group.until(MONDAY)
    assert news(group)[0].startswith("🏆 सप्ताह के योगदानकर्ता: @अ")


async def test_a_veto_on_monday_morning_is_about_the_week_that_is_over():
    group = await Group().founded()
    await recognised(group, A, B, C, D)
    await group.until(MONDAY - dt.timedelta(hours=1))
    await group.writes(ADMIN, "!वीटो @अ जाँच चल रही है", mentions=(member_id(A),))
    await group.until(MONDAY)
    assert group.heard(ContributorNamed)[0].members == ()


async def test_a_nomination_is_told_and_counts_as_recognition():
    group = await Group().founded()
    await recognised(group, A, B, B, B)
    await group.writes(C, "!नामांकन @अ सबकी मदद की", mentions=(member_id(A),))
    await group.writes(C, "!नामांकन @अ हर सवाल का जवाब दिया", mentions=(member_id(A),))
    await group.until(MONDAY)
    (text,) = news(group)
    assert text.startswith("🏆 सप्ताह के योगदानकर्ता: @अ")
    assert "नामांकन: @अ (1)।" in text


async def test_nobody_puts_themselves_forward():
    group = await Group().founded()
    await group.writes(A, "!नामांकन @अ मैं ही हूँ", mentions=(member_id(A),))
    assert "कोई और" in group.last
    await group.writes(A, "!नामांकन")
    assert "नाम और कारण" in group.last


async def test_admins_alone_read_of_members_who_thank_mostly_each_other():
    group = await Group().founded()
    for _ in range(3):
        await recognised(group, A, B)
        await recognised(group, B, A)
    await group.until(MONDAY)
    (report,) = [each for each in group.said if "आपसी धन्यवाद" in each.text]
    assert report.member_id == member_id(ADMIN)
    assert not report.aloud
    assert "@अ, @ब: 6" in who(report.text, report.mentions)
    assert group.points(A) == 6, "nothing follows from it by itself"


async def test_a_week_without_anything_is_not_told_of():
    group = await Group().founded()
    await group.writes(A)
    await group.passes(days=21)
    assert news(group) == []


def test_texts_of_a_week_stay_short_enough_to_send() -> None:
    async def crowded() -> Any:
        group = await Group().founded(pair_limit=50)
        for member in range(10, 22):
            await recognised(group, member, A, B, C)
        for giver in range(40, 60):
            await group.writes(giver, "!नामांकन @x " + "क" * 300, mentions=(member_id(giver % 9 + 30),))
        await group.until(MONDAY)
        return group

    group = asyncio.run(crowded())
    said = next(each for each in group.said if "योगदानकर्ता" in each.text)
    assert len(said.text) < 4096
    assert len(said.mentions) <= 24
