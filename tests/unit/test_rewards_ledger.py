from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.gateway import ChatKind, MemberJoined, MessageRevoked
from shared.contracts.members import MemberMerged, MemberUnmerged
from shared.contracts.moderation import (
    CaseOverturned,
    MemberReleased,
    MemberRestricted,
    MessageFlagged,
    ReleaseReason,
    WantedIntent,
)
from shared.contracts.rewards import BadgeGranted, BadgeWithdrawn, PointsAwarded, PointsReversed
from tests.support.events import chat_id, member_id
from tests.support.rewards import GROUP, NOW, SCOPE, Group

A, B, C, D = 1, 2, 3, 4


def flagged(group: Group, message: str, author: int = A, case: str = f"{SCOPE}|M1043", **more: Any) -> Any:
    return group.fact(
        MessageFlagged(
            **{
                "case_id": case,
                "chat_id": GROUP,
                "member_id": member_id(author),
                "message_id": message,
                "rule": "copying",
                "check": "copying",
                "code": "copied",
                "category": "quality",
                "intent": WantedIntent.REMOVE,
                "policy_version": 1,
                "flagged_at": group.now,
                **more,
            }
        )
    )


def overturned(group: Group, message: str | None, author: int = A, case: str = f"{SCOPE}|M1043") -> Any:
    return group.fact(
        CaseOverturned(
            case_id=case,
            chat_id=GROUP,
            member_id=member_id(author),
            message_id=message,
            reason="mistake",
            overturned_by="reena",
            overturned_at=group.now,
        )
    )


async def test_b9_01_thanks_for_a_message_give_its_author_two_points_once():
    group = await Group().founded()
    answer = await group.writes(A)
    said = await group.thanks(B, answer)
    assert "2 अंक" in said
    assert group.points(A) == 2
    (entry,) = group.entries()
    assert (entry.action, entry.points, entry.reason, entry.rule_version) == ("thanks", 2, "earned", 0)
    assert entry.about == answer
    assert entry.giver == member_id(B)
    assert entry.source in {each.source for each in group.heard(PointsAwarded)}
    assert "पहले ही" in await group.thanks(B, answer)
    assert group.points(A) == 2
    assert len(group.entries()) == 1


async def test_b9_01_thanking_oneself_gives_nothing_and_says_so():
    group = await Group().founded()
    answer = await group.writes(A)
    assert await group.thanks(A, answer) == "अपने आप को अंक नहीं दे सकते 🙂"
    assert group.points(A) == 0
    assert group.entries() == []


async def test_b9_02_the_fourth_thanks_to_the_same_member_in_a_week_are_courtesy():
    group = await Group().founded()
    for _ in range(3):
        await group.thanks(B, await group.writes(A))
    assert "0 अंक" in await group.thanks(B, await group.writes(A))
    assert group.points(A) == 6
    assert [each.reason for each in group.entries()] == ["earned"] * 3 + ["pair_limit"]
    await group.passes(days=5)
    assert "2 अंक" in await group.thanks(B, await group.writes(A))


async def test_b9_03_a_burst_that_is_reversed_gives_the_day_back_to_those_who_meant_it():
    fair, burst = (
        await Group().founded(day_limit=30, action_limits={}),
        await Group().founded(day_limit=30, action_limits={}),
    )
    bought = [await burst.writes(A) for _ in range(15)]
    for giver, message in enumerate(bought, start=200):
        await burst.thanks(giver, message)
    assert burst.points(A) == 30
    for group in (fair, burst):
        for giver in range(10):
            await group.thanks(300 + giver, await group.writes(A))
    assert burst.points(A) == 30
    for number, message in enumerate(bought):
        await burst.happens(flagged(burst, message, case=f"{SCOPE}|M{number}"))
    assert burst.points(A) == fair.points(A) == 20


async def test_b9_04_what_is_judged_to_be_copied_is_taken_back_and_given_again_by_new_entries():
    group = await Group().founded(points={"thanks": 10})
    answer = await group.writes(A)
    await group.thanks(B, answer)
    await group.happens(flagged(group, answer))
    assert [each.points for each in group.entries(A)] == [10, -10]
    assert group.points(A) == 0
    await group.happens(overturned(group, answer))
    assert [each.points for each in group.entries(A)] == [10, -10, 10]
    assert group.points(A) == 10
    assert [each.points for each in group.heard(PointsReversed)] == [-10]


async def test_a_message_that_is_only_doubted_keeps_its_points():
    group = await Group().founded()
    answer = await group.writes(A)
    await group.thanks(B, answer)
    await group.happens(flagged(group, answer, intent=WantedIntent.REVIEW))
    assert group.points(A) == 2


async def test_a_deleted_message_loses_its_points():
    group = await Group().founded()
    answer = await group.writes(A)
    await group.thanks(B, answer)
    await group.happens(
        group.fact(
            MessageRevoked(chat_id=GROUP, chat_kind=ChatKind.GROUP, message_id=answer, revoked_at=group.now)
        )
    )
    assert group.points(A) == 0


async def test_b9_11_messages_alone_earn_nothing():
    group = await Group().founded()
    for _ in range(200):
        await group.writes(A)
    assert group.points(A) == 0
    assert group.entries() == []


async def test_the_thanks_of_a_newcomer_weigh_nothing_for_seven_days():
    group = await Group().founded()
    await group.happens(
        group.fact(
            MemberJoined(chat_id=GROUP, chat_kind=ChatKind.GROUP, member_id=member_id(B), joined_at=group.now)
        )
    )
    assert "7 दिन" in await group.thanks(B, await group.writes(A))
    assert group.points(A) == 0
    await group.passes(days=7)
    assert "2 अंक" in await group.thanks(B, await group.writes(A))


async def test_thanks_of_somebody_whose_coming_is_heard_of_late_are_settled_again():
    group = await Group().founded()
    await group.thanks(B, await group.writes(A))
    assert group.points(A) == 2
    await group.happens(
        group.fact(
            MemberJoined(
                chat_id=GROUP,
                chat_kind=ChatKind.GROUP,
                member_id=member_id(B),
                joined_at=group.now - dt.timedelta(hours=1),
            )
        )
    )
    assert group.points(A) == 0


async def test_who_is_restricted_earns_nothing_meanwhile_and_gets_it_all_where_that_was_a_mistake():
    group = await Group().founded()
    answer = await group.writes(A)
    case = {"case_id": f"{SCOPE}|M7", "chat_id": GROUP, "member_id": member_id(A)}
    until = group.now + dt.timedelta(hours=24)
    await group.happens(group.fact(MemberRestricted(**case, until=until, restricted_at=group.now)))
    await group.passes(hours=1)
    await group.thanks(B, answer)
    assert group.points(A) == 0
    assert group.last == "धन्यवाद पहुँच गया 🙏"
    await group.happens(
        group.fact(MemberReleased(**case, reason=ReleaseReason.OVERTURNED, released_at=group.now))
    )
    assert group.points(A) == 2


async def test_who_is_pardoned_earns_from_then_on():
    group = await Group().founded()
    case = {"case_id": f"{SCOPE}|M7", "chat_id": GROUP, "member_id": member_id(A)}
    until = group.now + dt.timedelta(hours=24)
    await group.happens(group.fact(MemberRestricted(**case, until=until, restricted_at=group.now)))
    await group.passes(hours=1)
    await group.thanks(B, await group.writes(A))
    await group.passes(hours=1)
    await group.happens(
        group.fact(MemberReleased(**case, reason=ReleaseReason.PARDONED, released_at=group.now))
    )
    await group.thanks(C, await group.writes(A))
    assert group.points(A) == 2


async def test_a_reaction_is_thanks_where_the_community_takes_it_so_and_goes_with_it():
    group = await Group().founded(reactions=True)
    answer = await group.writes(A)
    await group.reacts(B, answer)
    assert group.points(A) == 2
    await group.thanks(B, answer)
    assert group.points(A) == 2
    await group.passes(days=6)
    await group.reacts(B, answer, None)
    assert group.points(A) == 2
    assert sorted(each.points for each in group.entries(A)) == [-2, 0, 2, 2]
    await group.reacts(A, answer)
    assert group.points(A) == 2


async def test_a_reaction_is_nothing_where_the_community_does_not_take_it_so():
    group = await Group().founded()
    answer = await group.writes(A)
    await group.reacts(B, answer)
    assert group.points(A) == 0


async def test_who_was_at_a_session_and_who_ran_it_are_rewarded_for_the_day_of_it():
    group = await Group().founded()
    at = NOW - dt.timedelta(days=3)
    await group.happens(group.attends(B, 12, at), group.hosts(A, 12, at))
    assert (group.points(A), group.points(B)) == (15, 5)
    assert {each.day for each in group.entries()} == {"2026-11-15"}
    await group.happens(group.absent(B, 12, at))
    assert group.points(B) == 0
    await group.happens(group.attends(B, 12, at))
    assert group.points(B) == 0, "what was told before the correction does not come back"


async def test_a_session_to_which_nobody_came_earns_its_host_nothing():
    group = await Group().founded()
    await group.happens(group.hosts(A, 12, attended=0))
    assert group.entries() == []


async def test_a_badge_comes_with_what_it_is_for_and_goes_with_it():
    group = await Group().founded()
    await group.happens(*(group.attends(A, each, NOW - dt.timedelta(days=each)) for each in range(1, 4)))
    assert [(each.badge, each.level) for each in group.heard(BadgeGranted)] == [("attended", 1)]
    await group.happens(group.absent(A, 2, NOW - dt.timedelta(days=2)))
    assert [(each.badge, each.level) for each in group.heard(BadgeWithdrawn)] == [("attended", 1)]


async def test_two_who_turn_out_to_be_one_have_thanked_themselves():
    group = await Group().founded()
    await group.thanks(B, await group.writes(A))
    await group.thanks(C, await group.writes(B))
    assert (group.points(A), group.points(B)) == (2, 2)
    merged = MemberMerged(member_id=member_id(A), merged_id=member_id(B), merged_at=group.now)
    await group.happens(group.fact(merged))
    assert (group.points(A), group.points(B)) == (2, 0)
    parted = MemberUnmerged(member_id=member_id(A), merged_id=member_id(B), unmerged_at=group.now)
    await group.happens(group.fact(parted))
    assert (group.points(A), group.points(B)) == (2, 2)
    await group.happens(group.fact(merged))
    assert (group.points(A), group.points(B)) == (2, 0)
    assert sum(each.points for each in group.entries()) == 2


async def test_two_who_turn_out_to_be_one_have_thanked_once():
    group = await Group().founded()
    answer = await group.writes(A)
    await group.thanks(B, answer)
    await group.thanks(C, answer)
    assert group.points(A) == 4
    await group.happens(
        group.fact(MemberMerged(member_id=member_id(B), merged_id=member_id(C), merged_at=group.now))
    )
    assert group.points(A) == 2


async def test_thanks_without_anybody_to_thank_say_how_it_is_done():
    group = await Group().founded()
    await group.writes(B, "!धन्यवाद")
    assert "reply" in group.last
    await group.writes(B, "!धन्यवाद", reply_to="00000000-0000-0000-0000-0000000000ff")
    assert "याद नहीं" in group.last
    await group.writes(B, "!धन्यवाद", mentions=(member_id(A),))
    assert group.points(A) == 2


async def test_thanks_in_a_direct_chat_are_sent_to_the_group():
    group = await Group().founded()
    await group.writes(B, "!धन्यवाद", chat_id=chat_id(9), chat_kind=ChatKind.DIRECT, mentions=(member_id(A),))
    assert "समूह" in group.last
    assert group.entries() == []


def sums(group: Group) -> dict[str, int]:
    """What the ledger comes to, in the same terms as the balances."""
    total: Counter[str] = Counter()
    for each in group.entries():
        total[f"{each.scope}|{each.member_id}"] += each.points
        total[f"{each.scope}|{each.week}|{each.member_id}"] += each.points
        for period in (each.day[:7], f"{each.day[:4]}-Q{(int(each.day[5:7]) + 2) // 3}"):
            total[f"{each.scope}|{period}|{each.member_id}"] += each.points
    return {key: points for key, points in total.items() if points}


MEMBERS = st.sampled_from([A, B, C, D])
HOURS = st.integers(0, 24 * 12)
STEP = st.one_of(
    st.tuples(st.just("thanks"), MEMBERS, st.integers(0, 5), HOURS),
    st.tuples(st.just("attended"), MEMBERS, st.integers(1, 6), st.booleans()),
    st.tuples(st.just("hosted"), MEMBERS, st.integers(1, 6), st.just(0)),
    st.tuples(st.just("flagged"), st.integers(0, 5), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("restricted"), MEMBERS, HOURS, st.booleans()),
)


def told(group: Group, posts: list[tuple[str, int]], step: tuple[Any, ...]) -> list[Any]:
    kind, one, other, more = step
    if kind == "thanks":
        message, _ = posts[other]
        return [group.message(one, "!धन्यवाद", reply_to=message, at=NOW + dt.timedelta(hours=more))]
    if kind == "attended":
        at = NOW + dt.timedelta(days=other)
        return [group.attends(one, other, at), *([group.absent(one, other, at)] if more else [])]
    if kind == "hosted":
        return [group.hosts(one, other, NOW + dt.timedelta(days=other))]
    if kind == "flagged":
        message, author = posts[one]
        case = f"{SCOPE}|M{one}{other}"
        act = flagged(group, message, author, case)
        return [act, *([overturned(group, message, author, case)] if more else [])]
    at = NOW + dt.timedelta(hours=other)
    whose = {"case_id": f"{SCOPE}|R{one}{other}", "chat_id": GROUP, "member_id": member_id(one)}
    act = group.fact(MemberRestricted(**whose, until=at + dt.timedelta(hours=24), restricted_at=at))
    undo = group.fact(MemberReleased(**whose, reason=ReleaseReason.OVERTURNED, released_at=at))
    return [act, *([undo] if more else [])]


async def lived(steps: list[Any], shuffle: Any = None) -> Group:
    group = await Group().founded(day_limit=20, action_limits={"thanks": 6})
    posts = [(await group.writes(author), author) for author in (A, B, C, D, A, B)]
    events = [each for step in steps for each in told(group, posts, step)]
    if shuffle is not None:
        shuffle(events)
    await group.happens(*events)
    assert group.balances() == sums(group)
    return group


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEP, max_size=25), random=st.randoms(use_true_random=False))
def test_any_order_of_the_same_facts_gives_the_same_balances(steps, random):
    def scattered(events: list[Any]) -> None:
        # Told twice as well, for every fact may come again.
        events += [each for each in events if random.random() < 0.3]
        random.shuffle(events)

    def balances(shuffle: Any) -> dict[str, int]:
        return asyncio.run(lived(steps, shuffle)).balances()

    assert balances(None) == balances(scattered)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEP, max_size=20), one=st.integers(0, 5), member=MEMBERS)
def test_act_and_overturn_are_as_if_they_had_never_been(steps, one, member):
    undone = [("flagged", one, 9, True), ("restricted", member, 30, True)]
    assert asyncio.run(lived(steps)).balances() == asyncio.run(lived([*undone, *steps])).balances()
    assert asyncio.run(lived(steps)).balances() == asyncio.run(lived([*steps, *undone])).balances()


@pytest.mark.parametrize("emoji", ["🙏", "🙏🏽", "❤️", "❤"])
async def test_a_thankful_hand_of_any_skin_is_thankful(emoji):
    group = await Group().founded(reactions=True)
    answer = await group.writes(A)
    await group.reacts(B, answer, emoji)
    assert group.points(A) == 2


@pytest.mark.parametrize("emoji", ["😂", "👎", "", "x" * 64])
async def test_other_reactions_are_no_thanks(emoji):
    group = await Group().founded(reactions=True)
    answer = await group.writes(A)
    await group.reacts(B, answer, emoji)
    assert group.points(A) == 0
