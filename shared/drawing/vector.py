from __future__ import annotations

from collections.abc import Sequence
from html import escape

import uharfbuzz as hb

from shared.drawing.fonts import Weight
from shared.drawing.text import printable, runs


class Vector:
    """A canvas in pixels that becomes an SVG.

    Letters are outlines, so that Hindi looks the same where no typeface has it, and nothing is fetched. What
    they say stands in the description, for whoever has the picture read aloud.
    """

    def __init__(self, width: float, height: float, colour: str, *, title: str, language: str) -> None:
        """Begin a picture.

        Args:
            width: in pixels.
            height: in pixels.
            colour: behind everything.
            title: what it is called where it is not seen.
            language: of its text, as a BCP 47 tag.
        """
        self.width = width
        self.height = height
        self.grain = 0.0
        self._title = printable(title)
        self._language = language
        self._shapes: list[str] = []
        self._said: list[str] = []
        self.box(0, 0, width, height, colour)

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, radius: float = 0) -> None:
        """Fill a rectangle, with round corners where `radius` is not 0."""
        if width <= 0 or height <= 0:
            return
        corners = f' rx="{_number(radius)}"' if radius else ""
        self._shapes.append(
            f'<rect x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}"'
            f'{corners} fill="{escape(colour)}"/>'
        )

    def stroke(self, points: Sequence[tuple[float, float]], thickness: float, colour: str) -> None:
        """Draw a line from point to point, with round ends and corners."""
        path = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        self._shapes.append(
            f'<polyline points="{path}" fill="none" stroke="{escape(colour)}"'
            f' stroke-width="{_number(thickness)}" stroke-linecap="round" stroke-linejoin="round"/>'
        )

    def line(self, text: str, x: float, baseline: float, size: float, *, weight: Weight, colour: str) -> None:
        """Draw a printable line from `x` on."""
        path: list[str] = []
        for run in runs(text, weight):
            for glyph in run.glyphs:
                pen = _Pen(x + glyph.x * size, baseline - glyph.y * size, size / run.font.units)
                run.font.shaper.draw_glyph(glyph.index, pen.functions, path)
            x += run.advance * size
        if path:
            self._shapes.append(f'<path d="{"".join(path)}" fill="{escape(colour)}"/>')
            self._said.append(text)

    def svg(self) -> str:
        """Return the picture; the same drawing gives the same text."""
        width, height = _number(self.width), _number(self.height)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" role="img" xml:lang="{escape(self._language)}">'
            f"<title>{escape(self._title)}</title><desc>{escape(chr(10).join(self._said))}</desc>"
            f"{''.join(self._shapes)}</svg>\n"
        )


class _Pen:
    """Writes outlines of glyphs as path data, from where one stands and at its size."""

    def __init__(self, x: float, y: float, scale: float) -> None:
        def place(*numbers: float) -> str:
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            return " ".join(
                f"{_number(x + scale * across)} {_number(y - scale * up)}" for across, up in pairs
            )

        self.functions = hb.DrawFuncs()
        self.functions.set_move_to_func(lambda *given: given[-1].append(f"M{place(*given[:-1])}"))
        self.functions.set_line_to_func(lambda *given: given[-1].append(f"L{place(*given[:-1])}"))
        self.functions.set_quadratic_to_func(lambda *given: given[-1].append(f"Q{place(*given[:-1])}"))
        self.functions.set_cubic_to_func(lambda *given: given[-1].append(f"C{place(*given[:-1])}"))
        self.functions.set_close_path_func(lambda path: path.append("Z"))


def _number(value: float) -> str:
    """Write a number to a hundredth of a pixel, as short as it goes."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
