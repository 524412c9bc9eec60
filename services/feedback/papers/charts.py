"""Charts for a page (SVG) and for a chat (PNG), which are the same drawing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from services.feedback.domain.effects.effect import Effect, Side
from services.feedback.domain.effects.verdict import Outcome
from services.feedback.papers.palette import (
    GRID,
    INK,
    MARIGOLD,
    MIST,
    MUTED,
    PAPER,
    RUST,
    SLATE,
    TEAL,
    WHITE,
)
from services.feedback.papers.scale import Scale
from services.feedback.papers.wording import TEXTS, Unit, day_text, points_text, told, value_text
from shared.drawing.canvas import Align, Canvas, write
from shared.drawing.fonts import Weight
from shared.drawing.picture import Picture
from shared.drawing.text import Block, fit
from shared.drawing.text import width as width_of
from shared.drawing.vector import Vector
from shared.i18n.language import Language

WIDTH: Final = 1080
HEIGHT: Final = 1080
"""A square, which WhatsApp shows uncropped in a chat."""

MOST_POINTS: Final = 400
"""Of a trend: about one in two pixels."""

_EDGE: Final = 72
_LEFT: Final = 178
"""Where the axis stands: numbers with a thousands separator fit before it."""
_BAR: Final = 220
_DOTTED: Final = 40
"""Points, of which each has its dot; those of more would run into each other."""
_COLOURS: Final = {Outcome.BETTER: TEAL, Outcome.WORSE: RUST, Outcome.CANNOT_TELL: SLATE}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric before and after a change."""

    title: str
    """What is measured, as people call it."""
    effect: Effect
    outcome: Outcome
    unit: Unit = Unit.NUMBER
    change: str = ""
    """What was changed."""
    language: Language = Language.HI


@dataclass(frozen=True, slots=True)
class Point:
    """What a metric was on one day."""

    on: dt.date
    value: float | None
    """None where it was not measured, which is not nothing."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A metric over time.

    Raises:
        ValueError: There are too many points, or they are not in the order of their days.
    """

    title: str
    points: tuple[Point, ...]
    unit: Unit = Unit.NUMBER
    changed_on: dt.date | None = None
    """From when on something was different; marked where it lies within the points."""
    change: str = ""
    language: Language = Language.HI

    def __post_init__(self) -> None:
        if len(self.points) > MOST_POINTS:
            raise ValueError(f"a trend has at most {MOST_POINTS} points")
        if any(later.on <= earlier.on for earlier, later in pairwise(self.points)):
            raise ValueError("the points of a trend are in the order of their days")


def comparison_svg(comparison: Comparison) -> str:
    """Return a before-and-after chart as an SVG; the same comparison gives the same text."""
    canvas = _vector(comparison.title, comparison.language)
    _compare(canvas, comparison)
    return canvas.svg()


def comparison_png(comparison: Comparison) -> bytes:
    """Return a before-and-after chart as a PNG of 1080 by 1080 pixels."""
    canvas = Picture(WIDTH, HEIGHT, PAPER)
    _compare(canvas, comparison)
    return canvas.png()


def trend_svg(trend: Trend) -> str:
    """Return a trend line as an SVG; the same trend gives the same text."""
    canvas = _vector(trend.title, trend.language)
    _follow(canvas, trend)
    return canvas.svg()


def trend_png(trend: Trend) -> bytes:
    """Return a trend line as a PNG of 1080 by 1080 pixels."""
    canvas = Picture(WIDTH, HEIGHT, PAPER)
    _follow(canvas, trend)
    return canvas.png()


def _vector(title: str, language: Language) -> Vector:
    return Vector(WIDTH, HEIGHT, PAPER, title=told(title), language=language.value)


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where values are drawn."""

    top: float
    bottom: float
    scale: Scale

    def height_of(self, value: float) -> float:
        return self.bottom - self.scale.part(value) * (self.bottom - self.top)


def _heading(canvas: Canvas, title: str, change: str, across: float) -> None:
    canvas.box(0, 0, WIDTH, 14, TEAL)
    title_across = WIDTH - 2 * _EDGE
    below = write(canvas, fit(told(title), title_across, 2, 52, 34, weight=Weight.BOLD), _EDGE, 52, INK)
    write(canvas, fit(told(change), across, 1, 32, 24), _EDGE, below + 6, MUTED)


def _axis(canvas: Canvas, plot: _Plot, unit: Unit, language: Language) -> None:
    for tick in plot.scale.ticks:
        height = plot.height_of(tick)
        # Zero is where lengths begin; the other lines only help the eye.
        thickness, colour = (3, INK) if tick == 0 else (2, GRID)
        canvas.box(_LEFT, height - 1, WIDTH - _EDGE - _LEFT, thickness, colour)
        label = fit(value_text(tick, unit, language), _LEFT - 40, 1, 28, 18)
        write(canvas, label, _LEFT - 18, height - label.height / 2, MUTED, align=Align.END)


def _compare(canvas: Canvas, comparison: Comparison) -> None:
    effect, language = comparison.effect, comparison.language
    beside = _pill(canvas, comparison.outcome, language)
    _heading(canvas, comparison.title, comparison.change, beside - _EDGE - 24)
    sides = (("chart.before", effect.before, MIST), ("chart.after", effect.after, TEAL))
    scale = Scale.over([value for _, side, _ in sides for value in _extent(side)])
    plot = _Plot(348, 820, scale)
    _axis(canvas, plot, comparison.unit, language)
    for number, (key, side, colour) in enumerate(sides):
        middle = _LEFT + (WIDTH - _EDGE - _LEFT) * (0.27 + 0.46 * number)
        _bar(canvas, comparison, side, plot, middle=middle, colour=colour)
        top = write(
            canvas, _words(TEXTS.render(key, language), 36), middle, plot.bottom + 22, INK, align=Align.CENTRE
        )
        count = TEXTS.render("chart.n", language, n=side.n)
        write(canvas, _words(count, 28, Weight.REGULAR), middle, top, MUTED, align=Align.CENTRE)
    _difference(canvas, comparison)


def _extent(side: Side) -> list[float]:
    if side.value is None:
        return []
    return [side.value] if side.interval is None else [side.value, side.interval.low, side.interval.high]


def _bar(
    canvas: Canvas, comparison: Comparison, side: Side, plot: _Plot, *, middle: float, colour: str
) -> None:
    left, zero = middle - _BAR / 2, plot.height_of(0)
    if side.value is None:
        nothing = fit(TEXTS.render("chart.nothing", comparison.language), _BAR + 120, 2, 30, 22)
        write(canvas, nothing, middle, zero - nothing.height - 20, MUTED, align=Align.CENTRE)
        return
    tip = plot.height_of(side.value)
    canvas.box(left, min(tip, zero), _BAR, abs(tip - zero), colour)
    upper = min(tip, zero)
    if side.interval is not None:
        high, low = plot.height_of(side.interval.high), plot.height_of(side.interval.low)
        # Light around dark, so that it is seen on the bar and beside it.
        for thickness, shade in ((13, PAPER), (5, INK)):
            canvas.stroke([(middle, high), (middle, low)], thickness, shade)
            for end in (high, low):
                canvas.stroke([(middle - 22, end), (middle + 22, end)], thickness, shade)
        upper = min(upper, high)
    value = _words(value_text(side.value, comparison.unit, comparison.language), 46)
    write(canvas, value, middle, upper - value.height - 6, INK, align=Align.CENTRE)


def _pill(canvas: Canvas, outcome: Outcome, language: Language) -> float:
    """Draw the outcome, and return where it begins."""
    text = TEXTS.render(f"chart.outcome.{outcome.value}", language)
    along = width_of(text, 32, weight=Weight.BOLD) + 56
    left = WIDTH - _EDGE - along
    canvas.box(left, 212, along, 64, _COLOURS[outcome], radius=32)
    write(canvas, _words(text, 32), left + along / 2, 220, WHITE, align=Align.CENTRE)
    return left


def _difference(canvas: Canvas, comparison: Comparison) -> None:
    effect, unit, language = comparison.effect, comparison.unit, comparison.language
    across = WIDTH - 2 * _EDGE
    top = 960.0
    if effect.difference is not None and effect.interval is not None:
        text = TEXTS.render(
            "chart.difference_points" if unit is Unit.PERCENT else "chart.difference",
            language,
            difference=points_text(effect.difference, unit, language),
            low=points_text(effect.interval.low, unit, language),
            high=points_text(effect.interval.high, unit, language),
        )
        top = write(canvas, fit(text, across, 1, 32, 22, weight=Weight.BOLD), _EDGE, top, INK)
    if effect.before.interval is not None or effect.after.interval is not None:
        write(canvas, fit(TEXTS.render("chart.interval", language), across, 1, 26, 20), _EDGE, top, MUTED)


def _follow(canvas: Canvas, trend: Trend) -> None:
    language = trend.language
    _heading(canvas, trend.title, trend.change, WIDTH - 2 * _EDGE)
    values = [point.value for point in trend.points if point.value is not None]
    scale = Scale.over(values)
    plot = _Plot(348, 960, scale)
    _axis(canvas, plot, trend.unit, language)
    if not values:
        nothing = fit(TEXTS.render("chart.nothing", language), 600, 1, 40, 28)
        write(canvas, nothing, WIDTH / 2, (plot.top + plot.bottom) / 2, MUTED, align=Align.CENTRE)
        return
    first, last = trend.points[0].on, trend.points[-1].on
    days = max(1, (last - first).days)

    def across(day: dt.date) -> float:
        return _LEFT + 24 + (WIDTH - _EDGE - _LEFT - 48) * (day - first).days / days

    if trend.changed_on is not None and first <= trend.changed_on <= last:
        _change(canvas, plot, trend.changed_on, across(trend.changed_on), language=language)
    for stretch in _stretches(trend.points):
        path = [(across(day), plot.height_of(value)) for day, value in stretch]
        canvas.stroke(path, 6, TEAL)
        for x, y in path if len(values) <= _DOTTED or len(path) == 1 else ():
            canvas.box(x - 9, y - 9, 18, 18, TEAL, radius=9)
    labels = [(first, Align.START), (last, Align.END)] if last > first else [(first, Align.START)]
    for day, align in labels:
        write(
            canvas,
            _words(day_text(day, language), 28, Weight.REGULAR),
            across(day),
            plot.bottom + 22,
            MUTED,
            align=align,
        )


def _change(canvas: Canvas, plot: _Plot, day: dt.date, x: float, *, language: Language) -> None:
    canvas.box(x - 2, plot.top - 24, 4, plot.bottom - plot.top + 24, MARIGOLD)
    label = _words(TEXTS.render("chart.changed", language, date=day_text(day, language)), 28)
    half = label.width / 2
    middle = min(max(x, _EDGE + half), WIDTH - _EDGE - half)
    write(canvas, label, middle, plot.top - 28 - label.height, INK, align=Align.CENTRE)


def _stretches(points: Sequence[Point]) -> list[list[tuple[dt.date, float]]]:
    """Return the points between gaps: a line over days that were not measured would say they were."""
    found: list[list[tuple[dt.date, float]]] = [[]]
    for point in points:
        if point.value is None:
            found.append([])
        else:
            found[-1].append((point.on, point.value))
    return [stretch for stretch in found if stretch]


def _words(text: str, size: float, weight: Weight = Weight.BOLD) -> Block:
    return fit(text, WIDTH / 2, 1, size, size, weight=weight)
