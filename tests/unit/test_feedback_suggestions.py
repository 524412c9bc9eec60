"""From a suggestion to a decision, as members and admins see it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain.suggestions.suggestion import MOST_OPEN_EACH
from shared.contracts.feedback import (
    SuggestionDecided,
    SuggestionMade,
    SuggestionMerged,
    SuggestionStatus,
    SuggestionSupported,
)
from shared.contracts.gateway import ChatKind, MessageRevoked
from shared.contracts.moderation import CaseOverturned, MessageFlagged, WantedIntent
from tests.support.events import chat_id, member_id
from tests.support.feedback import ADMIN, NOW, SCOPE, Group
from tests.support.moderation import happens

A, B, C, D = 1, 2, 3, 4
SUNDAY = "रविवार को भी सत्र रखें"


@pytest.fixture
async def group() -> Group:
    return await Group().begin()


async def test_b10_01_a_suggestion_gets_a_number_and_a_word_on_how_to_support_it(group: Group) -> None:
    answer = await group.writes(f"!सुझाव {SUNDAY}", by=A)
    assert answer == "धन्यवाद, सुझाव S1 दर्ज। समर्थन: !वोट 1"
    (made,) = group.village.heard(SuggestionMade)
    assert (made.number, made.member_id, made.community) == (1, member_id(A), "seekho")
    assert SUNDAY not in made.model_dump_json()
    assert group.suggestion(1).votes == 1


async def test_b10_01_one_that_says_the_same_in_hinglish_is_offered_the_first_before_it_is_saved(
    group: Group,
) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    offered = await group.writes("!suggest sunday ko bhi session rakho", by=B)
    assert "S1" in offered
    assert SUNDAY in offered
    assert len(group.village.heard(SuggestionMade)) == 1
    assert "👍" in await group.writes("हाँ", by=B)
    assert group.suggestion(1).votes == 2
    assert not await group.writes("हाँ", by=B)


async def test_b10_01_who_says_that_theirs_is_another_one_has_it_saved_as_it_was_written(
    group: Group,
) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    await group.writes("!suggest sunday ko bhi session rakho", by=B)
    assert not await group.writes("नया", by=C)
    assert "S2" in await group.writes("नया", by=B)
    assert group.suggestion(2).text == "sunday ko bhi session rakho"
    assert group.suggestion(2).author == member_id(B)


async def test_an_answer_that_comes_late_or_elsewhere_answers_nothing(group: Group) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    await group.writes("!suggest sunday ko bhi session rakho", by=B)
    assert not await group.writes("हाँ", by=B, chat=1)
    await group.village.passes(minutes=11)
    assert not await group.writes("हाँ", by=B)
    assert group.suggestion(1).votes == 1


async def test_b10_02_a_suggestion_is_declined_with_a_reason_and_who_asked_for_news_is_told_once(
    group: Group,
) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    await group.writes("!वोट 1 ख़बर", by=B)
    await group.writes("!वोट 1", by=C)
    assert "कारण" in await group.writes("!सुझाव 1 अस्वीकृत", by=ADMIN)
    assert group.suggestion(1).status is SuggestionStatus.NEW
    assert not group.told()

    await group.writes("!सुझाव 1 अस्वीकृत रविवार को वक्ता नहीं मिलते", by=ADMIN)

    told = [(who, text) for who, text in group.told() if who != member_id(ADMIN)]
    assert {who for who, _ in told} == {member_id(A), member_id(B)}
    assert len(told) == 2
    assert all("रविवार को वक्ता नहीं मिलते" in text for _, text in told)
    (decided,) = group.village.heard(SuggestionDecided)
    assert (decided.status, decided.reason) == (SuggestionStatus.DECLINED, "रविवार को वक्ता नहीं मिलते")
    assert "अस्वीकृत" in await group.writes("!वोट 1", by=D)

    before = len(group.village.said)
    await group.writes("!सुझाव 1 अस्वीकृत रविवार को वक्ता नहीं मिलते", by=ADMIN)
    assert {each.member_id for each in group.village.said[before:]} == {member_id(ADMIN)}


async def test_b10_02_each_step_is_told_until_it_is_done_and_remembered_when_that_was(group: Group) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    for word in ("समीक्षा", "planned", "लागू"):
        await group.writes(f"!सुझाव 1 {word}", by=ADMIN)
    statuses = [each.status for each in group.village.heard(SuggestionDecided)]
    assert statuses == [SuggestionStatus.REVIEW, SuggestionStatus.PLANNED, SuggestionStatus.DONE]
    assert sum(who == member_id(A) for who, _ in group.told()) == 3
    assert group.village.heard(SuggestionDecided)[-1].done_at is not None
    assert "प्रतीक्षा में नहीं" in await group.writes("!सुझाव", by=B)


async def test_only_an_admin_decides_and_a_member_who_begins_with_a_number_suggests_something(
    group: Group,
) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    assert "एडमिन" in await group.writes("!सुझाव 1 पूरा", by=B)
    assert "S2" in await group.writes("!सुझाव 2 नए सत्र हर हफ़्ते", by=B)
    assert group.suggestion(1).status is SuggestionStatus.NEW


async def test_b10_03_a_vote_counts_once_however_often_and_under_whichever_id_of_one_person_it_comes(
    group: Group,
) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    await group.writes("!वोट 1", by=B)
    assert "पहले से" in await group.writes("!वोट 1", by=B)
    await group.writes("!वोट S1", by=C)
    assert group.suggestion(1).votes == 3
    await group.merged(B, C)
    assert group.suggestion(1).votes == 2
    assert "पहले से" in await group.writes("!vote 1", by=C)
    assert group.suggestion(1).votes == 2
    await group.parted(B, C)
    assert group.suggestion(1).votes == 3


async def test_b10_03_who_is_known_to_be_one_person_before_they_vote_has_one_vote(group: Group) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    await group.merged(B, C)
    await group.writes("!वोट 1", by=B)
    await group.writes("!वोट 1", by=C)
    assert group.suggestion(1).votes == 2


async def test_a_vote_is_withdrawn_and_given_again(group: Group) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    await group.writes("!वोट 1", by=B)
    await group.writes("!वोट 1 बंद", by=B)
    assert group.suggestion(1).votes == 1
    await group.writes("!वोट 1", by=B)
    said = [(each.withdrawn, each.votes) for each in group.village.heard(SuggestionSupported)]
    assert said == [(False, 2), (True, 1), (False, 2)]


async def test_who_wants_no_news_of_their_own_suggestion_gets_none(group: Group) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    await group.writes("!वोट 1 ख़बर बंद", by=A)
    await group.writes("!सुझाव 1 योजना", by=ADMIN)
    assert {who for who, _ in group.told()} == {member_id(ADMIN)}
    assert group.suggestion(1).votes == 1


async def test_a_member_sees_what_they_and_what_many_are_for(group: Group) -> None:
    for at, text in enumerate((SUNDAY, "साप्ताहिक क्विज़ हो", "नोट्स की PDF मिले"), 1):
        await group.writes(f"!सुझाव {text}", by=at)
    for member in (B, C, D):
        await group.writes("!वोट 2", by=member)
    listed = await group.writes("!सुझाव", by=D)
    assert listed.index("S2") < listed.index("S1") < listed.index("S3")
    mine = await group.writes("!वोट", by=D)
    assert mine.index("S2") < mine.index("सबसे अधिक") < mine.index("S1")


async def test_two_suggestions_become_one_with_each_supporter_once(group: Group) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    await group.writes("!सुझाव हर सप्ताहांत कुछ सीखने को मिले", by=B)
    await group.writes("!वोट 1", by=C)
    await group.writes("!वोट 2", by=C)
    assert "एडमिन" in await group.writes("!सुझाव 2 मिलाएँ 1", by=C)
    await group.writes("!सुझाव 2 मिलाएँ 1", by=ADMIN)
    assert group.suggestion(1).votes == 3
    (merged,) = group.village.heard(SuggestionMerged)
    assert (merged.number, merged.into_number, merged.votes) == (2, 1, 3)
    assert "S1" in await group.writes("!वोट 2", by=D)
    assert group.suggestion(1).votes == 4
    await group.writes("!सुझाव 1 पूरा", by=ADMIN)
    assert {who for who, _ in group.told()} == {member_id(A), member_id(B), member_id(ADMIN)}


async def test_a_suggestion_whose_message_was_deleted_is_shown_to_nobody(group: Group) -> None:
    event = group.message(f"!सुझाव {SUNDAY}", by=A)
    await group.village.happens(event)
    revoked = MessageRevoked(
        chat_id=chat_id(0),
        chat_kind=ChatKind.GROUP,
        member_id=member_id(ADMIN),
        message_id=event.data.message_id,
        revoked_at=NOW,
    )
    await group.village.happens(happens(revoked, at=group.village.now))
    assert "नहीं मिला" in await group.writes("!सुझाव 1", by=B)
    assert "नहीं मिला" in await group.writes("!वोट 1", by=B)
    assert SUNDAY not in await group.writes("!सुझाव", by=B)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("😀😀😀", "ऐसे लिखें"),
        ("1234 ₹", "ऐसे लिखें"),
        ("x" * 501, "500"),
        ("join https://chat.whatsapp.com/abc", "लिंक"),
        ("मुझे 98765 43210 पर लिखें", "लिंक"),
        ("bit.ly/abc देखें सब लोग", "लिंक"),
    ],
)
async def test_what_cannot_be_shown_to_all_is_refused_with_why(group: Group, text: str, word: str) -> None:
    assert word in await group.writes(f"!सुझाव {text}", by=A)
    assert not group.village.heard(SuggestionMade)


async def test_one_member_has_so_many_suggestions_waiting_and_no_more(group: Group) -> None:
    words = (
        "quiz",
        "blog",
        "poster",
        "podcast",
        "canva",
        "resume",
        "excel",
        "python",
        "design",
        "audit",
        "yoga",
    )
    for word in words[:MOST_OPEN_EACH]:
        await group.writes(f"!सुझाव {word} {word}shala {word}utsav", by=A)
    assert str(MOST_OPEN_EACH) in await group.writes("!सुझाव yoga yogashala yogautsav", by=A)
    assert len(group.village.heard(SuggestionMade)) == MOST_OPEN_EACH
    assert "S11" in await group.writes("!सुझाव yoga yogashala yogautsav", by=B)


async def test_in_a_direct_chat_a_number_means_the_community_somebody_has_been_seen_in(group: Group) -> None:
    await group.writes(f"!सुझाव {SUNDAY}", by=A)
    await group.writes("नमस्ते", by=B)
    direct: dict[str, Any] = {"chat": 7, "chat_kind": ChatKind.DIRECT}
    assert "👍" in await group.writes("!वोट 1", by=B, **direct)
    assert group.suggestion(1).votes == 2
    assert "नहीं मिला" in await group.writes("!वोट 1", by=D, **direct)
    assert "समूह में" in await group.writes("!सुझाव कुछ नया सीखें सब", by=B, **direct)


@pytest.mark.parametrize(
    "text", ["!वोट", "!वोट abc", "!वोट 1 कल", "!वोट 999", "!वोट 1 बंद बंद", "!सुझाव S", "!वोट ०१"]
)
async def test_whatever_is_asked_is_answered(group: Group, text: str) -> None:
    assert await group.writes(text, by=A)


@given(st.text(max_size=80))
def test_whatever_is_suggested_is_answered_and_never_an_error(text: str) -> None:
    async def story() -> str:
        group = await Group().begin()
        return await group.writes(f"!सुझाव {text}")

    assert asyncio.run(story())


_SAID = st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["yes", "no", "merge", "part"])), max_size=16)


@given(_SAID, st.randoms(use_true_random=False))
def test_votes_are_the_people_whose_latest_word_is_yes_however_they_come(
    said: Sequence[tuple[int, str]], shuffle: Any
) -> None:
    async def story() -> Group:
        group = await Group().begin()
        await group.writes(f"!सुझाव {SUNDAY}", by=ADMIN)
        messages = [
            group.message("!वोट 1" if what == "yes" else "!वोट 1 बंद", by=who)
            for who, what in said
            if what in {"yes", "no"}
        ]
        messages += messages[::3]
        shuffle.shuffle(messages)
        await group.village.happens(*messages)
        for who, what in said:
            if what == "merge" and who != 1:
                await group.merged(1, who)
            if what == "part" and who != 1:
                await group.parted(1, who)
        return group

    group = asyncio.run(story())
    one: set[int] = set()
    for who, what in said:
        if who != 1:
            one = one | {who} if what == "merge" else one - {who} if what == "part" else one
    latest: dict[int, tuple[int, bool]] = {}
    for at, (who, what) in enumerate(said):
        if what in {"yes", "no"}:
            latest[1 if who in one else who] = (at, what == "yes")
    assert group.suggestion(1).votes == 1 + sum(yes for _, yes in latest.values())


async def test_a_case_that_is_overturned_shows_a_suggestion_again(group: Group) -> None:
    event = group.message(f"!सुझाव {SUNDAY}", by=A)
    flagged = _flagged(event.data.message_id)
    # What is said of a message may come before the message.
    await group.village.happens(happens(flagged, at=NOW))
    await group.village.happens(event)
    assert "नहीं मिला" in await group.writes("!सुझाव 1", by=B)
    overturned = CaseOverturned(
        case_id=flagged.case_id,
        chat_id=flagged.chat_id,
        member_id=flagged.member_id,
        message_id=flagged.message_id,
        reason="mistake",
        overturned_by=member_id(ADMIN),
        overturned_at=NOW,
    )
    await group.village.happens(happens(overturned, at=NOW))
    assert SUNDAY in await group.writes("!सुझाव 1", by=B)


def _flagged(message: str) -> MessageFlagged:
    return MessageFlagged(
        case_id=f"{SCOPE}|M1043",
        chat_id=chat_id(0),
        member_id=member_id(A),
        message_id=message,
        rule="spam",
        check="scam",
        code="scam",
        category="scam",
        intent=WantedIntent.REMOVE,
        policy_version=1,
        flagged_at=NOW,
    )
