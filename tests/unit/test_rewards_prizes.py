from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.rewards.contest_scenes import around_making, around_prize
from services.rewards.domain.prizes import handing, promising
from services.rewards.domain.prizes.prize import LONGEST, MOST_LISTED, MOST_PROMISED, Prize, State
from services.rewards.domain.prizes.showing import SHOWN
from services.rewards.domain.subjects import MakingSubject, PrizeSubject
from shared.contracts.gateway import ChatKind
from shared.contracts.members import MemberMerged, MemberPromoted
from shared.contracts.rewards import PrizeConfirmed, PrizeDelivered, PrizeDue, PrizePromised
from shared.errors import Conflict
from tests.support.events import chat_id, member_id
from tests.support.rewards import ADMIN, GROUP, SCOPE, Group

A, B, C = 1, 2, 3
SECOND_ADMIN = 101
FIRST = f"{SCOPE}#1"


def direct(member: int) -> dict[str, Any]:
    """Return what makes a message one to us alone."""
    return {"chat_id": chat_id(1000 + member), "chat_kind": ChatKind.DIRECT}


async def promises(group: Group, member: int = A, what: str = "एक किताब") -> str:
    """Let the admin promise something, and return what the group hears."""
    await group.writes(ADMIN, f"!इनाम @सदस्य {what}", mentions=(member_id(member),))
    return group.texts()[-1]


async def promised(member: int = A, what: str = "एक किताब") -> Group:
    group = await Group().founded()
    for each in (A, B, C):
        await group.writes(each)
    await promises(group, member, what)
    return group


def kept(group: Group, name: str = FIRST) -> Prize:
    found: Prize = group.kept(group.stores.prizes)[name]
    return found


async def listing(group: Group) -> str:
    await group.writes(B, "!इनाम")
    return group.last


async def test_b9_09_a_prize_is_promised_handed_over_and_confirmed():
    group = await promised()
    aloud, alone = group.said[-2:]
    assert (aloud.chat_id, aloud.member_id, aloud.mentions) == (GROUP, None, (member_id(A),))
    assert "एक किताब" in aloud.text
    assert (alone.member_id, "!मिला 1" in alone.text) == (member_id(A), True)
    (fact,) = group.heard(PrizePromised)
    assert (fact.prize_id, fact.member_id) == (FIRST, member_id(A))
    assert "बाकी" in await listing(group)
    await group.writes(ADMIN, "!इनाम दिया 1")
    told, asked = group.said[-2:]
    assert (told.chat_id, told.member_id) == (GROUP, None)
    assert (asked.member_id, "!मिला 1" in asked.text) == (member_id(A), True)
    assert kept(group).state is State.DELIVERED
    assert "दिया गया" in await listing(group)
    await group.writes(A, "!मिला 1")
    assert group.said[-1].member_id == member_id(A)
    assert kept(group).state is State.CONFIRMED
    assert "मिल गया ✅" in await listing(group)
    assert "बाकी" not in group.last
    assert len(group.heard(PrizeDelivered)) == len(group.heard(PrizeConfirmed)) == 1
    await group.passes(days=60)
    assert "⏰" not in "".join(each.text for each in group.said)


async def test_b9_09_after_fourteen_days_every_admin_has_a_task_once():
    group = await promised()
    await group.happens(
        group.fact(
            MemberPromoted(
                chat_id=GROUP,
                chat_kind=ChatKind.GROUP,
                member_id=member_id(SECOND_ADMIN),
                promoted_at=group.now,
            )
        )
    )
    before = len(group.said)
    await group.until(kept(group).due_at - dt.timedelta(seconds=1))
    assert len(group.said) == before
    assert kept(group).due_at == kept(group).promised_at + dt.timedelta(days=14)
    assert not kept(group).overdue(group.now)
    await group.until(kept(group).due_at)
    told = group.said[before:]
    assert {each.member_id for each in told} == {member_id(ADMIN), member_id(SECOND_ADMIN)}
    assert all("!इनाम दिया 1" in each.text and "14 दिन" in each.text for each in told)
    assert [each.aloud_text is not None for each in told] == [True, False]
    assert kept(group).overdue(group.now)
    assert "बाकी" in await listing(group)
    due = PrizeDue(scope=SCOPE, prize_id=FIRST, member_id=member_id(A))
    await group.happens(group.fact(due))
    await group.passes(days=60)
    assert len(group.said) == before + 3
    await group.writes(ADMIN, "!इनाम दिया 1")
    assert not kept(group).overdue(group.now)


async def test_b9_09_an_admin_who_was_two_is_told_once():
    group = await promised()
    for fact in (
        MemberPromoted(
            chat_id=GROUP, chat_kind=ChatKind.GROUP, member_id=member_id(55), promoted_at=group.now
        ),
        MemberMerged(member_id=member_id(ADMIN), merged_id=member_id(55), merged_at=group.now),
    ):
        await group.happens(group.fact(fact))
    await group.passes(days=15)
    assert [each.member_id for each in group.said if "⏰" in each.text] == [member_id(ADMIN)]


async def test_b9_09_where_no_admin_is_known_the_group_reads_of_the_task():
    group = await Group().founded()
    subject = MakingSubject(chat_id(7), "r", member_id(A))
    await group.asks(
        around_making(group.stores),
        subject,
        lambda scene, now: promising.promise_wanted(scene, member_id(A), "किताब", now),
    )
    await group.passes(days=15)
    assert "एडमिन कृपया देखें" in group.last
    assert (group.said[-1].chat_id, group.said[-1].member_id) == (chat_id(7), None)


async def test_b9_09_the_task_comes_after_an_outage_too():
    group = await promised()
    await group.sleeps_until(kept(group).due_at + dt.timedelta(days=3))
    assert "⏰" in group.last


async def test_b9_09_who_wants_no_name_said_is_on_the_list_without_it():
    group = await Group().founded()
    await group.writes(A, "!निजी")
    said = await promises(group)
    assert "एक सदस्य" in said
    assert not any(each.mentions for each in group.said[-2:])
    assert "एक सदस्य – एक किताब: बाकी" in await listing(group)
    assert group.said[-1].mentions == ()
    await promises(group, B)
    await listing(group)
    assert list(group.said[-1].mentions) == [member_id(B)]


async def test_only_the_member_confirms_by_whatever_id_they_are_known():
    group = await promised()
    await group.writes(B, "!मिला 1")
    assert "आपके नाम पर नहीं" in group.last
    assert group.said[-1].member_id == member_id(B)
    await group.happens(
        group.fact(MemberMerged(member_id=member_id(C), merged_id=member_id(A), merged_at=group.now))
    )
    await group.writes(C, "!मिला 1", **direct(C))
    assert "पुष्टि दर्ज" in group.last
    await group.writes(A, "!मिला 1")
    assert len(group.heard(PrizeConfirmed)) == 1
    assert kept(group).state is State.CONFIRMED


async def test_what_has_arrived_needs_nobody_to_say_that_it_was_sent():
    group = await promised()
    await group.writes(A, "!मिला 1")
    assert kept(group).state is State.CONFIRMED
    await group.writes(ADMIN, "!इनाम दिया 1")
    assert "पहले ही" in group.last
    assert group.heard(PrizeDelivered) == []
    await group.passes(days=20)
    assert "⏰" not in group.last


@pytest.mark.parametrize(
    ("text", "mentions", "said"),
    [
        ("!इनाम @सदस्य", (A,), "नाम और इनाम लिखें"),
        ("!इनाम किताब", (), "नाम और इनाम लिखें"),
        ("!इनाम @एक @दो किताब", (A, B), "नाम और इनाम लिखें"),
        (f"!इनाम @सदस्य {'क' * (LONGEST + 1)}", (A,), "नाम और इनाम लिखें"),
        ("!इनाम दिया", (), "इनाम नहीं मिला"),
        ("!इनाम दिया 9", (), "इनाम नहीं मिला"),
        ("!इनाम दिया 98765432109", (), "इनाम नहीं मिला"),
        ("!मिला", (), "आपके नाम पर नहीं"),
        ("!मिला दो", (), "आपके नाम पर नहीं"),
    ],
)
async def test_what_cannot_be_done_is_said_kindly(text, mentions, said):
    group = await promised()
    await group.writes(ADMIN, text, mentions=tuple(map(member_id, mentions)))
    assert said in group.last
    assert list(group.kept(group.stores.prizes)) == [FIRST]
    assert kept(group).state is State.PROMISED


async def test_only_an_admin_promises_and_only_in_the_group():
    group = await promised()
    for text in ("!इनाम @सदस्य किताब", "!इनाम दिया 1"):
        await group.writes(B, text, mentions=(member_id(A),))
        assert "केवल एडमिन" in group.last
        await group.writes(ADMIN, text, mentions=(member_id(A),), **direct(ADMIN))
        assert "उसी समूह" in group.last
    assert len(group.heard(PrizePromised)) == 1
    assert group.heard(PrizeDelivered) == []


async def test_the_list_is_for_members_of_the_community_in_a_direct_chat_too():
    group = await promised()
    await group.writes(B, "!इनाम", **direct(B))
    assert "एक किताब: बाकी" in group.last
    await group.writes(77, "!इनाम", **direct(77))
    assert "कोई इनाम नहीं" in group.last


async def test_the_list_shows_what_is_to_come_first_and_is_bounded():
    group = await promised()
    for number in range(2, MOST_PROMISED + 2):
        await promises(group, A, f"कलम {number}")
    assert "अभी बाकी हैं" in group.last
    assert len(group.heard(PrizePromised)) == MOST_PROMISED
    for number in range(1, MOST_LISTED + 4):
        await group.writes(ADMIN, f"!इनाम दिया {number}")
    lines = (await listing(group)).splitlines()
    assert len(lines) == SHOWN + 2
    assert lines[1].endswith(f"कलम {MOST_PROMISED}: बाकी")
    assert lines[-1] == f"… और {MOST_PROMISED - 3 - SHOWN}"
    community = group.kept(group.stores.communities)[SCOPE]
    assert len(community.prizes) == MOST_PROMISED - 3
    await group.writes(A, "!मिला 1")
    assert kept(group).state is State.CONFIRMED


async def test_contests_and_prizes_are_numbered_together():
    group = await promised()
    await group.writes(ADMIN, "!प्रतियोगिता नया टूल")
    assert "प्रतियोगिता 2" in group.last
    assert "इनाम 3" in await promises(group, B)


async def test_a_rest_client_promises_and_says_what_was_handed_over():
    group = await Group().founded()

    def promise(scene: Any, now: dt.datetime) -> Any:
        return promising.promise_wanted(scene, member_id(A), "किताब", now)

    making, deciding = around_making(group.stores), around_prize(group.stores)
    for number in range(MOST_PROMISED):
        await group.asks(making, MakingSubject(GROUP, f"r{number}", member_id(A)), promise)
    with pytest.raises(Conflict):
        await group.asks(making, MakingSubject(GROUP, "r", member_id(A)), promise)
    for _ in range(2):
        await group.asks(
            deciding,
            PrizeSubject(FIRST),
            lambda scene, now: handing.delivered(scene, scene.prizes[FIRST], now),
        )
    assert len(group.heard(PrizeDelivered)) == 1
    assert (group.said[-1].member_id, "!मिला 1" in group.last) == (member_id(A), True)
    assert group.said[-1].aloud_text is not None
    assert "@" not in group.said[-1].aloud_text
