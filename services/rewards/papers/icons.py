"""Signs for what people are rewarded for, drawn with strokes on any canvas: no file, no licence."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from shared.drawing.canvas import Canvas

Point = tuple[float, float]
Stroke = tuple[Point, ...]

_STEPS: Final = 24
"""Straight lines that make an arc."""


def icon(canvas: Canvas, name: str, place: tuple[float, float], size: float, colour: str) -> None:
    """Draw the sign of an action in a square whose top left corner is `place`; of an unknown one a star."""
    x, y = place
    for stroke in _SIGNS.get(name, _star)():
        points = [(x + across * size, y + down * size) for across, down in stroke]
        canvas.stroke(points, max(canvas.grain, size * 0.075), colour)


def _arc(x: float, y: float, radius: float, begin: float, end: float) -> Stroke:
    """Return an arc around (x, y); angles in turns, clockwise from three o'clock."""
    turns = (begin + (end - begin) * step / _STEPS for step in range(_STEPS + 1))
    return tuple(
        (x + radius * math.cos(math.tau * turn), y + radius * math.sin(math.tau * turn)) for turn in turns
    )


def _heart() -> tuple[Stroke, ...]:
    left, right = _arc(0.33, 0.36, 0.17, 0.38, 1.0), _arc(0.67, 0.36, 0.17, 0.5, 1.12)
    return ((*left, *right, (0.5, 0.86), left[0]),)


def _bulb() -> tuple[Stroke, ...]:
    glass = _arc(0.5, 0.4, 0.27, 0.36, 1.14)
    return (
        ((0.41, 0.74), *glass, (0.59, 0.74)),
        ((0.41, 0.74), (0.59, 0.74)),
        ((0.43, 0.87), (0.57, 0.87)),
    )


def _microphone() -> tuple[Stroke, ...]:
    head = (*_arc(0.5, 0.28, 0.14, 0.5, 1.0), *_arc(0.5, 0.5, 0.14, 0.0, 0.5))
    return (
        (*head, head[0]),
        _arc(0.5, 0.5, 0.26, 0.0, 0.5),
        ((0.5, 0.76), (0.5, 0.9)),
        ((0.36, 0.9), (0.64, 0.9)),
    )


def _book() -> tuple[Stroke, ...]:
    left = ((0.5, 0.26), (0.36, 0.19), (0.12, 0.19), (0.12, 0.76), (0.36, 0.76), (0.5, 0.83))
    right = tuple((1 - across, down) for across, down in left)
    return (left, right, ((0.5, 0.26), (0.5, 0.83)))


def _sprout() -> tuple[Stroke, ...]:
    leaf = ((0.5, 0.52), (0.56, 0.34), (0.72, 0.22), (0.88, 0.22), (0.84, 0.4), (0.7, 0.5), (0.5, 0.52))
    other = ((0.5, 0.64), (0.44, 0.48), (0.3, 0.38), (0.14, 0.38), (0.18, 0.54), (0.32, 0.63), (0.5, 0.64))
    return (((0.5, 0.52), (0.5, 0.9)), leaf, other, ((0.3, 0.9), (0.7, 0.9)))


def _cup() -> tuple[Stroke, ...]:
    bowl = ((0.28, 0.14), (0.28, 0.36), *_arc(0.5, 0.36, 0.22, 0.5, 0.0), (0.72, 0.14), (0.28, 0.14))
    return (
        bowl,
        _arc(0.28, 0.28, 0.13, 0.25, 0.75),
        _arc(0.72, 0.28, 0.13, 0.25, -0.25),
        ((0.5, 0.58), (0.5, 0.8)),
        ((0.34, 0.86), (0.66, 0.86)),
    )


def _link() -> tuple[Stroke, ...]:
    page = ((0.24, 0.12), (0.6, 0.12), (0.78, 0.3), (0.78, 0.88), (0.24, 0.88), (0.24, 0.12))
    return (
        page,
        ((0.6, 0.12), (0.6, 0.3), (0.78, 0.3)),
        ((0.36, 0.5), (0.66, 0.5)),
        ((0.36, 0.66), (0.66, 0.66)),
    )


def _star() -> tuple[Stroke, ...]:
    points = tuple(
        (
            0.5 + (0.4 if number % 2 == 0 else 0.17) * math.sin(math.tau * number / 10),
            0.52 - (0.4 if number % 2 == 0 else 0.17) * math.cos(math.tau * number / 10),
        )
        for number in range(11)
    )
    return (points,)


_SIGNS: Final[Mapping[str, Callable[[], tuple[Stroke, ...]]]] = {
    "thanks": _heart,
    "answered": _bulb,
    "hosted": _microphone,
    "attended": _book,
    "adopted": _sprout,
    "contest": _cup,
    "useful": _link,
}
