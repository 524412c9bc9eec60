from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain.effects.assessing import assess
from services.feedback.domain.effects.clashes import clashes_of
from services.feedback.domain.effects.effect import Effect, Side, effect_of
from services.feedback.domain.effects.festivals import FESTIVALS, FIRST_YEAR, LAST_YEAR, season_of
from services.feedback.domain.effects.samples import Fact, Kind, Observation, Sample, sample_of
from services.feedback.domain.effects.strategy import Good, Metric, Strategy
from services.feedback.domain.effects.verdict import FEWEST, Outcome, Reason, are_unlike, judge
from services.feedback.domain.effects.windows import Window, baseline_of
from services.feedback.domain.intervals import Interval

MONDAY = dt.date(2026, 4, 20)
TUESDAYS = frozenset({1})


def day(number: int) -> dt.date:
    return MONDAY + dt.timedelta(days=number)


def strategy(number: int = 7, **changes: object) -> Strategy:
    # Four Tuesdays, with no festival in them or in the four before.
    plain = Strategy(
        strategy_id=f"s-{number}",
        scope="c_1",
        number=number,
        change="सत्र का समय 7:30 → 8:30",
        hypothesis="काम से लौटकर अधिक लोग आ पाते हैं",
        metric=Metric("attendance_ratio", Kind.RATIO),
        window=Window(dt.date(2026, 7, 20), dt.date(2026, 8, 14)),
        owner="m_1",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def session(on: dt.date, attended: int, registered: int, unit: str = "") -> list[Fact]:
    name = unit or f"E{on}"
    return [Fact(on, 0, 1, name)] * registered + [Fact(on, 1, 0, name)] * attended


def sessions(first: dt.date, *attended: int, of: int = 20) -> list[Fact]:
    return [
        fact
        for number, came in enumerate(attended)
        for fact in session(first + dt.timedelta(weeks=number), came, of)
    ]


BEFORE, AFTER = dt.date(2026, 6, 23), dt.date(2026, 7, 21)
OVER = dt.date(2026, 8, 15)


# What is compared.


def test_a_baseline_is_as_long_as_the_window_and_has_its_weekdays():
    window = Window(dt.date(2026, 7, 21), dt.date(2026, 7, 30))

    baseline = baseline_of(window)

    assert baseline == Window(dt.date(2026, 7, 7), dt.date(2026, 7, 16))
    assert [each.weekday() for each in baseline.days()] == [each.weekday() for each in window.days()]


@given(st.integers(0, 400), st.integers(1, 366), st.sets(st.integers(0, 6), min_size=1))
def test_a_baseline_never_touches_its_window(first, length, weekdays):
    try:
        window = Window(day(first), day(first + length - 1), frozenset(weekdays))
    except ValueError:
        return
    baseline = baseline_of(window)

    assert baseline.last < window.first
    assert (window.first - baseline.last).days <= 7
    assert len(list(baseline.days())) == len(list(window.days()))
    assert Counter(each.weekday() for each in baseline.days()) == Counter(
        each.weekday() for each in window.days()
    )


@pytest.mark.parametrize(
    ("first", "last", "weekdays"),
    [(1, 0, {0}), (0, 366, {0}), (0, 2, {5}), (0, 6, set()), (0, 6, {7})],
)
def test_a_window_without_a_day_is_refused(first, last, weekdays):
    with pytest.raises(ValueError, match="day"):
        Window(day(first), day(last), frozenset(weekdays))


def test_a_ratio_is_counted_by_session_and_its_facts_come_in_any_order():
    facts = session(BEFORE, 10, 20, "E1") + session(BEFORE, 30, 40, "E2")
    window = Window(BEFORE, BEFORE)

    sample = sample_of(Kind.RATIO, facts, window)

    assert sample.n == 2
    assert sample.value == pytest.approx(40 / 60)
    assert sample == sample_of(Kind.RATIO, facts[::-1], window)


def test_a_session_nobody_registered_for_is_no_observation():
    assert sample_of(Kind.RATIO, session(BEFORE, 3, 0), Window(BEFORE, BEFORE)).n == 0


def test_a_session_that_was_moved_counts_once_on_its_later_day():
    facts = session(BEFORE, 0, 10, "E1") + session(BEFORE + dt.timedelta(days=1), 5, 5, "E1")

    assert sample_of(Kind.RATIO, facts, Window(BEFORE, BEFORE)).n == 0
    (observation,) = sample_of(Kind.RATIO, facts, Window(BEFORE, BEFORE + dt.timedelta(days=1))).observations
    assert observation == Observation(BEFORE + dt.timedelta(days=1), 5, 15)


def test_a_day_without_any_counts_as_none():
    sample = sample_of(Kind.COUNT, [Fact(day(0)), Fact(day(0)), Fact(day(9))], Window(day(0), day(3)))

    assert [each.part for each in sample.observations] == [2, 0, 0, 0]
    assert sample.value == 0.5


def test_a_count_looks_at_the_weekdays_of_its_strategy_alone():
    sample = sample_of(Kind.COUNT, [Fact(day(1)), Fact(day(2))], Window(day(0), day(13), TUESDAYS))

    assert [each.on for each in sample.observations] == [day(1), day(8)]
    assert sample.value == 0.5


def test_a_mean_is_that_of_all_values_however_many_a_day_has():
    facts = [Fact(day(0), 10), Fact(day(0), 20), Fact(day(1), 60)]

    sample = sample_of(Kind.MEAN, facts, Window(day(0), day(6)))

    assert (sample.n, sample.value) == (2, 30)


def test_a_share_counts_people():
    facts = [Fact(day(0), 1), Fact(day(0), 0), Fact(day(1), 1)]

    sample = sample_of(Kind.SHARE, facts, Window(day(0), day(6)))

    assert sample.n == 3
    assert sample.value == pytest.approx(2 / 3)


@pytest.mark.parametrize(("part", "whole"), [(0.5, 1), (2, 1), (1, 2), (-1, 1)])
def test_a_share_takes_no_half_people(part, whole):
    with pytest.raises(ValueError, match="one person"):
        sample_of(Kind.SHARE, [Fact(day(0), part, whole)], Window(day(0), day(6)))


@pytest.mark.parametrize(
    ("part", "whole"), [(float("nan"), 1), (float("inf"), 1), (1, float("nan")), (1, -1)]
)
def test_a_fact_is_a_number(part, whole):
    with pytest.raises(ValueError, match="no observation"):
        Fact(day(0), part, whole)


# What came of it.


def test_b10_06_an_effect_shows_both_values_n_an_interval_and_a_verdict():
    facts = sessions(BEFORE, 8, 9, 7, 8) + sessions(AFTER, 15, 16, 14, 17)

    verdict = assess(strategy(units=4), facts, (), OVER)
    effect = verdict.effect

    assert (effect.before.n, effect.after.n) == (4, 4)
    assert effect.before.value == pytest.approx(0.4)
    assert effect.after.value == pytest.approx(0.775)
    assert effect.difference == pytest.approx(0.375)
    assert effect.relative == pytest.approx(0.9375)
    assert effect.interval is not None
    assert 0.2 < effect.interval.low < 0.375 < effect.interval.high < 0.55
    assert (verdict.outcome, verdict.reasons) == (Outcome.BETTER, ())


def test_b10_06_with_overlapping_intervals_nobody_can_tell():
    facts = sessions(BEFORE, 8, 13, 7, 10) + sessions(AFTER, 12, 9, 14, 10)

    verdict = assess(strategy(units=4), facts, (), OVER)
    before, after = verdict.effect.before.interval, verdict.effect.after.interval

    assert before is not None
    assert after is not None
    assert before.overlaps(after)
    assert (verdict.outcome, verdict.reasons) == (Outcome.CANNOT_TELL, (Reason.OVERLAPS,))


def test_b10_06_what_gets_less_is_worse_or_better_by_what_is_wanted():
    facts = sessions(BEFORE, 15, 16, 14, 17) + sessions(AFTER, 8, 9, 7, 8)
    unwanted = strategy(metric=Metric("no_show_ratio", Kind.RATIO, Good.DOWN))

    assert assess(strategy(), facts, (), OVER).outcome is Outcome.WORSE
    assert assess(unwanted, facts, (), OVER).outcome is Outcome.BETTER


def test_b10_06_of_three_sessions_no_difference_is_large_enough():
    facts = sessions(BEFORE, 1, 1, 1) + sessions(AFTER, 19, 19, 19, 19)

    verdict = assess(strategy(), facts, (), OVER)

    assert (verdict.outcome, verdict.reasons) == (Outcome.CANNOT_TELL, (Reason.TOO_FEW,))
    assert (verdict.effect.before.n, verdict.effect.after.n) == (3, 4)


def test_b10_06_before_the_window_ends_there_is_no_outcome():
    facts = sessions(BEFORE, 8, 9, 7, 8) + sessions(AFTER, 15, 16, 14, 17)

    running = assess(strategy(), facts, (), OVER - dt.timedelta(days=1))

    assert (running.outcome, running.reasons) == (Outcome.CANNOT_TELL, (Reason.RUNNING,))
    assert running.effect.after.value == pytest.approx(0.775)


def test_half_a_window_is_compared_with_the_same_half_of_the_baseline():
    counted = strategy(metric=Metric("thanks", Kind.COUNT))

    running = assess(counted, [], (), counted.window.first + dt.timedelta(days=9))

    assert (running.effect.before.n, running.effect.after.n) == (9, 9)


def test_a_change_that_has_not_begun_has_a_baseline_and_nothing_else():
    running = assess(strategy(), sessions(BEFORE, 8, 9, 7, 8), (), strategy().starts_on)

    assert running.effect.before.n == 4
    assert running.effect.after == Side(0, None, None)
    assert (running.effect.difference, running.effect.interval) == (None, None)
    assert running.reasons == (Reason.RUNNING,)


def test_four_sessions_end_a_window_of_four_sessions():
    facts = sessions(BEFORE, 8, 9, 7, 8) + sessions(AFTER, 15, 16, 14, 17)
    last = AFTER + dt.timedelta(weeks=3)

    assert assess(strategy(units=4), facts, (), last).reasons == (Reason.RUNNING,)
    assert assess(strategy(units=4), facts, (), last + dt.timedelta(days=1)).outcome is Outcome.BETTER


def test_the_sessions_that_are_compared_are_those_next_to_the_change():
    facts = sessions(BEFORE - dt.timedelta(weeks=2), 20, 20, 8, 9, 7, 8)
    facts += sessions(AFTER, 15, 16, 14, 17, 0, 0)
    window = Window(AFTER, AFTER + dt.timedelta(weeks=6))

    effect = assess(strategy(units=4, window=window), facts, (), window.last + dt.timedelta(days=1)).effect

    assert effect.before.value == pytest.approx(0.4)
    assert effect.after.value == pytest.approx(0.775)


def test_what_does_not_happen_at_all_and_then_does_is_told():
    counted = strategy(metric=Metric("thanks", Kind.COUNT))
    facts = [Fact(each) for each in counted.window.days() for _ in range(2)]

    verdict = assess(counted, facts, (), OVER)

    assert verdict.outcome is Outcome.BETTER
    assert (verdict.effect.difference, verdict.effect.relative) == (2, None)


@pytest.mark.parametrize("registered", [(10, 30, 20, 7), (3, 70, 9, 41)])
def test_rounding_is_no_effect(registered):
    def half(first: dt.date, sizes: tuple[int, ...]) -> list[Fact]:
        return [
            Fact(first + dt.timedelta(weeks=number), size / 3, size, f"{first}{number}")
            for number, size in enumerate(sizes)
        ]

    facts = half(BEFORE, registered) + half(AFTER, registered[::-1])

    assert assess(strategy(), facts, (), OVER).reasons == (Reason.OVERLAPS,)


def test_the_same_facts_give_the_same_intervals_whoever_asks():
    facts = sessions(BEFORE, 8, 13, 7, 10) + sessions(AFTER, 12, 9, 14, 10)

    first = assess(strategy(), facts, (), OVER)
    np.random.default_rng(1).random(10)

    assert first == assess(strategy(), facts[::-1], (), OVER)


def test_many_people_have_a_verdict_by_their_shares():
    asked = strategy(metric=Metric("answered", Kind.SHARE))
    before, after = asked.baseline.first, asked.window.first
    facts = [Fact(before, number < 48) for number in range(80)]
    facts += [Fact(after, number < 56) for number in range(70)]

    verdict = assess(asked, facts, (), OVER)

    assert verdict.outcome is Outcome.BETTER
    assert verdict.effect.interval is not None
    # Example (a) of Newcombe (1998).
    assert verdict.effect.interval.low == pytest.approx(0.0524, abs=1e-4)
    assert verdict.effect.interval.high == pytest.approx(0.3339, abs=1e-4)


def test_samples_of_two_kinds_are_not_compared():
    with pytest.raises(ValueError, match="compared"):
        effect_of(Sample(Kind.MEAN, ()), Sample(Kind.COUNT, ()), "x")


@given(
    st.lists(st.tuples(st.floats(0, 50), st.integers(1, 50)), max_size=12),
    st.lists(st.tuples(st.floats(0, 50), st.integers(1, 50)), max_size=12),
)
def test_an_interval_is_in_order_and_a_verdict_rests_on_enough(before, after):
    first, second = (
        Sample(Kind.RATIO, tuple(Observation(day(0), part, whole) for part, whole in each))
        for each in (before, after)
    )
    effect = effect_of(first, second, "x", resamples=199)
    verdict = judge(effect, Good.UP)

    for interval in (effect.before.interval, effect.after.interval, effect.interval):
        assert interval is None or interval.low <= interval.high
    if verdict.outcome is not Outcome.CANNOT_TELL:
        assert min(effect.before.n, effect.after.n) >= FEWEST[Kind.RATIO]
        assert effect.difference is not None
        assert (effect.difference > 0) == (verdict.outcome is Outcome.BETTER)
        assert effect_of(second, first, "x", resamples=199).difference == -effect.difference


@pytest.mark.parametrize(
    ("before", "after", "difference", "outcome"),
    [
        ((0.1, 0.2), (0.3, 0.4), (0.05, 0.3), Outcome.BETTER),
        ((0.3, 0.4), (0.1, 0.2), (-0.3, -0.05), Outcome.WORSE),
        ((0.1, 0.3), (0.3, 0.4), (0.05, 0.3), Outcome.CANNOT_TELL),
        ((0.1, 0.2), (0.3, 0.4), (0.0, 0.3), Outcome.CANNOT_TELL),
    ],
)
def test_a_verdict_needs_values_apart_and_a_difference_without_zero(before, after, difference, outcome):
    effect = Effect(
        Kind.RATIO, Side(9, 0.2, Interval(*before)), Side(9, 0.3, Interval(*after)), Interval(*difference)
    )

    assert judge(effect, Good.UP).outcome is outcome


# What else may be behind it.


def test_b10_07_another_change_to_the_same_metric_is_named():
    facts = sessions(BEFORE, 8, 9, 7, 8) + sessions(AFTER, 15, 16, 14, 17)
    other = strategy(8, window=Window(dt.date(2026, 8, 10), dt.date(2026, 9, 10)))

    verdict = assess(strategy(), facts, (strategy(), other), OVER)

    assert verdict.outcome is Outcome.BETTER
    assert verdict.reasons == (Reason.CLASH,)
    assert [clash.mark for clash in verdict.clashes] == ["ST-8"]


@pytest.mark.parametrize(
    ("change", "clashes"),
    [
        ({"window": Window(dt.date(2026, 8, 14), dt.date(2026, 9, 1))}, True),
        ({"window": Window(dt.date(2026, 8, 15), dt.date(2026, 9, 1))}, False),
        ({"window": Window(dt.date(2026, 7, 1), dt.date(2026, 7, 10))}, True),
        ({"window": Window(dt.date(2026, 6, 1), dt.date(2026, 7, 10))}, False),
        ({"window": Window(dt.date(2026, 6, 1), dt.date(2026, 7, 20))}, True),
        ({"metric": Metric("thanks", Kind.COUNT)}, False),
        ({"scope": "c_2"}, False),
        ({}, True),
    ],
    ids=[
        "last day",
        "day after",
        "in the baseline",
        "before it",
        "first day",
        "other metric",
        "other",
        "same",
    ],
)
def test_b10_07_a_change_clashes_when_it_can_move_one_side_alone(change, clashes):
    assert bool(clashes_of(strategy(), [strategy(8, **change)])) is clashes


def test_a_festival_in_one_of_the_windows_is_said():
    diwali = strategy(window=Window(dt.date(2026, 10, 26), dt.date(2026, 11, 22)))
    facts = sessions(dt.date(2026, 9, 29), 8, 9, 7, 8) + sessions(dt.date(2026, 10, 27), 15, 16, 14, 17)

    verdict = assess(diwali, facts, (), dt.date(2026, 11, 23))

    assert verdict.outcome is Outcome.BETTER
    assert verdict.reasons == (Reason.FESTIVAL,)
    assert [each.name for each in verdict.season.baseline] == ["dussehra"]
    assert [each.name for each in verdict.season.window] == ["karwa_chauth", "diwali", "chhath"]


def test_a_festival_on_a_day_that_does_not_count_is_left_out():
    # Raksha Bandhan of 2026 is a Friday.
    window = Window(dt.date(2026, 8, 24), dt.date(2026, 8, 30), TUESDAYS)

    assert [each.name for each in season_of(baseline_of(window), window).window] == ["onam"]


def test_years_beyond_the_calendar_are_not_taken_for_quiet_ones():
    window = Window(dt.date(LAST_YEAR + 1, 6, 1), dt.date(LAST_YEAR + 1, 6, 28))
    facts: list[Fact] = []

    assert season_of(baseline_of(window), window).known is False
    verdict = assess(strategy(window=window), facts, (), dt.date(LAST_YEAR + 1, 7, 1))
    assert verdict.reasons == (Reason.TOO_FEW, Reason.NO_CALENDAR)


@pytest.mark.parametrize(
    ("name", "on"),
    [
        # As in the central government's lists of holidays of 2025 and 2026.
        *(("holi", "2025-03-14"), ("eid_al_fitr", "2025-03-31"), ("diwali", "2025-10-20")),
        *(("holi", "2026-03-04"), ("eid_al_adha", "2026-05-27"), ("dussehra", "2026-10-20")),
        *(
            ("diwali", "2026-11-08"),
            ("guru_nanak_jayanti", "2026-11-24"),
            ("christmas_new_year", "2027-01-01"),
        ),
    ],
)
def test_festivals_are_on_their_published_days(name, on):
    assert name in {each.name for each in FESTIVALS if each.first <= dt.date.fromisoformat(on) <= each.last}


def test_each_festival_is_there_every_year_in_its_season():
    names = {each.name for each in FESTIVALS}
    years = LAST_YEAR - FIRST_YEAR + 1

    assert Counter(each.name for each in FESTIVALS) == dict.fromkeys(names, years)
    for name in names - {"eid_al_fitr", "eid_al_adha"}:
        days = [each.last.timetuple().tm_yday for each in FESTIVALS if each.name == name]
        # The lunar year falls behind the sun's by eleven days and makes up for it by a month.
        assert max(days) - min(days) <= 31


def test_other_weekdays_than_before_are_said():
    facts = sessions(BEFORE, 8, 9, 7, 8) + sessions(AFTER + dt.timedelta(days=2), 15, 16, 14, 17)

    assert assess(strategy(), facts, (), OVER).reasons == (Reason.WEEKDAYS,)


@pytest.mark.parametrize(
    ("before", "after", "unlike"),
    [
        ("tttt", "tttt", False),
        ("tttt", "tttw", False),
        ("tttt", "ttww", True),
        ("", "tt", False),
        ("t", "tttt", False),
    ],
)
def test_a_quarter_of_other_weekdays_is_let_pass(before, after, unlike):
    days = {"t": 1, "w": 2}

    assert are_unlike(*(Counter(days[each] for each in side) for side in (before, after))) is unlike


# How often it is right.


def drawn(kind: Kind, n: int, draw: np.random.Generator, factor: float = 1.0) -> Sample:
    """Sessions that differ by 14 points beyond chance, answers after half an hour, twenty thanks a day."""
    wholes: list[int] = [1] * n
    if kind is Kind.RATIO:
        seats = draw.poisson(20, n) + 2
        parts = draw.binomial(seats, draw.beta(6 * factor, 12 - 6 * factor, n)).tolist()
        wholes = seats.tolist()
    elif kind is Kind.MEAN:
        answers = draw.poisson(8, n) + 1
        parts, wholes = draw.gamma(4 * answers, 30 * factor / 4).tolist(), answers.tolist()
    elif kind is Kind.COUNT:
        parts = draw.negative_binomial(20, 1 / (1 + factor), n).tolist()
    else:
        parts = (draw.random(n) < 0.5 * factor).tolist()
    return Sample(
        kind,
        tuple(
            Observation(day(number), float(part), float(whole))
            for number, (part, whole) in enumerate(zip(parts, wholes, strict=True))
        ),
    )


def outcomes(kind: Kind, n: int, runs: int, factor: float = 1.0) -> Counter[Outcome]:
    draw = np.random.default_rng(n)
    return Counter(
        judge(effect_of(drawn(kind, n, draw), drawn(kind, n, draw, factor), f"s-{run}"), Good.UP).outcome
        for run in range(runs)
    )


@pytest.mark.parametrize(
    ("kind", "n"),
    [
        *((Kind.RATIO, 4), (Kind.RATIO, 40)),
        *((Kind.MEAN, 8), (Kind.COUNT, 14), (Kind.SHARE, 10), (Kind.SHARE, 200)),
    ],
)
def test_b10_06_a_change_that_does_nothing_is_not_called_an_effect(kind, n):
    assert outcomes(kind, n, 500)[Outcome.CANNOT_TELL] >= 0.95 * 500


@pytest.mark.parametrize("kind", [Kind.RATIO, Kind.MEAN, Kind.COUNT])
def test_b10_06_a_third_more_is_found_in_forty_observations(kind):
    found = outcomes(kind, 40, 150, factor=1.3)

    assert found[Outcome.BETTER] >= 0.8 * 150
    assert found[Outcome.WORSE] == 0


def test_of_very_many_units_the_interval_is_that_of_the_bootstrap():
    draw = np.random.default_rng(4)
    whole = drawn(Kind.RATIO, 1_001, draw)
    part = Sample(Kind.RATIO, whole.observations[:1_000])

    by_formula, resampled = effect_of(whole, whole, "x").before, effect_of(part, part, "x").before

    assert by_formula.interval is not None
    assert resampled.interval is not None
    width = resampled.interval.high - resampled.interval.low
    assert by_formula.interval.high - by_formula.interval.low == pytest.approx(width, rel=0.05)
    assert by_formula.interval.low == pytest.approx(resampled.interval.low, abs=0.05 * width)
