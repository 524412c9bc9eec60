"""Surveys: nobody is asked too often, and of who answered without a name nobody learns what."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain.subjects import OpeningSubject, SurveySubject
from services.feedback.domain.surveys.answering import answer_by_ticket, read_answer
from services.feedback.domain.surveys.opening import Wish, open_once
from services.feedback.domain.surveys.panel import Panel, Panelist, chosen
from services.feedback.domain.surveys.survey import MOST_ASKED, Kind, Survey
from services.feedback.survey_scenes import around_opening, around_survey
from shared.asked import asked
from shared.contracts.feedback import ResponseRecorded, SurveyClosed, SurveyOpened
from shared.contracts.gateway import ChatKind, MemberLeft, MessageFailed
from shared.errors import Conflict, Invalid, NotFound
from tests.support.events import chat_id, member_id
from tests.support.feedback import ADMIN, ASKING, NOW, SCOPE, Group
from tests.support.moderation import happens

QUESTION = "क्या आप इस समूह को दोस्तों को सुझाएँगे?"
DAY = dt.timedelta(days=1)


@pytest.fixture
async def group() -> Group:
    return await with_members(6)


async def with_members(count: int) -> Group:
    """Return a group in which that many members have written something."""
    group = await Group().begin()
    for by in range(1, count + 1):
        await group.writes("नमस्ते", by=by)
    return group


async def opened(group: Group, key: str = "one", *, most: int = MOST_ASKED, **more: Any) -> Survey:
    """Open a survey."""
    wish = Wish(
        **{
            "kind": Kind.NPS,
            "question": QUESTION,
            "options": (),
            "anonymous": True,
            "closes_at": group.village.now + 7 * DAY,
            "by": "reena",
            **more,
        }
    )
    wanted = asked("reena", key, repr((wish.question, wish.options)).encode())
    scene = await group.village.asks(
        around_opening(group.stores),
        OpeningSubject(chat_id(0), wanted.id, most, group.village.now),
        lambda scene, now: open_once(scene, wanted, wish, ASKING, now),
    )
    found = scene.surveys[scene.community.surveyed[wanted.id].item_id]
    assert found is not None
    return found


async def answers(group: Group, survey: Survey, member: int, text: str) -> None:
    """Let a member answer by their link."""
    ticket = ASKING.tickets.ticket(survey.survey_id, member_id(member))
    await group.village.asks(
        around_survey(group.stores),
        SurveySubject(survey.survey_id),
        lambda scene, _: answer_by_ticket(
            scene, scene.surveys[survey.survey_id], ticket, text, ASKING.tickets
        ),
    )


def people(*members: int) -> set[str]:
    return {member_id(each) for each in members}


def asked_now(group: Group, since: int = 0) -> set[str]:
    return {each.member_id for each in group.village.said[since:] if each.member_id and "📝" in each.text}


async def test_each_member_is_asked_alone_by_a_link_of_their_own(group: Group) -> None:
    survey = await opened(group)
    assert asked_now(group) == people(ADMIN, 1, 2, 3, 4, 5, 6)
    assert len({each.text for each in group.village.said if each.member_id}) == 7
    (told,) = group.village.heard(SurveyOpened)
    assert (told.asked, told.number, told.anonymous) == (7, 1, True)
    again = len(group.village.said)
    assert (await opened(group)).survey_id == survey.survey_id
    assert len(group.village.said) == again


async def test_b10_04_who_was_asked_is_left_alone_for_thirty_days_by_surveys_of_any_kind(
    group: Group,
) -> None:
    await opened(group)
    await group.village.passes(days=10)
    before = len(group.village.said)
    await opened(group, "two", kind=Kind.CSAT)
    assert not asked_now(group, before)
    await group.village.passes(days=19, hours=23)
    await opened(group, "three", kind=Kind.TEXT)
    assert not asked_now(group, before)
    await group.village.passes(days=1)
    # What was skipped is not sent later: only what is opened now is.
    assert not asked_now(group, before)
    await opened(group, "four", kind=Kind.CSAT)
    assert len(asked_now(group, before)) == 7


async def test_b10_04_one_person_under_two_ids_is_asked_once(group: Group) -> None:
    await group.merged(1, 2)
    await opened(group)
    assert asked_now(group) == people(ADMIN, 1, 3, 4, 5, 6)


async def test_b10_04_who_turns_out_to_have_been_asked_under_another_id_is_left_alone(group: Group) -> None:
    await opened(group)
    await group.writes("नमस्ते", by=7)
    await group.merged(7, 1)
    before = len(group.village.said)
    await group.village.passes(days=2)
    await opened(group, "two")
    assert member_id(7) not in asked_now(group, before)


async def test_b10_05_of_four_anonymous_answers_only_their_number_is_said(group: Group) -> None:
    survey = await opened(group)
    for member in range(1, 5):
        await answers(group, survey, member, "10")
    await group.village.passes(days=8)
    assert "अभी पर्याप्त जवाब नहीं (4/5)" in group.village.last
    (closed,) = group.village.heard(SurveyClosed)
    assert (closed.asked, closed.answers) == (7, 4)
    assert not group.village.heard(ResponseRecorded)


async def test_b10_05_of_five_the_counts_are_told_when_it_closes_without_names_and_times() -> None:
    group = await with_members(12)
    survey = await opened(group)
    for member, value in enumerate(["10", "9", "9", "8", "7", "10", "9", "10", "2", "10"], 1):
        await answers(group, survey, member, value)
        await group.village.passes(hours=1)
    assert not group.village.heard(ResponseRecorded)
    await group.village.passes(days=8)
    told = [(each.value, each.count) for each in group.village.heard(ResponseRecorded)]
    assert told == [(2, 1), (7, 1), (8, 1), (9, 3), (10, 4)]
    assert len({each.recorded_at for each in group.village.heard(ResponseRecorded)}) == 1
    assert "NPS 60" in group.village.last
    assert "n=10" in group.village.last


async def test_b10_05_a_link_answers_once_and_nobody_answers_by_one_that_was_not_sent(group: Group) -> None:
    survey = await opened(group)
    await answers(group, survey, 1, "10")
    with pytest.raises(Conflict):
        await answers(group, survey, 1, "0")
    with pytest.raises(NotFound):
        await answers(group, survey, 99, "0")
    with pytest.raises(Invalid):
        await answers(group, survey, 2, "11")
    await answers(group, survey, 2, "9")
    await group.village.passes(days=8)
    with pytest.raises(Conflict):
        await answers(group, survey, 3, "9")
    assert group.responses.kept[survey.survey_id].respondents == 2


async def test_b10_05_nothing_that_is_kept_told_or_said_of_an_answer_leads_to_who_gave_it(
    group: Group,
) -> None:
    survey = await opened(group, kind=Kind.TEXT)
    secret = "यह बात मैंने ही लिखी है"
    before = len(group.village.ids)
    await answers(group, survey, 3, secret)
    assert len(group.village.ids) == before
    holding = [
        name
        for name, store in vars(group).items()
        if hasattr(store, "kept") and any(secret in repr(each) for each in store.kept.values())
    ]
    assert holding == ["responses"]
    kept = repr(group.responses.kept[survey.survey_id])
    assert member_id(3) not in kept
    assert ASKING.tickets.ticket(survey.survey_id, member_id(3)) not in kept
    receipt = ASKING.tickets.receipt(ASKING.tickets.ticket(survey.survey_id, member_id(3)))
    assert receipt not in kept
    assert "datetime" not in kept


async def test_one_reminder_goes_to_those_who_have_not_answered(group: Group) -> None:
    survey = await opened(group)
    await answers(group, survey, 1, "10")
    before = len(group.village.said)
    await group.village.passes(days=4)
    assert asked_now(group, before) == people(ADMIN, 2, 3, 4, 5, 6)
    await group.village.passes(days=2)
    assert len(group.village.said) == before + 6


async def test_who_may_be_known_answers_by_a_word_to_us_alone_and_may_change_their_mind(group: Group) -> None:
    survey = await opened(group, kind=Kind.CHOICE, options=("सुबह", "शाम"), anonymous=False)
    direct: dict[str, Any] = {"chat": 7, "chat_kind": ChatKind.DIRECT}
    assert "धन्यवाद" in await group.writes("1", by=1, **direct)
    assert "धन्यवाद" in await group.writes("2", by=1, **direct)
    assert not await group.writes("3", by=2, **direct)
    assert not await group.writes("1", by=3)
    for by in (2, 3):
        await group.writes("2", by=by, **direct)
    assert group.responses.kept[survey.survey_id].total == (3, {2: 3}, ())
    await group.merged(1, 2)
    assert group.responses.kept[survey.survey_id].total == (2, {2: 2}, ())


async def test_an_answer_in_words_is_one_message_and_what_follows_is_none(group: Group) -> None:
    survey = await opened(group, kind=Kind.TEXT, anonymous=False)
    direct: dict[str, Any] = {"chat": 7, "chat_kind": ChatKind.DIRECT}
    assert "धन्यवाद" in await group.writes("सत्र छोटे रखें", by=1, **direct)
    assert not await group.writes("एक और बात पूछनी थी", by=1, **direct)
    assert group.responses.kept[survey.survey_id].total == (1, {}, ("सत्र छोटे रखें",))


async def test_who_has_left_the_only_group_of_a_community_is_not_asked(group: Group) -> None:
    left = MemberLeft(
        chat_id=chat_id(0), chat_kind=ChatKind.GROUP, member_id=member_id(2), removed=False, left_at=NOW
    )
    await group.village.happens(happens(left, at=NOW))
    await opened(group)
    assert asked_now(group) == people(ADMIN, 1, 3, 4, 5, 6)


async def test_who_has_left_one_of_two_groups_of_a_community_may_be_in_the_other(group: Group) -> None:
    await group.configured("seekho", 1)
    left = MemberLeft(
        chat_id=chat_id(0), chat_kind=ChatKind.GROUP, member_id=member_id(2), removed=False, left_at=NOW
    )
    await group.village.happens(happens(left, at=NOW))
    await opened(group)
    assert member_id(2) in asked_now(group)


async def test_whom_an_invitation_did_not_reach_is_counted_by_why(group: Group) -> None:
    survey = await opened(group)
    sent = [key for key, each in group.sends.kept.items() if each is not None]
    for send_id, code in zip(sent[:3], ("window_closed", "stopped", "window_closed"), strict=True):
        failed = MessageFailed(send_id=send_id, chat_id=chat_id(0), code=code, failed_at=NOW)
        for _ in range(2):
            await group.village.happens(happens(failed, at=NOW))
    kept = group.surveys.kept[survey.survey_id]
    assert kept is not None
    assert kept.skipped == {"window_closed": 2, "stopped": 1}


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"closes_at": NOW + dt.timedelta(minutes=5)}, Invalid),
        ({"closes_at": NOW + 40 * DAY}, Invalid),
        ({"kind": Kind.CHOICE}, Invalid),
        ({"kind": Kind.CHOICE, "options": ("एक", "एक")}, Invalid),
        ({"kind": Kind.NPS, "options": ("एक", "दो")}, Invalid),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    group: Group, more: dict[str, Any], wrong: type[Exception]
) -> None:
    with pytest.raises(wrong):
        await opened(group, **more)
    assert not asked_now(group)


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 90)), max_size=30), st.integers(1, 20), st.text(min_size=1)
)
def test_those_are_asked_who_rest_longest_and_nobody_twice(
    rested: Sequence[int | None], most: int, survey: str
) -> None:
    members = tuple(
        Panelist(member_id(at), None if days is None else NOW - days * DAY) for at, days in enumerate(rested)
    )
    found = chosen(Panel(SCOPE, members), survey, most, NOW)
    ready = {
        each.member_id: each.asked_at
        for each in members
        if each.asked_at is None or NOW - each.asked_at >= 30 * DAY
    }
    assert len(found) == len(set(found)) == min(most, len(ready))
    assert set(found) <= set(ready)
    left = [each for name, each in ready.items() if name not in found]
    if found and left:
        latest = max((ready[name] or NOW - 10_000 * DAY) for name in found)
        assert all((each or NOW - 10_000 * DAY).date() >= latest.date() for each in left)


@given(st.sampled_from(Kind), st.text(max_size=40))
def test_whatever_is_written_is_an_answer_or_none(kind: Kind, text: str) -> None:
    async def made() -> Survey:
        group = await with_members(1)
        options = ("एक", "दो") if kind in {Kind.CHOICE, Kind.CHOICES} else ()
        return await opened(group, kind=kind, options=options)

    survey = asyncio.run(made())
    try:
        answer = read_answer(survey, text)
    except Invalid:
        return
    assert bool(answer.text) is (kind is Kind.TEXT)
    assert bool(answer.values) is (kind is not Kind.TEXT)
