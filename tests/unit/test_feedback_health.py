"""How a community is doing is told by its parts, each beside what it was before."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain.effects.samples import Fact
from services.feedback.domain.effects.verdict import Outcome, Reason
from services.feedback.domain.health import DAYS, WEEKS_SHOWN, health_of, weekly, windows
from services.feedback.domain.strategies.metrics import ACTIVE_MEMBERS, ATTENDANCE_RATIO, METRICS

TODAY = dt.date(2026, 8, 24)
DAY = dt.timedelta(days=1)


def test_the_windows_are_whole_weeks_that_are_over() -> None:
    window, before = windows(TODAY)
    assert (window.last, window.length) == (TODAY - DAY, DAYS)
    assert (before.last, before.length) == (window.first - DAY, DAYS)


def test_a_part_that_has_risen_is_better_and_one_that_was_never_counted_has_no_value() -> None:
    days = [TODAY - number * DAY for number in range(1, 2 * DAYS + 1)]
    facts = {"active_members": [Fact(day, 30 if at < DAYS else 10, 1) for at, day in enumerate(days)]}
    health = health_of("community:seekho", facts, TODAY)
    parts = {each.measured.metric.name: each.verdict for each in health.parts}
    assert set(parts) == set(METRICS)
    risen = parts["active_members"]
    assert risen is not None
    assert risen.outcome is Outcome.BETTER
    assert (risen.effect.before.value, risen.effect.after.value) == (10, 30)
    assert [name for name, verdict in parts.items() if verdict is not None] == ["active_members"]


def test_of_few_sessions_it_is_said_that_they_are_few() -> None:
    facts = {"attendance_ratio": [Fact(TODAY - 2 * DAY, 8, 10, "s1"), Fact(TODAY - 9 * DAY, 7, 10, "s2")]}
    (part,) = (each for each in health_of("s", facts, TODAY).parts if each.verdict is not None)
    assert part.verdict is not None
    assert part.verdict.outcome is Outcome.CANNOT_TELL
    assert Reason.TOO_FEW in part.verdict.reasons


def test_overturned_cases_are_better_where_they_are_fewer() -> None:
    facts = {
        "overturned_ratio": [
            Fact(TODAY - number * DAY, 1 if number <= DAYS else 8, 10) for number in range(1, 2 * DAYS + 1)
        ]
    }
    (part,) = (each for each in health_of("s", facts, TODAY).parts if each.verdict is not None)
    assert part.verdict is not None
    assert part.verdict.outcome is Outcome.BETTER


def test_weeks_before_anything_was_counted_and_weeks_without_a_session_have_no_value() -> None:
    facts = [Fact(TODAY - DAY, 7, 1), Fact(TODAY - 15 * DAY, 14, 1)]
    values = [value for _, value in weekly(ACTIVE_MEMBERS, facts, TODAY)]
    assert len(values) == WEEKS_SHOWN
    assert values[-3:] == [2, 0, 1]
    assert set(values[:-3]) == {None}
    ratio = [value for _, value in weekly(ATTENDANCE_RATIO, [Fact(TODAY - DAY, 8, 10, "s1")], TODAY)]
    assert ratio == [*[None] * (WEEKS_SHOWN - 1), 0.8]


@given(st.lists(st.tuples(st.integers(-10, 120), st.integers(0, 50)), max_size=30))
def test_whatever_was_counted_each_metric_is_there_once(counted: list[tuple[int, int]]) -> None:
    facts = {
        name: [Fact(TODAY - days * DAY, part, 50, str(days)) for days, part in counted] for name in METRICS
    }
    health = health_of("s", facts, TODAY)
    assert [each.measured.metric.name for each in health.parts] == list(METRICS)


@pytest.mark.parametrize("name", list(METRICS))
def test_without_facts_no_part_has_a_verdict(name: str) -> None:
    health = health_of("s", {}, TODAY)
    assert next(each for each in health.parts if each.measured.metric.name == name).verdict is None
