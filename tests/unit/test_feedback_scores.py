from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from services.feedback.domain.intervals import Interval, newcombe, wilson
from services.feedback.domain.scores import Standing, adjusted_wald, choices, csat, nps


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    # Newcombe (1998), Stat. Med. 17, 857-872, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_share_is_the_published_one(count, n, low, high):
    assert wilson(count, n).low == pytest.approx(low, abs=5e-5)
    assert wilson(count, n).high == pytest.approx(high, abs=5e-5)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_of_a_share_is_that_of_scipy(pair):
    count, n = pair
    known = binomtest(count, n).proportion_ci(method="wilson")

    assert wilson(count, n).low == pytest.approx(known.low, abs=1e-9)
    assert wilson(count, n).high == pytest.approx(known.high, abs=1e-9)


@pytest.mark.parametrize(
    ("later", "earlier", "low", "high"),
    [
        # Newcombe (1998), Stat. Med. 17, 873-890, table II, method 10, contrasts (a) to (h).
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_of_shares_is_the_published_one(later, earlier, low, high):
    interval = newcombe(*earlier, *later)

    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(("count", "n"), [(0, 0), (1, 0), (-1, 5), (6, 5), (1, -2)])
def test_more_than_all_is_no_share(count, n):
    with pytest.raises(ValueError, match="no share"):
        wilson(count, n)


def test_intervals_that_touch_overlap():
    assert Interval(0, 1).overlaps(Interval(1, 2))
    assert Interval(1, 2).overlaps(Interval(0, 1))
    assert not Interval(0, 1).overlaps(Interval(1.1, 2))
    assert Interval(0, 1).contains(1)
    assert not Interval(0, 1).contains(1.1)


def test_the_net_promoter_score_is_promoters_less_detractors():
    # 5 promoters, 3 passives, 2 detractors.
    score = nps({10: 3, 9: 2, 8: 2, 7: 1, 6: 1, 0: 1})

    assert score.standing is Standing.ENOUGH
    assert score.value == pytest.approx(30)
    assert dict(score.groups) == {"promoters": 5, "passives": 3, "detractors": 2}
    # By hand: (5.75 - 2.75) / 13 and the square root of (8.5 / 13 - (3 / 13)²) / 13, as Rocks (2016) has it.
    assert score.interval is not None
    assert score.interval.low == pytest.approx(
        100 * (3 / 13 - 1.959964 * math.sqrt((8.5 / 13 - 9 / 169) / 13))
    )
    assert score.interval.high == pytest.approx(
        100 * (3 / 13 + 1.959964 * math.sqrt((8.5 / 13 - 9 / 169) / 13))
    )


def test_without_additions_the_interval_is_that_of_a_mean_of_three_values():
    # Half promoters, a third passives, a sixth detractors have a variance of 5/9.
    middle, reach = adjusted_wald(162, 54, 324, added=0)

    assert middle == pytest.approx(1 / 3)
    assert reach == pytest.approx(1.959964 * math.sqrt(5 / 9) / 18)


@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (0.8, 0.15, 0.05), (0.95, 0.04, 0.01)])
@pytest.mark.parametrize("n", [10, 40])
def test_the_interval_of_a_score_holds_the_truth_as_often_as_it_says(shares, n):
    drawn = np.random.default_rng(3).multinomial(n, shares, 4000)
    inside = 0
    for promoters, _, detractors in drawn:
        middle, reach = adjusted_wald(int(promoters), int(detractors), n)
        inside += abs(middle - (shares[0] - shares[2])) <= reach

    # Least where nearly everybody is a promoter, and ten answers often show nobody else.
    assert inside / len(drawn) >= 0.91


def test_a_score_stays_on_its_scale():
    for counts in ({10: 50}, {0: 50}):
        interval = nps(counts).interval
        assert interval is not None
        assert -100 <= interval.low < interval.high <= 100


def test_satisfied_are_four_and_five():
    score = csat({5: 9, 4: 6, 3: 3, 1: 2})
    share = wilson(15, 20)

    assert score.value == 75
    assert score.interval == Interval(100 * share.low, 100 * share.high)
    assert dict(score.groups) == {"satisfied": 15, "others": 5}


@pytest.mark.parametrize("score", [nps, csat])
def test_nine_answers_are_not_enough_and_ten_are(score):
    nine, ten = score({4: 9}), score({4: 10})

    assert (nine.standing, nine.n, nine.needed, nine.value, nine.interval) == (
        Standing.FEW,
        9,
        10,
        None,
        None,
    )
    assert sum(nine.groups.values()) == 9
    assert (ten.standing, ten.n) == (Standing.ENOUGH, 10)
    assert ten.value is not None


@pytest.mark.parametrize("score", [nps, csat])
def test_b10_05_of_four_anonymous_answers_only_their_number_is_known(score):
    four, five = score({4: 4}, anonymous=True), score({4: 5}, anonymous=True)

    assert (four.standing, four.n, four.needed) == (Standing.HIDDEN, 4, 5)
    assert (four.value, four.interval, dict(four.groups)) == (None, None, {})
    assert five.standing is Standing.FEW
    assert sum(five.groups.values()) == 5


def test_b10_05_of_four_anonymous_choices_none_is_shown():
    four = choices({"रविवार": 3, "शनिवार": 1}, anonymous=True)
    five = choices({"रविवार": 4, "शनिवार": 1}, anonymous=True)

    assert (four.standing, four.n, four.needed, four.options) == (Standing.HIDDEN, 4, 5, ())
    assert [(option.name, option.count, option.share) for option in five.options] == [
        ("रविवार", 4, None),
        ("शनिवार", 1, None),
    ]


def test_choices_are_ranked_and_each_has_its_interval():
    found = choices({"a": 5, "b": 12, "c": 0, "d": 5})

    assert [option.name for option in found.options] == ["b", "a", "d", "c"]
    assert [option.share for option in found.options] == [12 / 22, 5 / 22, 5 / 22, 0]
    assert [option.interval for option in found.options] == [wilson(count, 22) for count in (12, 5, 5, 0)]


def test_of_several_choices_each_share_is_of_those_who_answered():
    found = choices({"a": 9, "b": 6}, respondents=12)

    assert found.n == 12
    assert [option.share for option in found.options] == [0.75, 0.5]


@pytest.mark.parametrize(
    ("counts", "respondents"),
    [({"a": -1}, None), ({"a": 3}, 2), ({"a": 1}, 2), ({"a": 1}, -1), ({}, 1)],
)
def test_choices_that_cannot_have_been_made_are_refused(counts, respondents):
    with pytest.raises(ValueError, match="chose"):
        choices(counts, respondents=respondents)


@pytest.mark.parametrize(
    ("score", "counts"), [(nps, {11: 1}), (nps, {-1: 1}), (csat, {0: 1}), (csat, {6: 1})]
)
def test_an_answer_off_the_scale_is_refused(score, counts):
    with pytest.raises(ValueError, match="scale"):
        score(counts)
    with pytest.raises(ValueError, match="scale"):
        score({3: -1})


def test_no_answers_are_no_score():
    assert (nps({}).standing, nps({}).value) == (Standing.FEW, None)
    assert choices({}).options == ()
    assert choices({}, anonymous=True).standing is Standing.HIDDEN


@given(st.dictionaries(st.integers(0, 10), st.integers(0, 40)), st.booleans())
def test_nothing_but_the_number_leaves_a_hidden_score(counts, anonymous):
    score = nps(counts, anonymous=anonymous)

    assert score.n == sum(counts.values())
    assert (score.standing is Standing.HIDDEN) == (anonymous and score.n < 5)
    assert (score.value is not None) == (score.standing is Standing.ENOUGH) == (score.n >= 10)
    assert bool(score.groups) == (score.standing is not Standing.HIDDEN)
