from __future__ import annotations

import datetime as dt
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.feedback.domain.effects.effect import Effect, Side
from services.feedback.domain.effects.samples import Kind
from services.feedback.domain.effects.verdict import Outcome
from services.feedback.domain.intervals import Interval
from services.feedback.papers.charts import (
    MOST_POINTS,
    Comparison,
    Point,
    Trend,
    comparison_png,
    comparison_svg,
    trend_png,
    trend_svg,
)
from services.feedback.papers.palette import MARIGOLD, TEAL
from services.feedback.papers.scale import Scale
from services.feedback.papers.wording import Unit, points_text, value_text
from shared.i18n.language import Language

SVG = "{http://www.w3.org/2000/svg}"
EFFECT = Effect(
    Kind.RATIO,
    Side(4, 0.4, Interval(0.35, 0.45)),
    Side(4, 0.775, Interval(0.7, 0.85)),
    Interval(0.28, 0.47),
)
COMPARISON = Comparison(
    title="उपस्थिति ÷ पंजीकरण",
    effect=EFFECT,
    outcome=Outcome.BETTER,
    unit=Unit.PERCENT,
    change="सत्र का समय 7:30 → 8:30",
)
FIRST = dt.date(2026, 9, 1)
TREND = Trend(
    title="श्रीकृष्ण द्विवेदी के सत्र",
    points=tuple(Point(FIRST + dt.timedelta(days=number), 10.0 + number) for number in range(28)),
    changed_on=FIRST + dt.timedelta(days=14),
)
HOSTILE = [
    "",
    "\x00" * 40,
    "क्ष" * 3000,
    "W" * 9000,
    "🎉" * 50,
    "</title><script>alert(1)</script>",
    "x\n" * 200,
]


def root(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  # what was just written


def lines(svg: str) -> list[str]:
    return (root(svg).findtext(f"{SVG}desc") or "").splitlines()


def test_b10_06_a_comparison_shows_both_values_n_the_interval_and_the_verdict():
    said = lines(comparison_svg(COMPARISON))

    for line in (
        *("उपस्थिति ÷ पंजीकरण", "सत्र का समय 7:30 › 8:30", "बेहतर", "पहले", "बाद में", "40%", "78%"),
        *("अंतर: +37.5 प्रतिशत अंक (95% दायरा: +28 से +47)", "खड़ी रेखा: 90% भरोसे का दायरा"),
    ):
        assert line in said
    assert said.count("n = 4") == 2


@pytest.mark.parametrize(
    ("outcome", "language", "words"),
    [
        (Outcome.CANNOT_TELL, Language.HI, "कह नहीं सकते"),
        (Outcome.WORSE, Language.HI, "बदतर"),
        (Outcome.WORSE, Language.EN, "Worse"),
        (Outcome.CANNOT_TELL, Language.HI_LATN, "Keh nahin sakte"),
    ],
)
def test_b10_06_the_verdict_is_in_the_language_of_the_reader(outcome, language, words):
    assert words in lines(comparison_svg(replace(COMPARISON, outcome=outcome, language=language)))


def test_a_bar_is_as_long_as_its_value():
    bars = [
        each for each in root(comparison_svg(COMPARISON)).findall(f"{SVG}rect") if each.get("width") == "220"
    ]
    before, after = (float(each.get("height", 0)) for each in bars)

    assert after / before == pytest.approx(0.775 / 0.4, rel=1e-3)


def test_a_whisker_reaches_as_far_as_the_interval():
    svg = root(comparison_svg(COMPARISON))
    bars = [each for each in svg.findall(f"{SVG}rect") if each.get("width") == "220"]
    upright = []
    for each in svg.findall(f"{SVG}polyline"):
        (x, y), (other_x, other_y) = (map(float, pair.split(",")) for pair in each.get("points", "").split())
        if x == other_x and each.get("stroke-width") == "5":
            upright.append((y, other_y))
    per_unit = float(bars[0].get("height", 0)) / 0.4

    assert [(low - high) / per_unit for high, low in upright] == [
        pytest.approx(0.1, abs=1e-3),
        pytest.approx(0.15, abs=1e-3),
    ]


def test_what_was_not_measured_is_no_bar_of_nothing():
    unmeasured = replace(EFFECT, before=Side(0, None, None), interval=None)
    said = lines(comparison_svg(replace(COMPARISON, effect=unmeasured)))

    assert "अभी आँकड़े नहीं हैं" in said
    assert "n = 0" in said
    assert not any("अंतर" in line for line in said)


def test_charts_are_pictures_that_a_chat_shows_whole_and_always_the_same():
    for png, again in (
        (comparison_png(COMPARISON), comparison_png(replace(COMPARISON))),
        (trend_png(TREND), trend_png(replace(TREND))),
    ):
        assert Image.open(BytesIO(png)).size == (1080, 1080)
        assert png == again
        assert len(png) < 200_000
    assert comparison_svg(COMPARISON) == comparison_svg(replace(COMPARISON))


@pytest.mark.parametrize(
    "change",
    [
        {"title": "कुछ और"},
        {"change": ""},
        {"language": Language.EN},
        {"unit": Unit.NUMBER},
        {"outcome": Outcome.WORSE},
        {"effect": replace(EFFECT, interval=Interval(0.1, 0.6))},
        {"effect": replace(EFFECT, after=replace(EFFECT.after, n=5))},
    ],
)
def test_all_that_a_comparison_is_told_is_seen(change):
    changed = replace(COMPARISON, **change)

    assert comparison_png(changed) != comparison_png(COMPARISON)
    assert comparison_svg(changed) != comparison_svg(COMPARISON)


def paths(trend: Trend) -> list[list[tuple[float, float]]]:
    found = []
    for each in root(trend_svg(trend)).findall(f"{SVG}polyline"):
        if each.get("stroke") == TEAL:
            pairs = [pair.split(",") for pair in each.get("points", "").split()]
            found.append([(float(x), float(y)) for x, y in pairs])
    return found


def test_a_trend_goes_through_its_points():
    (path,) = paths(TREND)

    assert len(path) == 28
    steps = {round(later[0] - earlier[0], 1) for earlier, later in pairwise(path)}
    assert max(steps) - min(steps) <= 0.1
    assert [y for _, y in path] == sorted((y for _, y in path), reverse=True)


def test_a_trend_does_not_bridge_days_that_were_not_measured():
    points = tuple(
        replace(point, value=None) if number in {9, 10} else point
        for number, point in enumerate(TREND.points)
    )

    assert [len(path) for path in paths(replace(TREND, points=points))] == [9, 17]


def test_a_change_is_marked_where_it_was_made_and_nowhere_else():
    said = lines(trend_svg(TREND))
    outside = trend_svg(replace(TREND, changed_on=FIRST - dt.timedelta(days=1)))

    assert "बदलाव 15 सित॰" in said
    assert MARIGOLD in trend_svg(TREND)
    assert MARIGOLD not in outside


def test_a_trend_names_its_first_and_its_last_day():
    said = lines(trend_svg(replace(TREND, language=Language.EN)))

    assert "1 Sept" in said or "1 Sep" in said
    assert "28 Sept" in said or "28 Sep" in said


@pytest.mark.parametrize("points", [(), (Point(FIRST, None),)])
def test_a_trend_without_values_says_so(points):
    assert "अभी आँकड़े नहीं हैं" in lines(trend_svg(replace(TREND, points=points)))


def test_one_point_is_a_dot():
    trend = replace(TREND, points=(Point(FIRST, 5.0),))

    assert len(paths(trend)) == 1
    assert 'rx="9"' in trend_svg(trend)
    assert trend_png(trend) != trend_png(replace(trend, points=()))


def test_points_out_of_order_and_too_many_are_refused():
    with pytest.raises(ValueError, match="order"):
        replace(TREND, points=TREND.points[::-1])
    with pytest.raises(ValueError, match="order"):
        replace(TREND, points=TREND.points[:1] * 2)
    many = tuple(Point(FIRST + dt.timedelta(days=number), 1.0) for number in range(MOST_POINTS + 1))
    with pytest.raises(ValueError, match="at most"):
        replace(TREND, points=many)
    assert trend_svg(replace(TREND, points=many[1:]))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_spoils_no_chart(hostile):
    comparison = replace(COMPARISON, title=hostile, change=hostile)
    image = Image.open(BytesIO(comparison_png(comparison))).convert("RGB")

    # Beside the heading there is plain paper.
    assert set(image.crop((0, 20, 60, 300)).get_flattened_data()) == {(0xFF, 0xFD, 0xF7)}
    assert set(image.crop((1016, 20, 1080, 300)).get_flattened_data()) == {(0xFF, 0xFD, 0xF7)}
    assert not root(comparison_svg(comparison)).findall(f".//{SVG}script")
    assert not root(trend_svg(replace(TREND, title=hostile, change=hostile))).findall(f".//{SVG}script")


@given(st.lists(st.floats(-1e12, 1e12), max_size=30))
def test_a_scale_holds_all_values_and_zero_with_few_ticks(values):
    scale = Scale.over(values)

    assert list(scale.ticks) == sorted(set(scale.ticks))
    assert 2 <= len(scale.ticks) <= 8
    for value in (0.0, *values):
        assert -1e-6 <= scale.part(value) <= 1 + 1e-6


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.62], (0, 0.2, 0.4, 0.6, 0.8)),
        ([0.84, 1.0], (0, 0.25, 0.5, 0.75, 1)),
        ([1200.0], (0, 500, 1000, 1500)),
        ([-30.0, 45.0], (-40, -20, 0, 20, 40, 60)),
        ([], (0, 0.25, 0.5, 0.75, 1)),
    ],
)
def test_ticks_are_round_numbers(values, ticks):
    assert Scale.over(values).ticks == pytest.approx(ticks)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_has_no_place(value):
    with pytest.raises(ValueError, match="finite"):
        Scale.over([value])


def test_numbers_are_written_as_people_read_them():
    assert value_text(0.775, Unit.PERCENT, Language.HI) == "78%"
    assert [value_text(value, Unit.NUMBER, Language.EN) for value in (1234.5, 12.34, 0.126, 0)] == [
        *("1,234", "12.3", "0.13", "0"),
    ]
    assert value_text(123456, Unit.NUMBER, Language.HI) == "1,23,456"
    assert points_text(-0.125, Unit.PERCENT, Language.EN) == "−12.5"
    assert points_text(3, Unit.NUMBER, Language.EN) == "+3"
    assert points_text(0.000001, Unit.PERCENT, Language.EN) == "0"
