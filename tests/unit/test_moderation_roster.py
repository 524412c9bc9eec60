"""Who is in a chat as what, the brake of a raid, and two members who are one person."""

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.moderation.domain.judging.context import Trust
from services.moderation.domain.members.endings import decide_raid_ended
from services.moderation.domain.members.ladder import strike
from services.moderation.domain.members.merging import (
    Union,
    decide_merged,
    decide_unmerged,
    standing_keys,
    united,
)
from services.moderation.domain.members.roster import COMPARED, Movement, decide_configured, decide_movement
from services.moderation.domain.members.standing import Acceptance, Person, Standing, Strike
from services.moderation.domain.policy.document import Ladder
from services.moderation.domain.review.credibility import judged_right
from services.moderation.domain.scene import Scene
from shared.contracts.actions import MessageDelete
from shared.contracts.gateway import ChatKind, MemberJoined, MemberLeft
from shared.contracts.members import (
    ChatConfigured,
    MemberDemoted,
    MemberMerged,
    MemberPresent,
    MemberPromoted,
    MemberUnmerged,
)
from shared.contracts.moderation import RaidDetected, RaidEnded
from shared.decision import Decision, Wake
from tests.support.events import chat_id, member_id
from tests.support.moderation import NOW, Group, facts, happens, later, policy, text_of, writes

CHAT = {"chat_id": chat_id(0), "chat_kind": ChatKind.GROUP}
SCOPE = "community:seekho"


def moves(group: Group, data: Movement, by: int, *, source: str = "/chaupal/gateway") -> Decision[Scene]:
    at = next(value for name, value in data if name.endswith("_at"))
    return group.keep(decide_movement(group.scene(by), happens(data, at=at, source=source), at))


def joins(group: Group, by: int, at: dt.datetime = NOW, **more: str) -> Decision[Scene]:
    return moves(group, MemberJoined(**CHAT, member_id=member_id(by), joined_at=at), by, **more)


def wave(
    group: Group, count: int, *, first: int = 100, every: float = 20, start: float = 0, **more: str
) -> list[Decision[Scene]]:
    return [
        joins(group, first + number, later(seconds=start + number * every), **more) for number in range(count)
    ]


def test_who_joins_is_new_from_then_on() -> None:
    group = Group(policy=policy())
    joins(group, 1)
    assert group.standing(1).since == NOW
    assert group.person(1).scopes == {SCOPE}
    assert group.standing(1).trust(group.policy, later(days=60), admin=False) is Trust.NEW, "nothing said yet"


def test_a_join_that_is_told_late_is_counted_from_when_it_was() -> None:
    group = Group(policy=policy())
    group.judges(writes(1, "नमस्ते"))
    joins(group, 1, later(hours=-5))
    assert group.standing(1).since == later(hours=-5)


def test_whom_the_first_look_at_a_group_has_found_is_no_newcomer() -> None:
    group = Group(policy=policy())
    for by in range(1, 40):
        present = MemberPresent(**CHAT, member_id=member_id(by), seen_at=NOW)
        decision = moves(group, present, by, source=COMPARED)
        assert (decision.emit, decision.say) == ((), ())
    assert group.standing(7).trust(group.policy, NOW, admin=False) is Trust.MEMBER
    assert group.room().raid_until is None


def test_fifteen_who_join_within_ten_minutes_are_a_raid_told_once() -> None:
    group = Group(policy=policy())
    decisions = wave(group, 20)
    detected = [facts(each, RaidDetected) for each in decisions]
    assert [len(each) for each in detected] == [0] * 14 + [1] + [0] * 5
    assert detected[14][0].joins == 15
    notices = [text_of(each) for decision in decisions for each in decision.say]
    assert len(notices) == 1
    assert group.room().raid_until == later(seconds=19 * 20, hours=1)
    assert [each.due for each in group.timers.values()] == [later(seconds=19 * 20, hours=1)]


def test_as_many_in_more_time_are_none() -> None:
    group = Group(policy=policy())
    assert all(not each.emit for each in wave(group, 40, every=45))


def test_whom_a_later_comparison_has_found_came_at_times_of_their_own() -> None:
    group = Group(policy=policy())
    assert all(not each.emit for each in wave(group, 30, every=0, source=COMPARED))
    assert group.standing(100).since == NOW


def test_old_joins_told_after_an_outage_are_no_raid_of_now() -> None:
    group = Group(policy=policy())
    for by in range(30):
        data = MemberJoined(**CHAT, member_id=member_id(by), joined_at=NOW)
        decision = group.keep(decide_movement(group.scene(by), happens(data), later(hours=3)))
        assert decision.emit == ()


def test_long_standing_members_who_come_back_are_no_raid() -> None:
    group = Group(policy=policy())
    for by in range(100, 120):
        group.settled(by)
    assert all(not each.emit for each in wave(group, 20))


def test_during_a_raid_newcomers_links_are_held_and_the_group_is_not_told_each_time() -> None:
    group = Group(policy=policy())
    group.settled(1)
    wave(group, 15)
    at = later(minutes=10)
    held = group.judges(writes(1, "https://example.org/x", by=101, at=at))
    words = group.judges(writes(2, "मुझे SEO सीखना है कहाँ से शुरू करें", by=102, at=at))
    known = group.judges(writes(3, "https://example.org/y", by=1, at=at))
    assert [bool(facts(each, MessageDelete)) for each in (held, words, known)] == [True, False, False]
    assert all(each.privately_to for each in held.say)
    after = group.judges(writes(4, "https://example.org/z", by=101, at=later(hours=2)))
    assert not facts(after, MessageDelete)


def test_the_brake_is_let_go_by_the_clock_unless_the_raid_goes_on() -> None:
    group = Group(policy=policy())
    wave(group, 15)
    (first,) = group.timers.values()
    wave(group, 5, first=200, start=400)
    (moved,) = group.timers.values()
    assert isinstance(moved, Wake)
    assert moved.due > first.due
    for timer, expected in ((first, None), (moved, "raid_ended"), (moved, None)):
        data = timer.data
        assert isinstance(data, RaidEnded)
        decision = group.keep(decide_raid_ended(group.scene(), happens(data), timer.due))
        assert decision.note == expected
    assert group.room().raid_until is None


def test_who_is_promoted_is_an_admin_until_demoted_or_gone() -> None:
    group = Group(policy=policy())
    about = {**CHAT, "member_id": member_id(1)}
    moves(group, MemberPromoted(**about, promoted_at=NOW), 1)
    assert group.scene(1).admin
    moves(group, MemberDemoted(**about, demoted_at=NOW), 1)
    assert not group.scene(1).admin
    moves(group, MemberPromoted(**about, promoted_at=NOW), 1)
    moves(group, MemberLeft(**about, removed=False, left_at=NOW), 1)
    assert not group.scene(1).admin


def test_a_chat_is_what_was_told_of_it_last() -> None:
    group = Group(policy=policy())
    data = ChatConfigured(
        **CHAT,
        community="kamao",
        language="en",
        zone="Asia/Kolkata",
        channel="cloud_api",
        capabilities=("text", "pin"),
        configured_at=NOW,
    )
    decision = decide_configured(group.scene(), happens(data), NOW)
    room = decision.state.room
    assert (room.scope, room.language, room.channel) == ("community:kamao", "en", "cloud_api")
    assert room.capabilities == {"text", "pin"}
    assert decide_configured(decision.state, happens(data), NOW).state is decision.state


def standing(by: int, *cases: int, accepted: int = 0, since: dt.datetime | None = None) -> Standing:
    found = Standing(SCOPE, member_id(by), since=since, accepted=accepted)
    for case in cases:
        at = later(hours=case)
        found = strike(found, Strike(f"{SCOPE}#{case}", 1, at, at + dt.timedelta(days=30), Ladder().steps))
    return found


def union(mine: Standing, theirs: Standing) -> Union:
    kept, gone = Person(mine.member_id, frozenset({SCOPE})), Person(theirs.member_id, frozenset({SCOPE}))
    known = {f"{each.scope}|{each.member_id}": each for each in (mine, theirs)}
    assert set(known) == set(standing_keys(kept, gone))
    return Union(kept, gone, {}, known)


def merged(before: Union) -> Union:
    data = MemberMerged(
        member_id=before.kept.member_id, merged_id=before.gone.member_id, merged_at=later(days=2)
    )
    return decide_merged(before, happens(data), later(days=2)).state


def unmerged(before: Union) -> Union:
    data = MemberUnmerged(
        member_id=before.kept.member_id, merged_id=before.gone.member_id, unmerged_at=later(days=3)
    )
    return decide_unmerged(before, happens(data), later(days=3)).state


def test_two_members_who_are_one_have_one_standing() -> None:
    after = merged(union(standing(1, 1, accepted=2), standing(2, 2, 3, accepted=5, since=NOW)))
    one = after.standings[f"{SCOPE}|{member_id(1)}"]
    assert [each.case for each in one.strikes] == [f"{SCOPE}#{number}" for number in (1, 2, 3)]
    assert (one.accepted, one.since) == (7, NOW)
    assert one.removed_by == f"{SCOPE}#3", "two accounts do not have twice as many warnings"
    assert after.gone.now == member_id(1)
    assert after.kept.absorbed == {member_id(2)}
    assert merged(after) == after


def test_a_merge_that_was_a_mistake_gives_each_what_was_theirs() -> None:
    before = union(standing(1, 1, accepted=2), standing(2, 2, 3, accepted=5))
    after = unmerged(merged(before))
    assert after.standings == before.standings
    assert (after.kept, after.gone) == (before.kept, before.gone)
    assert unmerged(after) == after


def test_what_happened_while_they_were_one_stays_with_who_was_kept() -> None:
    both = merged(union(standing(1, 1), standing(2, 2)))
    key = f"{SCOPE}|{member_id(1)}"
    later_on = strike(
        both.standings[key], Strike(f"{SCOPE}#9", 1, later(days=2), later(days=32), Ladder().steps)
    )
    after = unmerged(replace(both, standings={**both.standings, key: later_on}))
    assert [each.case for each in after.standings[key].strikes] == [f"{SCOPE}#1", f"{SCOPE}#9"]


def test_who_had_turned_out_to_be_somebody_before_is_whoever_that_is_now() -> None:
    before = union(standing(1), standing(2))
    third = Person(member_id(3), frozenset({SCOPE}), merged_into=member_id(2))
    before = replace(
        before,
        gone=replace(before.gone, absorbed=frozenset({member_id(3)})),
        others={member_id(3): third},
    )
    after = merged(before)
    assert after.others[member_id(3)].now == member_id(1)
    assert after.kept.absorbed == {member_id(2), member_id(3)}
    assert unmerged(after).others == before.others


def test_a_member_who_is_kept_and_has_gone_before_is_who_they_are_now() -> None:
    before = union(standing(1), standing(2, 4))
    heir = Person(member_id(5))
    moved = replace(before, kept=replace(before.kept, merged_into=member_id(5)), others={member_id(5): heir})
    after = merged(moved)
    assert after.gone.now == member_id(5)
    assert [each.case for each in after.standings[f"{SCOPE}|{member_id(5)}"].strikes] == [f"{SCOPE}#4"]


def test_the_newest_accepted_rules_count() -> None:
    old, new = Acceptance(4, "hi", NOW), Acceptance(5, "en", NOW)
    for mine, theirs in ((old, new), (new, old)):
        one = united(replace(standing(1), acceptance=mine), replace(standing(2), acceptance=theirs))
        assert one.acceptance == new


CASES = st.sets(st.integers(1, 30), max_size=6)


@given(CASES, CASES, st.integers(0, 9), st.integers(0, 9))
def test_united_and_parted_again_nothing_has_changed(
    mine: set[int], theirs: set[int], one: int, other: int
) -> None:
    first = judged_right(standing(1, *mine, accepted=one), "x#1", upheld=True)
    second = judged_right(standing(2, *(theirs - mine), accepted=other), "x#2", upheld=False)
    before = union(first, second)
    assert unmerged(merged(before)) == before


@given(CASES, CASES)
def test_strikes_are_united_the_same_whichever_stays(mine: set[int], theirs: set[int]) -> None:
    one, other = standing(1, *mine), standing(2, *theirs)
    first, second = united(one, other), united(other, one)
    assert (first.strikes, first.restriction, first.removed_by) == (
        second.strikes,
        second.restriction,
        second.removed_by,
    )
