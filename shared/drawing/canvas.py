"""What is drawn on, be it a picture, a drawing or a page: a layout written for one works on the others."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Protocol

import segno

from shared.drawing.fonts import Weight
from shared.drawing.text import LEADING, Block
from shared.drawing.text import width as width_of

_RISE: Final = 1.04
"""How far below the top of its line a baseline is, in sizes."""


class Align(StrEnum):
    """Where a line stands by its `x`."""

    START = "start"
    CENTRE = "centre"
    END = "end"


class Canvas(Protocol):
    """A rectangle to draw on; its origin is the top left corner, its colours are `#rrggbb`."""

    @property
    def width(self) -> float:
        """How wide it is."""
        ...

    @property
    def height(self) -> float:
        """How high it is."""
        ...

    @property
    def grain(self) -> float:
        """The smallest distance it can show; 0 where there is none."""
        ...

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, radius: float = 0) -> None:
        """Fill a rectangle, with round corners where `radius` is not 0."""
        ...

    def stroke(self, points: Sequence[tuple[float, float]], thickness: float, colour: str) -> None:
        """Draw a line from point to point, with round ends and corners."""
        ...

    def line(self, text: str, x: float, baseline: float, size: float, *, weight: Weight, colour: str) -> None:
        """Draw a printable line from `x` on."""
        ...


def write(
    canvas: Canvas, block: Block, x: float, top: float, colour: str, *, align: Align = Align.START
) -> float:
    """Draw a block whose first line begins at `top`, and return where the next thing may begin."""
    for number, line in enumerate(block.lines):
        along = width_of(line, block.size, block.weight)
        start = x - {Align.START: 0.0, Align.CENTRE: along / 2, Align.END: along}[align]
        baseline = top + (number * LEADING + _RISE) * block.size
        canvas.line(line, start, baseline, block.size, weight=block.weight, colour=colour)
    return top + block.height


def frame(
    canvas: Canvas,
    inset: float,
    thickness: float,
    colour: str,
    *,
    within: tuple[float, float, float, float] | None = None,
) -> None:
    """Draw the four sides of a rectangle `inset` from those of the canvas, or of (x, y, width, height)."""
    x, y, across, down = within or (0.0, 0.0, canvas.width, canvas.height)
    x, y, across, down = x + inset, y + inset, across - 2 * inset, down - 2 * inset
    canvas.box(x, y, across, thickness, colour)
    canvas.box(x, y + down - thickness, across, thickness, colour)
    canvas.box(x, y + thickness, thickness, down - 2 * thickness, colour)
    canvas.box(x + across - thickness, y + thickness, thickness, down - 2 * thickness, colour)


def code(canvas: Canvas, url: str, x: float, y: float, side: float, *, dark: str, light: str) -> None:
    """Draw an address as a QR code, on a light square of that side with the quiet zone that scanners need.

    Raises:
        ValueError: The address is too long for a QR code.
    """
    matrix = segno.make(url, error="m", micro=False).matrix
    quiet = 4  # ISO/IEC 18004 asks for four modules
    module = side / (len(matrix) + 2 * quiet)
    if canvas.grain and module >= canvas.grain:
        # Modules of unequal size cost scanners light that a phone's screen may not have.
        module = module // canvas.grain * canvas.grain
    margin = (side - module * len(matrix)) / 2
    canvas.box(x, y, side, side, light)
    for row, modules in enumerate(matrix):
        column = 0
        while column < len(modules):
            length = 0
            while column + length < len(modules) and modules[column + length]:
                length += 1
            if length:
                left, top = x + margin + column * module, y + margin + row * module
                canvas.box(left, top, length * module, module, dark)
            column += max(length, 1)
