from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Final

import uharfbuzz as hb
from PIL import Image, ImageDraw

from shared.drawing.fonts import Weight
from shared.drawing.text import runs

_SMOOTH: Final = 4
"""By how much what is round or slanted is drawn larger before it is scaled down."""


class Picture:
    """A canvas in pixels that becomes a PNG.

    HarfBuzz draws the glyphs it has shaped. Pillow's own text needs FriBidi of the operating system to shape
    anything, and draws Hindi letter by letter, without a word, where that is missing.
    """

    def __init__(self, width: int, height: int, colour: str) -> None:
        self._image = Image.new("RGB", (width, height), colour)
        self._draw = ImageDraw.Draw(self._image)

    @property
    def width(self) -> float:
        """How wide it is, in pixels."""
        return self._image.width

    @property
    def height(self) -> float:
        """How high it is, in pixels."""
        return self._image.height

    @property
    def grain(self) -> float:
        """A pixel."""
        return 1.0

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, radius: float = 0) -> None:
        """Fill a rectangle, with round corners where `radius` is not 0."""
        left, top, right, bottom = round(x), round(y), round(x + width), round(y + height)
        if right <= left or bottom <= top:
            return
        if not radius:
            self._draw.rectangle((left, top, right - 1, bottom - 1), fill=colour)
            return
        across, down = right - left, bottom - top
        mask = Image.new("L", (across * _SMOOTH, down * _SMOOTH))
        ImageDraw.Draw(mask).rounded_rectangle(
            (0, 0, mask.width - 1, mask.height - 1), radius * _SMOOTH, fill=255
        )
        self._image.paste(colour, (left, top), mask.resize((across, down), Image.Resampling.BOX))

    def stroke(self, points: Sequence[tuple[float, float]], thickness: float, colour: str) -> None:
        """Draw a line from point to point, with round ends and corners."""
        if not points:
            return
        margin = thickness / 2 + 1
        left, top = (int(min(each[axis] for each in points) - margin) for axis in (0, 1))
        right, bottom = (int(max(each[axis] for each in points) + margin) + 1 for axis in (0, 1))
        mask = Image.new("L", ((right - left) * _SMOOTH, (bottom - top) * _SMOOTH))
        brush = ImageDraw.Draw(mask)
        path = [((x - left) * _SMOOTH, (y - top) * _SMOOTH) for x, y in points]
        brush.line(path, fill=255, width=round(thickness * _SMOOTH))
        reach = thickness * _SMOOTH / 2
        for x, y in path:
            brush.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
        self._image.paste(
            colour, (left, top), mask.resize((right - left, bottom - top), Image.Resampling.BOX)
        )

    def line(self, text: str, x: float, baseline: float, size: float, *, weight: Weight, colour: str) -> None:
        """Draw a printable line from `x` on."""
        brush = hb.RasterDraw()
        pen = 0.0
        for run in runs(text, weight):
            scale = size / run.font.units
            for glyph in run.glyphs:
                across, up = (pen + glyph.x) * size, glyph.y * size
                brush.transform = (scale, 0.0, 0.0, scale, x % 1 + across, up - baseline % 1)
                brush.draw_glyph(run.font.shaper, glyph.index)
            pen += run.advance
        coverage = brush.render()
        extents = coverage.extents
        if not extents.width or not extents.height:
            return
        # Rows go from the bottom up, as coordinates in a typeface do.
        mask = Image.frombytes(
            "L", (extents.width, extents.height), bytes(coverage.buffer), "raw", "L", extents.stride, -1
        )
        top = int(baseline // 1) - extents.y_origin - extents.height
        self._image.paste(colour, (int(x // 1) + extents.x_origin, top), mask)

    def png(self) -> bytes:
        """Return the picture; the same drawing gives the same bytes."""
        file = BytesIO()
        self._image.save(file, "PNG", optimize=True)
        return file.getvalue()
