from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rewards.contest_scenes import around_contest, around_making
from services.rewards.domain.community import Community
from services.rewards.domain.contests import opening
from services.rewards.domain.contests.contest import (
    LONGEST_ENTRY,
    MOST_ENTRIES,
    MOST_OPEN,
    Ballots,
    Contest,
    Submission,
    Vote,
)
from services.rewards.domain.contests.counting import counted
from services.rewards.domain.contests.telling import MOST_LETTERS, MOST_LINES, pages
from services.rewards.domain.numbering import decide_numbered
from services.rewards.domain.subjects import ContestSubject, MakingSubject
from shared.contracts.gateway import (
    ChatKind,
    DeliveryReported,
    DeliveryStatus,
    MemberJoined,
    MemberLeft,
    MessageRevoked,
)
from shared.contracts.members import MemberMerged, MemberUnmerged
from shared.contracts.moderation import CaseOverturned, MessageFlagged, WantedIntent
from shared.contracts.rewards import (
    ContestCancelled,
    ContestClosed,
    ContestDue,
    ContestEntered,
    ContestOpened,
    ContestStage,
    PrizePromised,
)
from shared.decision import Decision
from shared.errors import Conflict, Invalid
from shared.ids import deterministic_id
from tests.support.events import chat_id, member_id, message_id
from tests.support.rewards import ADMIN, GROUP, NOW, SCOPE, Group

A, B, C, D, E, F = 1, 2, 3, 4, 5, 6
FIRST = f"{SCOPE}#1"
OPENED = "!प्रतियोगिता नया सबसे उपयोगी टूल | 7 | 3"
SUBMISSIONS_END = dt.datetime(2026, 11, 25, 14, 30, tzinfo=dt.UTC)
"""20:00 in India, a week after the day of `NOW`."""
VOTES_END = dt.datetime(2026, 11, 28, 14, 30, tzinfo=dt.UTC)
IDEAS = {A: "छात्रवृत्ति की सूची", B: "रोज़ का एक सवाल", C: "किताबों का आदान-प्रदान"}


def direct(member: int) -> dict[str, Any]:
    """Return what makes a message one to us alone."""
    return {"chat_id": chat_id(1000 + member), "chat_kind": ChatKind.DIRECT}


async def contest(*, title: str = OPENED, ideas: dict[int, str] | None = None) -> Group:
    """Return a group whose contest 1 takes submissions, and has these."""
    group = await Group().founded()
    await group.writes(ADMIN, title)
    for member, idea in (ideas or {}).items():
        await group.writes(member, f"!प्रविष्टि 1 {idea}")
    return group


async def voted_on(ideas: dict[int, str] | None = None) -> Group:
    """Return a group that votes on these ideas."""
    group = await contest(ideas=IDEAS if ideas is None else ideas)
    for member in (D, E, F, *IDEAS):
        await group.writes(member, "नमस्ते")
    await group.until(SUBMISSIONS_END)
    return group


def kept(group: Group, name: str = FIRST) -> Contest:
    found: Contest = group.kept(group.stores.contests)[name]
    return found


def number_of(group: Group, member: int) -> int:
    """Return the number under which a member's idea is chosen."""
    numbers = [each.number for each in kept(group).submissions if each.member_id == member_id(member)]
    assert numbers[0] is not None
    return numbers[0]


async def votes(group: Group, member: int, for_: int, **more: Any) -> str:
    """Let a member vote for the idea of another, and return the answer."""
    await group.writes(member, f"!चुनें 1 {number_of(group, for_)}", **more)
    return group.last


def flagged(group: Group, message: str, author: int) -> Any:
    return group.fact(
        MessageFlagged(
            case_id=f"{SCOPE}|M7",
            chat_id=GROUP,
            member_id=member_id(author),
            message_id=message,
            rule="copying",
            check="copying",
            code="copied",
            category="quality",
            intent=WantedIntent.REMOVE,
            policy_version=1,
            flagged_at=group.now,
        )
    )


def overturned(group: Group, message: str, author: int) -> Any:
    return group.fact(
        CaseOverturned(
            case_id=f"{SCOPE}|M7",
            chat_id=GROUP,
            member_id=member_id(author),
            message_id=message,
            reason="mistake",
            overturned_by="reena",
            overturned_at=group.now,
        )
    )


def merged(group: Group, kept_: int, gone: int) -> Any:
    return group.fact(
        MemberMerged(member_id=member_id(kept_), merged_id=member_id(gone), merged_at=group.now)
    )


def unmerged(group: Group, kept_: int, gone: int) -> Any:
    return group.fact(
        MemberUnmerged(member_id=member_id(kept_), merged_id=member_id(gone), unmerged_at=group.now)
    )


async def test_b9_08_a_contest_is_opened_entered_voted_on_and_its_result_told_once():
    group = await contest(ideas=IDEAS)
    (opened,) = group.heard(ContestOpened)
    assert (opened.title, opened.number) == ("सबसे उपयोगी टूल", 1)
    assert (opened.submissions_until, opened.votes_until) == (SUBMISSIONS_END, VOTES_END)
    said = group.texts()[0]
    assert "25 नवंबर" in said
    assert "28 नवंबर" in said
    assert [each.number for each in group.heard(ContestEntered)] == [1, 2, 3]
    await group.until(SUBMISSIONS_END - dt.timedelta(seconds=1))
    assert "🗳" not in group.last
    await group.until(SUBMISSIONS_END)
    assert all(idea in group.last for idea in IDEAS.values())
    assert group.said[-1].mentions == ()
    for voter, chosen in ((D, A), (E, A), (F, B), (A, B), (C, A)):
        await votes(group, voter, chosen)
    await group.until(VOTES_END)
    told = [each for each in group.said if "🏆" in each.text]
    assert len(told) == 1
    assert told[0].mentions == (member_id(A),)
    assert f"– 3 वोट: {IDEAS[A]}" in told[0].text
    assert f"नं. {number_of(group, B)} – 2 वोट, नं. {number_of(group, C)} – 0 वोट" in told[0].text
    (closed,) = group.heard(ContestClosed)
    assert (closed.winners, closed.entries, closed.voters) == ((member_id(A),), 3, 5)
    assert group.points(A) == 15
    (entry,) = group.entries(A)
    assert (entry.action, entry.day, entry.chat_id) == ("contest", "2026-11-28", GROUP)
    await group.happens(
        group.fact(
            ContestDue(
                scope=SCOPE, contest_id=FIRST, chat_id=GROUP, stage=ContestStage.CLOSED, until=VOTES_END
            )
        )
    )
    await group.passes(days=40)
    assert len(group.heard(ContestClosed)) == 1
    assert len([each for each in group.said if "🏆 प्रतियोगिता" in each.text]) == 1
    assert group.points(A) == 15
    assert group.kept(group.stores.ballots)[FIRST] == Ballots(FIRST)
    assert group.kept(group.stores.communities)[SCOPE].contests == frozenset()


async def outside(choices: Sequence[tuple[int, int]]) -> tuple[Any, ...]:
    """Return everything that anybody may read of a contest in which these votes were given."""
    group = await voted_on()
    for voter, number in choices:
        await group.writes(voter, f"!चुनें 1 {number}", **(direct(voter) if voter % 2 else {}))
    await group.writes(D, "!प्रतियोगिता 1")
    await group.writes(D, "!प्रतियोगिता")
    await group.until(VOTES_END - dt.timedelta(seconds=1))
    return (
        [each.model_dump_json() for each in group.said],
        [each.model_dump_json() for each in group.facts],
        group.notes,
        group.ids,
        kept(group),
        {name: each.record for name, each in group.timers.items()},
        group.kept(group.stores.communities),
        group.kept(group.stores.members),
    )


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([D, E, F]), st.integers(1, 3), st.integers(1, 3)), max_size=5))
def test_b9_08_before_the_close_nothing_tells_what_anybody_chose(choices: list[tuple[int, int, int]]) -> None:
    one = [(voter, number) for voter, number, _ in choices]
    other = [(voter, number) for voter, _, number in choices]
    assert asyncio.run(outside(one)) == asyncio.run(outside(other))


async def test_b9_08_answers_to_votes_are_private_and_hold_no_count():
    group = await voted_on()
    answers = []
    for voter in (D, E, F):
        answers.append(await votes(group, voter, A))
        assert group.said[-1].member_id == member_id(voter)
        assert "नं" not in group.last
    assert len(set(answers)) == 1
    assert all("वोट मिला" not in each.text and "3 वोट" not in each.text for each in group.said)
    (note,) = {note for note in group.notes if note.startswith("vote")}
    assert note == "vote_answered"
    assert {each.aloud_text for each in group.said[-3:]} == {
        "मिल गया 🙂 वोट का जवाब केवल निजी चैट में देते हैं: मुझे वहाँ !चुनें लिखें।"
    }


async def test_b9_08_who_has_handed_something_in_cannot_vote_for_it():
    group = await voted_on()
    assert "अपनी प्रविष्टि को वोट नहीं" in await votes(group, A, A)
    assert group.said[-1].member_id == member_id(A)
    assert FIRST not in group.kept(group.stores.ballots)
    assert "आपका वोट दर्ज हुआ" in await votes(group, A, B)


async def test_b9_08_a_member_has_one_vote_and_the_latest_counts():
    group = await voted_on()
    for chosen in (A, B, A, C):
        await votes(group, D, chosen)
    await votes(group, D, B, **direct(D))
    await group.until(VOTES_END)
    (closed,) = group.heard(ContestClosed)
    assert (closed.winners, closed.voters) == ((member_id(B),), 1)


async def test_b9_08_a_vote_that_is_heard_of_late_does_not_replace_a_later_one():
    group = await voted_on()
    await group.writes(D, f"!चुनें 1 {number_of(group, B)}", at=group.now + dt.timedelta(hours=2))
    await group.writes(D, f"!चुनें 1 {number_of(group, A)}", at=group.now + dt.timedelta(hours=1))
    await group.until(VOTES_END)
    assert group.heard(ContestClosed)[0].winners == (member_id(B),)


async def test_b9_08_one_person_by_two_ids_has_one_vote_and_one_entry():
    group = await voted_on()
    await votes(group, D, A)
    await votes(group, E, B)
    await votes(group, F, C)
    await votes(group, B, A)
    await group.happens(merged(group, D, E))
    # And F turns out to be C, who cannot vote for what is theirs.
    await group.happens(merged(group, F, C))
    await group.until(VOTES_END)
    (closed,) = group.heard(ContestClosed)
    assert closed.voters == 2
    assert set(closed.winners) == {member_id(A), member_id(B)}


async def test_b9_08_who_turns_out_to_be_two_has_two_votes():
    group = await voted_on()
    await votes(group, D, A)
    await votes(group, E, A)
    await group.happens(merged(group, D, E))
    await group.happens(unmerged(group, D, E))
    await group.until(VOTES_END)
    assert group.heard(ContestClosed)[0].voters == 2


async def test_b9_08_of_two_entries_of_one_person_the_later_takes_part():
    group = await contest(ideas=IDEAS)
    await group.happens(merged(group, A, B))
    await group.until(SUBMISSIONS_END)
    assert IDEAS[A] not in group.last
    assert IDEAS[B] in group.last
    assert len(kept(group).entries) == 2


async def test_b9_08_votes_of_newcomers_and_of_who_has_left_do_not_count():
    group = await contest(ideas=IDEAS)
    await group.until(SUBMISSIONS_END - dt.timedelta(days=1))
    for member, days in ((D, 1), (E, 30)):
        joined = group.now - dt.timedelta(days=days)
        await group.happens(
            group.fact(
                MemberJoined(
                    chat_id=GROUP, chat_kind=ChatKind.GROUP, member_id=member_id(member), joined_at=joined
                )
            )
        )
    await group.until(SUBMISSIONS_END)
    assert "7 दिन पूरे होने से पहले" in await votes(group, D, A)
    assert "दर्ज हुआ" in await votes(group, E, B)
    await votes(group, F, A)
    await group.happens(
        group.fact(
            MemberLeft(
                chat_id=GROUP,
                chat_kind=ChatKind.GROUP,
                member_id=member_id(F),
                removed=False,
                left_at=group.now,
            )
        )
    )
    await group.until(VOTES_END)
    (closed,) = group.heard(ContestClosed)
    assert (closed.winners, closed.voters) == ((member_id(B),), 1)


async def test_b9_08_a_newcomer_hears_so_in_a_direct_chat_too():
    group = await contest(ideas=IDEAS)
    await group.happens(
        group.fact(
            MemberJoined(
                chat_id=GROUP,
                chat_kind=ChatKind.GROUP,
                member_id=member_id(D),
                joined_at=SUBMISSIONS_END - dt.timedelta(days=1),
            )
        )
    )
    await group.until(SUBMISSIONS_END)
    assert "7 दिन पूरे होने से पहले" in await votes(group, D, A, **direct(D))


async def test_b9_08_of_equal_ones_all_win():
    group = await voted_on()
    await votes(group, D, A)
    await votes(group, E, B)
    await group.until(VOTES_END)
    assert set(group.heard(ContestClosed)[0].winners) == {member_id(A), member_id(B)}
    assert set(group.said[-1].mentions) == {member_id(A), member_id(B)}
    assert (group.points(A), group.points(B), group.points(C)) == (15, 15, 0)


async def test_b9_08_who_wants_no_name_said_wins_without_it():
    group = await voted_on()
    await group.writes(A, "!निजी")
    await votes(group, D, A)
    await group.until(VOTES_END)
    assert "🥇 एक सदस्य – 1 वोट" in group.last
    assert group.said[-1].mentions == ()
    assert group.points(A) == 15


async def test_where_nobody_enters_or_votes_the_text_is_friendly_and_nobody_wins():
    group = await contest()
    await group.until(SUBMISSIONS_END)
    assert "कोई प्रविष्टि नहीं आई" in group.last
    assert group.heard(ContestClosed)[0].entries == 0
    await group.passes(days=30)
    assert len(group.heard(ContestClosed)) == 1
    group = await voted_on()
    await group.until(VOTES_END)
    assert "कोई विजेता नहीं" in group.last
    (closed,) = group.heard(ContestClosed)
    assert (closed.winners, closed.entries, closed.voters) == ((), 3, 0)
    assert group.entries() == []


async def test_what_moderation_removes_leaves_the_contest_and_comes_back_with_a_mistake():
    group = await contest()
    message = await group.writes(A, "!प्रविष्टि 1 नकल")
    await group.writes(B, "!प्रविष्टि 1 सवाल")
    await group.happens(flagged(group, message, A))
    await group.until(SUBMISSIONS_END)
    assert "नकल" not in group.last
    number = number_of(group, A)
    await group.writes(D, f"!चुनें 1 {number}")
    assert "इस नंबर की प्रविष्टि नहीं" in group.last
    await group.happens(overturned(group, message, A))
    await group.writes(D, f"!चुनें 1 {number}")
    assert "दर्ज हुआ" in group.last
    await group.until(VOTES_END)
    assert group.heard(ContestClosed)[0].winners == (member_id(A),)


async def test_a_vote_for_what_was_removed_does_not_count():
    group = await contest()
    message = await group.writes(A, "!प्रविष्टि 1 नकल")
    await group.writes(B, "!प्रविष्टि 1 सवाल")
    await group.until(SUBMISSIONS_END)
    await votes(group, D, A)
    await votes(group, E, A)
    await votes(group, F, B)
    await group.happens(flagged(group, message, A))
    await group.until(VOTES_END)
    (closed,) = group.heard(ContestClosed)
    assert (closed.winners, closed.entries, closed.voters) == ((member_id(B),), 1, 1)


async def test_what_is_judged_before_it_is_heard_of_takes_no_part():
    group = await contest()
    event = group.message(A, "!प्रविष्टि 1 नकल")
    await group.happens(flagged(group, event.data.message_id, A), event)
    await group.until(SUBMISSIONS_END)
    assert "कोई प्रविष्टि नहीं आई" in group.last


async def test_an_entry_that_is_removed_after_the_close_loses_its_points_and_gets_them_back():
    group = await contest()
    message = await group.writes(A, "!प्रविष्टि 1 नकल")
    await group.until(SUBMISSIONS_END)
    await votes(group, D, A)
    await group.until(VOTES_END)
    assert group.points(A) == 15
    await group.happens(flagged(group, message, A))
    assert group.points(A) == 0
    await group.happens(overturned(group, message, A))
    assert group.points(A) == 15


async def test_a_message_that_is_deleted_takes_its_entry_with_it():
    group = await contest()
    message = await group.writes(A, "!प्रविष्टि 1 सवाल")
    await group.happens(
        group.fact(
            MessageRevoked(chat_id=GROUP, chat_kind=ChatKind.GROUP, message_id=message, revoked_at=group.now)
        )
    )
    await group.until(SUBMISSIONS_END)
    assert "कोई प्रविष्टि नहीं आई" in group.last


async def test_a_later_entry_takes_the_place_of_the_one_before_until_the_voting_begins():
    group = await contest(ideas={A: "पहला", B: "दूसरा"})
    await group.writes(A, "!प्रविष्टि 1 तीसरा")
    assert "पुरानी की जगह" in group.last
    await group.writes(A, "!प्रविष्टि 1 चौथा", **direct(A))
    await group.until(SUBMISSIONS_END)
    assert "चौथा" in group.last
    assert "तीसरा" not in group.last
    assert len(kept(group).entries) == 2
    await group.writes(A, "!प्रविष्टि 1 पाँचवाँ")
    assert "समय पूरा हो चुका" in group.last
    assert [each.number for each in group.heard(ContestEntered)] == [1, 2, 1, 1]


async def test_an_entry_may_answer_the_announcement_or_name_no_contest_where_there_is_one():
    group = await contest()
    await group.writes(A, "!प्रविष्टि 10 तरीके सीखने के")
    assert kept(group).submissions[0].text == "10 तरीके सीखने के"
    await group.writes(ADMIN, "!प्रतियोगिता नया दूसरी")
    await group.writes(B, "!प्रविष्टि बिना नंबर")
    assert "एक से ज़्यादा" in group.last
    sent, message = deterministic_id("contest", f"{SCOPE}#2", "opened", "0"), message_id(9_999)
    assert sent in group.ids
    report = DeliveryReported(
        send_id=sent,
        provider_message=message,
        chat_id=GROUP,
        status=DeliveryStatus.SENT,
        reported_at=group.now,
    )
    await group.happens(group.fact(report), group.fact(report))
    await group.writes(B, "!प्रविष्टि इस पर मेरा विचार", reply_to=message)
    assert "प्रतियोगिता 2" in group.last
    assert [each.text for each in kept(group, f"{SCOPE}#2").submissions] == ["इस पर मेरा विचार"]


async def test_the_vote_may_name_the_entry_alone_where_one_contest_is_voted_on():
    group = await voted_on()
    await group.writes(D, f"!चुनें {number_of(group, B)}")
    assert "दर्ज हुआ" in group.last
    await group.until(VOTES_END)
    assert group.heard(ContestClosed)[0].winners == (member_id(B),)


async def test_who_is_not_of_the_community_cannot_reach_its_contest():
    group = await voted_on()
    await group.writes(77, "!चुनें 1 1", **direct(77))
    assert "किसी प्रतियोगिता में वोट नहीं" in group.last
    await group.writes(77, "!प्रतियोगिता", **direct(77))
    assert "कोई प्रतियोगिता नहीं" in group.last
    await group.writes(D, "!प्रतियोगिता", **direct(D))
    assert "सबसे उपयोगी टूल" in group.last


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("!प्रतियोगिता नया", "ऐसे लिखें"),
        ("!प्रतियोगिता नया शीर्षक | बहुत", "ऐसे लिखें"),
        ("!प्रतियोगिता नया शीर्षक | 0 | 3", "ऐसे लिखें"),
        ("!प्रतियोगिता नया शीर्षक | 7 | 31", "ऐसे लिखें"),
        ("!प्रतियोगिता नया शीर्षक | 7 | 3 | 2", "ऐसे लिखें"),
        (f"!प्रतियोगिता नया {'क' * 121}", "ऐसे लिखें"),
        ("!प्रतियोगिता रद्द", "नहीं मिली"),
        ("!प्रतियोगिता रद्द 8", "नहीं मिली"),
        ("!प्रतियोगिता 9876543210", "नहीं मिली"),
        ("!प्रविष्टि 1", "विचार भी लिखें"),
        (f"!प्रविष्टि 1 {'क' * (LONGEST_ENTRY + 1)}", "थोड़ा लंबा"),
        ("!चुनें", "नंबर लिखें"),
        ("!चुनें एक दो", "नंबर लिखें"),
        ("!चुनें 1 2 3", "नंबर लिखें"),
        ("!चुनें 1 2", "वोट अभी शुरू नहीं"),
    ],
)
async def test_what_cannot_be_done_is_said_kindly(text, said):
    group = await contest()
    await group.writes(ADMIN, text)
    assert said in group.last
    assert kept(group).submissions == ()
    assert len(group.heard(ContestOpened)) == 1


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("!प्रतियोगिता नया टूल", (7, 3)),
        ("!contest new Tool | 2 days", (2, 3)),
        ("!pratiyogita naya tool | 5 din | 1 din", (5, 1)),
        ("!प्रतियोगिता नई टूल | १० दिन | ४", (10, 4)),
        ("!प्रतियोगिता नया टूल\n2 दिन\n2 दिन", (2, 2)),
    ],
)
async def test_a_contest_is_read_in_sensible_words(text, days):
    group = await contest(title=text)
    found = kept(group)
    assert found.submissions_until == SUBMISSIONS_END + dt.timedelta(days=days[0] - 7)
    assert found.votes_until - found.submissions_until == dt.timedelta(days=days[1])
    assert found.title in {"टूल", "Tool", "tool"}


async def test_only_an_admin_opens_and_cancels_and_only_in_the_group():
    group = await contest()
    for text in (OPENED, "!प्रतियोगिता रद्द 1"):
        await group.writes(A, text)
        assert "केवल एडमिन" in group.last
        await group.writes(ADMIN, text, **direct(ADMIN))
        assert "उसी समूह" in group.last
    assert len(group.heard(ContestOpened)) == 1
    assert group.heard(ContestCancelled) == []


async def test_a_cancelled_contest_is_told_and_has_no_result():
    group = await voted_on()
    await votes(group, D, A)
    await group.writes(ADMIN, "!प्रतियोगिता रद्द 1 नियम  बदले")
    assert "रद्द हो गई है: नियम बदले।" in group.last
    assert group.said[-1].chat_id == GROUP
    assert group.heard(ContestCancelled)[0].reason == "नियम बदले"
    await votes(group, E, A)
    assert "समय पूरा हो चुका" in group.last
    await group.writes(D, "!प्रतियोगिता 1")
    assert "रद्द हो चुकी" in group.last
    await group.writes(ADMIN, "!प्रतियोगिता रद्द 1")
    assert "नहीं मिली" in group.last
    await group.until(VOTES_END + dt.timedelta(days=30))
    assert group.heard(ContestClosed) == []
    assert group.entries() == []
    assert group.kept(group.stores.ballots)[FIRST] == Ballots(FIRST)


async def test_after_an_outage_members_have_the_time_they_were_told_of():
    group = await contest(ideas=IDEAS)
    late = VOTES_END + dt.timedelta(days=2)
    await group.sleeps_until(late)
    assert "🗳" in group.last
    assert kept(group).votes_until == late + (VOTES_END - SUBMISSIONS_END)
    assert "दर्ज हुआ" in await votes(group, D, A)
    await group.until(late + dt.timedelta(days=3))
    assert group.heard(ContestClosed)[0].winners == (member_id(A),)


async def test_a_timer_of_another_time_changes_nothing():
    group = await voted_on()
    for stage, until in (
        (ContestStage.CLOSED, VOTES_END - dt.timedelta(days=1)),
        (ContestStage.VOTING, SUBMISSIONS_END),
        (ContestStage.UNKNOWN, VOTES_END),
    ):
        due = ContestDue(scope=SCOPE, contest_id=FIRST, chat_id=GROUP, stage=stage, until=until)
        await group.happens(group.fact(due))
    other = ContestDue(
        scope=SCOPE, contest_id=f"{SCOPE}#9", chat_id=GROUP, stage=ContestStage.CLOSED, until=VOTES_END
    )
    await group.happens(group.fact(other))
    assert kept(group).stage is ContestStage.VOTING
    assert group.heard(ContestClosed) == []


async def test_a_contest_is_bounded():
    group = await Group().founded()
    for number in range(MOST_OPEN + 1):
        await group.writes(ADMIN, f"!प्रतियोगिता नया नंबर {number}")
    assert "प्रतियोगिताएँ चल सकती हैं" in group.last
    assert len(group.heard(ContestOpened)) == MOST_OPEN
    for member in range(1, MOST_ENTRIES + 2):
        await group.writes(200 + member, f"!प्रविष्टि 1 {'क' * LONGEST_ENTRY}")
    assert "सीमा पूरी" in group.last
    await group.until(SUBMISSIONS_END)
    assert len(kept(group).entries) == MOST_ENTRIES
    assert max(len(each.text) for each in group.said) <= 4096


async def test_a_rest_client_opens_and_cancels_with_the_same_checks():
    group = await Group().founded()
    making, deciding = around_making(group.stores), around_contest(group.stores)
    subject = MakingSubject(GROUP, "r1")

    async def opened(begin: dt.timedelta, end: dt.timedelta) -> None:
        wish = opening.Wish("टूल", NOW + begin, NOW + end)
        await group.asks(making, subject, lambda scene, now: opening.open_wanted(scene, wish, now))

    day = dt.timedelta(days=1)
    for begin, end in ((-day, day), (day, day), (2 * day, day), (31 * day, 32 * day), (day, 32 * day)):
        with pytest.raises(Invalid):
            await opened(begin, end)
    await opened(day, 2 * day)
    assert "🎯 प्रतियोगिता 1: टूल" in group.last

    def cancel(scene: Any, now: dt.datetime) -> Decision[Any]:
        return opening.cancel_wanted(scene, scene.contests[FIRST], "गलती", now)

    for _ in range(2):
        await group.asks(deciding, ContestSubject(FIRST), cancel)
    assert len(group.heard(ContestCancelled)) == 1
    for _ in range(MOST_OPEN):
        await opened(day, 2 * day)
    with pytest.raises(Conflict):
        await opened(day, 2 * day)
    await group.passes(days=3)
    with pytest.raises(Conflict):
        await group.asks(
            deciding,
            ContestSubject(f"{SCOPE}#2"),
            lambda scene, now: opening.cancel_wanted(scene, scene.contests[f"{SCOPE}#2"], None, now),
        )


def test_a_rebuilt_community_gives_no_number_twice():
    group = Group()
    contest_ = ContestOpened(
        scope=SCOPE,
        contest_id=f"{SCOPE}#4",
        chat_id=GROUP,
        number=4,
        title="टूल",
        submissions_until=SUBMISSIONS_END,
        votes_until=VOTES_END,
        opened_at=NOW,
    )
    prize = PrizePromised(scope=SCOPE, prize_id=f"{SCOPE}#6", member_id=member_id(A), promised_at=NOW)
    community = Community(SCOPE)
    for fact in (contest_, prize, contest_):
        community = decide_numbered(community, group.fact(fact), NOW).state
    assert community.next_number == 7


PEOPLE = {"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c": "c", "d": "d"}
"""Ids, and who stands behind each."""
BALLOT = st.tuples(st.sampled_from(sorted(PEOPLE)), st.integers(1, 4), st.integers(0, 20))


def _vote(number: int, minute: int) -> Vote:
    return Vote(number, NOW + dt.timedelta(minutes=minute), f"{minute}-{number}")


@given(st.lists(BALLOT, max_size=20), st.randoms(use_true_random=False))
def test_b9_08_each_person_has_one_vote_the_latest_in_any_order_and_however_often_told(given_, random):
    submissions = tuple(
        Submission(author, "", NOW, f"m{number}", number, number)
        for number, author in ((1, "a1"), (2, "b2"), (3, "e"))
    )
    contest_ = Contest(FIRST, SCOPE, 1, GROUP, "", NOW, NOW, "Asia/Kolkata", NOW, submissions=submissions)

    def count(ballots: list[tuple[str, int, int]]) -> Any:
        state = Ballots(FIRST)
        for member, number, minute in ballots:
            state = state.cast(member, _vote(number, minute))
        return counted(contest_, state, lambda name: PEOPLE.get(name, name), lambda who, _: who != "d")

    again = [*given_, *random.sample(given_, len(given_) // 2)]
    random.shuffle(again)
    found = count(given_)
    assert count(again) == found
    latest: dict[str, tuple[int, str, int]] = {}
    for member, number, minute in given_:
        who, vote = PEOPLE[member], (minute, f"{minute}-{number}", number)
        latest[who] = max(latest.get(who, vote), vote)
    wanted = {1: 0, 2: 0, 3: 0}
    for who, (_, _, number) in latest.items():
        if who != "d" and number in wanted and {1: "a", 2: "b"}.get(number) != who:
            wanted[number] += 1
    assert found.votes == wanted
    assert found.voters == sum(wanted.values()) <= len({PEOPLE[member] for member, _, _ in given_} - {"d"})


@given(st.lists(st.integers(0, LONGEST_ENTRY).map("क".__mul__), max_size=MOST_ENTRIES))
def test_pages_hold_every_line_once_in_order_and_no_message_too_much(texts):
    found = pages(texts)
    assert [index for page in found for index in page] == list(range(len(texts)))
    for page in found:
        assert len(page) <= MOST_LINES
        assert sum(len(texts[index]) for index in page) <= MOST_LETTERS
