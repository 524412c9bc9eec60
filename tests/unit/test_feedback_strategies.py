"""A change is registered before it begins, and what came of it is said once, with what makes it doubtful."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.feedback.domain.strategies.metrics import METRICS
from services.feedback.domain.strategies.registering import Wish, register_once
from services.feedback.domain.subjects import ChatSubject
from services.feedback.strategy_scenes import around_registering
from shared.asked import asked
from shared.contracts.feedback import StrategyJudged, StrategyOutcome, StrategyRegistered
from shared.contracts.gateway import ChatKind
from shared.contracts.rewards import PointsAwarded
from shared.contracts.webinars import SessionRated, WebinarEnded
from shared.errors import Conflict, Invalid, NotFound
from tests.support.events import chat_id, member_id
from tests.support.feedback import ADMIN, NOW, SCOPE, Group
from tests.support.moderation import happens

TODAY = dt.date(2026, 11, 23)
DAY = dt.timedelta(days=1)
BEGIN = TODAY + DAY
WINDOW = 28


@pytest.fixture
async def group() -> Group:
    return await Group().begin()


async def registered(group: Group, key: str = "one", *, chat: int = 0, **more: Any) -> str:
    """Register a strategy, and return its id."""
    wish = Wish(
        **{
            "change": "सत्र का समय 7:30 → 8:30",
            "hypothesis": "काम से लौटने वाले आ पाएँगे",
            "metric": "attendance_ratio",
            "first_day": BEGIN,
            "last_day": BEGIN + (WINDOW - 1) * DAY,
            "owner": member_id(ADMIN),
            **more,
        }
    )
    wanted = asked("reena", key, repr(wish).encode())
    scene = await group.village.asks(
        around_registering(group.stores),
        ChatSubject(chat_id(chat), wish.suggestion_id),
        lambda scene, now: register_once(scene, wanted, wish, "reena", now),
    )
    return str(scene.community.measured[wanted.id].item_id)


async def session(group: Group, number: int, on: dt.date, attended: int, registered: int) -> None:
    """Tell that a session on that day is over."""
    at = dt.datetime.combine(on, dt.time(15), dt.UTC)
    await group.village.until(at)
    ended = WebinarEnded(
        webinar_id=f"{SCOPE}#{number}",
        chat_id=chat_id(0),
        community="seekho",
        title="SEO",
        session_at=at - dt.timedelta(hours=1),
        registered=registered,
        attended=attended,
        ended_at=at,
    )
    await group.village.happens(happens(ended, at=at))


async def weekly(group: Group, first: dt.date, *attended: int, number: int = 1) -> None:
    """Tell of a session a week, each with fifty seats taken."""
    for week, came in enumerate(attended):
        await session(group, number + week, first + 7 * week * DAY, came, 50)


BASELINE = BEGIN - WINDOW * DAY


async def with_baseline(*attended: int) -> Group:
    """Return a group with weekly sessions in the four weeks before."""
    group = await Group().begin()
    group.village.now = dt.datetime.combine(BASELINE, dt.time(4), dt.UTC)
    await weekly(group, BASELINE, *attended)
    await group.village.until(NOW)
    return group


async def test_b10_06_when_the_window_is_over_the_group_hears_values_n_interval_and_verdict() -> None:
    group = await with_baseline(20, 21, 19, 20)
    await registered(group, units=4)
    assert "ST-1" in group.village.last
    await weekly(group, BEGIN, 40, 41, 39, 40, number=5)
    await group.village.passes(days=2)

    (judged,) = group.village.heard(StrategyJudged)
    assert (judged.outcome, judged.number) == (StrategyOutcome.BETTER, 1)
    word = group.village.last
    for part in ("ST-1", "बेहतर", "40% (n=4)", "80% (n=4)", "+40", "95%"):
        assert part in word, word
    before = len(group.village.said)
    await group.village.passes(days=60)
    assert len(group.village.heard(StrategyJudged)) == 1
    assert len(group.village.said) == before


async def test_b10_06_where_the_intervals_overlap_the_verdict_is_that_nothing_can_be_told() -> None:
    group = await with_baseline(20, 30, 15, 25)
    await registered(group, units=4)
    await weekly(group, BEGIN, 22, 31, 18, 26, number=5)
    await group.village.passes(days=2)
    (judged,) = group.village.heard(StrategyJudged)
    assert judged.outcome is StrategyOutcome.CANNOT_TELL
    assert "कह नहीं सकते" in group.village.last
    assert "संयोग" in group.village.last


async def test_b10_06_a_change_for_the_worse_is_called_that() -> None:
    group = await with_baseline(40, 41, 39, 40)
    await registered(group, units=4)
    await weekly(group, BEGIN, 20, 21, 19, 20, number=5)
    await group.village.passes(days=2)
    assert group.village.heard(StrategyJudged)[0].outcome is StrategyOutcome.WORSE
    assert "−40" in group.village.last


async def test_b10_06_nothing_is_said_before_the_fourth_session_and_of_too_few_only_at_the_end() -> None:
    group = await with_baseline(20, 21, 19, 20)
    await registered(group, units=4)
    await weekly(group, BEGIN, 40, 41, 39, number=5)
    await group.village.passes(days=3)
    assert not group.village.heard(StrategyJudged)
    await group.village.until(dt.datetime.combine(BEGIN + (WINDOW + 1) * DAY, dt.time(12), dt.UTC))
    (judged,) = group.village.heard(StrategyJudged)
    assert judged.outcome is StrategyOutcome.CANNOT_TELL
    assert "बहुत कम" in group.village.last


async def test_b10_07_another_change_to_the_same_metric_at_the_same_time_is_named() -> None:
    group = await with_baseline(20, 21, 19, 20)
    for number in range(1, 8):
        await registered(group, f"early {number}", metric="thanks", change=f"बदलाव {number}")
    clash = await registered(group, "eight", change="अनुस्मारक दो बार")
    mine = await registered(group, "nine", units=4)
    assert clash.endswith("#ST8")
    assert mine.endswith("#ST9")
    await weekly(group, BEGIN, 40, 41, 39, 40, number=5)
    await group.village.passes(days=2)
    word = next(each.text for each in group.village.said if "ST-9" in each.text and "बेहतर" in each.text)
    assert "एक साथ दूसरा बदलाव: ST-8" in word
    assert "ST-7" not in word


async def test_a_request_that_comes_again_registers_nothing_and_another_one_under_its_key_is_refused(
    group: Group,
) -> None:
    assert await registered(group) == await registered(group)
    assert len(group.village.heard(StrategyRegistered)) == 1
    with pytest.raises(Conflict):
        await registered(group, change="कुछ और बदलाव")


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"metric": "happiness"}, Invalid),
        ({"metric": "thanks", "units": 4}, Invalid),
        ({"first_day": TODAY - 9 * DAY, "last_day": TODAY - DAY}, Invalid),
        ({"last_day": BEGIN - DAY}, Invalid),
        ({"last_day": BEGIN + 400 * DAY}, Invalid),
        ({"weekdays": frozenset({9})}, Invalid),
        ({"suggestion_id": f"{SCOPE}#S9"}, NotFound),
        ({"chat": 77}, NotFound),
    ],
)
async def test_what_cannot_be_measured_is_refused(
    group: Group, more: dict[str, Any], wrong: type[Exception]
) -> None:
    with pytest.raises(wrong):
        await registered(group, **more)
    assert not group.village.heard(StrategyRegistered)


async def test_a_strategy_that_carries_out_a_suggestion_names_it(group: Group) -> None:
    await group.writes("!सुझाव सत्र देर से रखें")
    await registered(group, suggestion_id=f"{SCOPE}#S1")
    assert group.village.heard(StrategyRegistered)[0].suggestion_id == f"{SCOPE}#S1"


def test_every_metric_has_a_name_of_its_own() -> None:
    assert all(name == each.metric.name for name, each in METRICS.items())


async def test_members_who_write_are_counted_once_a_day_and_those_who_write_to_us_alone_are_not(
    group: Group,
) -> None:
    for by in (1, 2, 1, 3, 3):
        await group.writes("नमस्ते", by=by)
    await group.writes("नमस्ते", by=9, chat=5, chat_kind=ChatKind.DIRECT)
    await group.merged(1, 2)
    await group.writes("नमस्ते", by=2)
    await group.village.passes(days=1)
    await group.writes("नमस्ते", by=1)
    parts = {key.rsplit("|", 1)[1]: each.part for key, each in group.tallies.kept.items()}
    assert parts == {"2026-11-23": 3, "2026-11-24": 1}


async def test_ratings_and_thanks_are_counted(group: Group) -> None:
    for rating in (5, 4, 3):
        rated = SessionRated(
            webinar_id=f"{SCOPE}#1", chat_id=chat_id(0), community="seekho", rating=rating, rated_at=NOW
        )
        await group.village.happens(happens(rated, at=NOW))
    entry: dict[str, Any] = {
        "scope": SCOPE,
        "member_id": member_id(1),
        "claim_id": "c1",
        "action": "thanks",
        "reason": "earned",
        "rule_version": 1,
        "source": "s",
        "cause": "s",
        "day": "2026-11-23",
        "earned_at": NOW,
        "booked_at": NOW,
    }
    for number, points, action in ((0, 2, "thanks"), (1, 2, "thanks"), (0, 0, "thanks"), (0, 5, "attended")):
        award = PointsAwarded(**entry | {"number": number, "points": points, "action": action})
        await group.village.happens(happens(award, at=NOW))
    found = {key: (each.part, each.whole) for key, each in group.tallies.kept.items()}
    assert found[f"{SCOPE}|session_rating|{SCOPE}#1"] == (12, 3)
    assert found[f"{SCOPE}|thanks|2026-11-23"] == (1, 1)
