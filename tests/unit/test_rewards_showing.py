from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rewards.domain.badges import LEVELS, levels_of, next_level
from services.rewards.domain.periods import week_after
from services.rewards.domain.showing import badge_name
from services.rewards.domain.streaks import streak
from shared.contracts.gateway import ChatKind, MemberJoined, MemberLeft
from shared.contracts.rewards import ContributorNamed
from tests.support.events import chat_id, member_id
from tests.support.rewards import GROUP, NOW, Group

A, B, C, D = 1, 2, 3, 4
THIS = "2026-W47"


async def recognised(group: Group, member: int, *givers: int) -> None:
    for giver in givers:
        await group.thanks(giver, await group.writes(member))


def marked(group: Group) -> list[str]:
    return list(group.said[-1].mentions)


async def test_b9_07_who_is_private_is_on_no_board_and_in_no_announcement_and_still_sees_their_points():
    group = await Group().founded()
    await recognised(group, A, B, C, D)
    await recognised(group, B, C, D, A)
    await group.writes(A, "!निजी")
    await group.writes(C, "!बोर्ड")
    assert marked(group) == [member_id(B)]
    await group.passes(days=6)
    (named,) = group.heard(ContributorNamed)
    assert [each.member_id for each in named.members] == [member_id(B)]
    assert member_id(A) not in {name for each in group.said for name in each.mentions if "🏆" in each.text}
    await group.writes(A, "!अंक")
    said = group.said[-1]
    assert "कुल 6" in said.text
    assert said.member_id == member_id(A)
    assert "6" not in (said.aloud_text or "")


async def test_b9_07_who_was_private_may_be_on_boards_again():
    group = await Group().founded()
    await recognised(group, A, B)
    await group.writes(A, "!निजी")
    await group.writes(A, "!निजी बंद")
    await group.writes(C, "!बोर्ड")
    assert marked(group) == [member_id(A)]


async def test_points_tell_the_place_and_what_earns_the_next_badge():
    group = await Group().founded()
    await recognised(group, A, B, C, D)
    await recognised(group, B, C)
    await group.writes(B, "!अंक")
    assert group.last == "आपके अंक: इस सप्ताह 2 (स्थान 2), कुल 2 (स्थान 2)।\nआगे: आभार का अगला स्तर, 4 और से।"


async def test_points_of_who_has_none_say_how_one_begins():
    group = await Group().founded()
    await group.writes(A, "!अंक")
    assert "सिर्फ़ संदेश लिखने से नहीं" in group.last


async def test_points_in_a_direct_chat_are_of_every_community_of_a_member():
    group = await Group().founded()
    await recognised(group, A, B)
    await group.writes(A, "!अंक", chat_id=chat_id(9), chat_kind=ChatKind.DIRECT)
    assert "कुल 2" in group.last
    await group.writes(A, "नमस्ते", chat_id=chat_id(5))
    await group.writes(A, "!अंक", chat_id=chat_id(9), chat_kind=ChatKind.DIRECT)
    assert "*seekho*" in group.last
    await group.writes(D, "!अंक", chat_id=chat_id(8), chat_kind=ChatKind.DIRECT)
    assert "अभी आपके अंक नहीं हैं" in group.last


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("!बोर्ड", "इस सप्ताह"),
        ("!board month", "इस महीने"),
        ("!बोर्ड तिमाही", "इस तिमाही"),
        ("!bord kul", "अब तक"),
        ("!बोर्ड कुछभी", "इस सप्ताह"),
    ],
)
async def test_a_board_shows_the_most_points_first(said, title):
    group = await Group().founded()
    await recognised(group, A, B)
    await recognised(group, C, A, B, D)
    await recognised(group, D, C)
    await group.writes(B, said)
    assert title in group.last
    assert marked(group)[0] == member_id(C)
    lines = group.last.splitlines()[1:]
    assert [line.split(".")[0] for line in lines] == ["1", "2", "2"]


async def test_last_month_does_not_count_for_this_one():
    group = await Group(NOW - dt.timedelta(days=20)).founded()
    await recognised(group, A, B)
    await group.passes(days=20)
    await group.writes(B, "!बोर्ड महीना")
    assert "कोई नहीं" in group.last
    await group.writes(B, "!बोर्ड कुल")
    assert marked(group) == [member_id(A)]


async def test_newcomers_have_a_board_of_their_own():
    group = await Group().founded()
    await recognised(group, A, B, C)
    joined = MemberJoined(
        chat_id=GROUP, chat_kind=ChatKind.GROUP, member_id=member_id(D), joined_at=group.now
    )
    await group.happens(group.fact(joined))
    await recognised(group, D, B)
    await group.writes(B, "!बोर्ड नए")
    assert marked(group) == [member_id(D)]


async def test_who_has_left_is_on_no_board_and_is_back_when_they_are():
    group = await Group().founded()
    await recognised(group, A, B)
    left = MemberLeft(
        chat_id=GROUP, chat_kind=ChatKind.GROUP, member_id=member_id(A), removed=True, left_at=group.now
    )
    await group.happens(group.fact(left))
    await group.writes(B, "!बोर्ड")
    assert marked(group) == []
    group.now += dt.timedelta(hours=1)
    back = MemberJoined(chat_id=GROUP, chat_kind=ChatKind.GROUP, member_id=member_id(A), joined_at=group.now)
    await group.happens(group.fact(back))
    await group.writes(B, "!बोर्ड")
    assert marked(group) == [member_id(A)]


def weeks(*points: int) -> dict[str, int]:
    """Points of the weeks up to this one, the last one this."""
    return {week_after(THIS, number - len(points) + 1): each for number, each in enumerate(points)}


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ((), 0),
        ((2,), 1),
        ((2, 0), 1),
        ((2, 2, 2), 3),
        ((2, 2, 0), 2),
        ((5, 5, 0, 5, 5), 4),
        ((5, 5, 0, 0, 5), 1),
        ((5, 0, 5, 5, 5, 0, 5), 5),
    ],
)
def test_a_streak_goes_on_over_one_empty_week_a_month(points, expected):
    assert streak(weeks(*points), THIS) == expected


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(0, 59))
def test_points_that_are_given_back_never_make_a_streak_shorter(points, at):
    before = streak(weeks(*points), THIS)
    restored = [max(each, 1) if number == at else each for number, each in enumerate(points)]
    assert streak(weeks(*restored), THIS) >= before


@given(st.dictionaries(st.sampled_from([*LEVELS, "topic:seo", "unknown"]), st.integers(0, 200)))
def test_levels_only_rise_with_what_they_are_for(counts):
    levels = levels_of(counts)
    more = levels_of({name: n + 1 for name, n in counts.items()})
    assert all(more[name] >= level for name, level in levels.items())
    for name, n in counts.items():
        if (step := next_level(name, n)) is not None and name != "unknown":
            assert levels_of({name: n + step})[name] == levels.get(name, 0) + 1


@pytest.mark.parametrize("name", [*LEVELS, "topic:seo"])
async def test_every_badge_has_a_name(name):
    group = await Group().founded()
    assert group._speaker.text(badge_name(name))
