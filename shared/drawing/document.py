from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from fpdf import FPDF
from fpdf.enums import RenderStyle, StrokeCapStyle, StrokeJoinStyle

from shared.drawing.fonts import Weight
from shared.drawing.text import runs

A4: Final = (595.28, 841.89)
"""In points, as ISO 216 has it."""


class Document:
    """A canvas in points that becomes a PDF of one page.

    Its text is text: it can be selected, searched and read aloud.
    """

    def __init__(
        self, width: float, height: float, colour: str, *, title: str, language: str, created: dt.datetime
    ) -> None:
        """Begin a page.

        Args:
            width: in points.
            height: in points.
            colour: of the paper.
            title: what viewers show as its name.
            language: of its text, as a BCP 47 tag.
            created: what it says of its age; with the clock's time no two files would be the same.
        """
        self.width = width
        self.height = height
        self.grain = 0.0
        self._pdf = FPDF(unit="pt", format=(width, height))
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_title(title)
        self._pdf.set_lang(language)
        self._pdf.set_creator("Chaupal")
        self._pdf.set_creation_date(created)
        self._pdf.set_text_shaping(use_shaping_engine=True)
        self._pdf.add_page()
        self.box(0, 0, width, height, colour)
        self._known: set[str] = set()

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, radius: float = 0) -> None:
        """Fill a rectangle, with round corners where `radius` is not 0."""
        self._pdf.set_fill_color(colour)
        self._pdf.rect(
            x, y, width, height, style=RenderStyle.F, round_corners=bool(radius), corner_radius=radius
        )

    def stroke(self, points: Sequence[tuple[float, float]], thickness: float, colour: str) -> None:
        """Draw a line from point to point, with round ends and corners."""
        self._pdf.set_draw_color(colour)
        self._pdf.set_line_width(thickness)
        with self._pdf.local_context(
            stroke_cap_style=StrokeCapStyle.ROUND, stroke_join_style=StrokeJoinStyle.ROUND
        ):
            self._pdf.polyline(list(points))

    def line(self, text: str, x: float, baseline: float, size: float, *, weight: Weight, colour: str) -> None:
        """Draw a printable line from `x` on."""
        self._pdf.set_text_color(colour)
        # Glyphs of a syllable stand in another order than its letters; a reader is told what they say
        # (ISO 32000-1, 14.9.4). The library has no word for it.
        said = ("\ufeff" + text).encode("utf-16-be").hex().upper()
        self._pdf._out(f"/Span <</ActualText <{said}>>> BDC")  # noqa: SLF001
        for run in runs(text, weight):
            if run.font.name not in self._known:
                self._pdf.add_font(run.font.name, fname=run.font.path)
                self._known.add(run.font.name)
            self._pdf.set_font(run.font.name, size=size)
            # A cell of the size of its letters has its baseline 0.8 of it below its top.
            self._pdf.set_xy(x, baseline - 0.8 * size)
            self._pdf.cell(w=run.advance * size, h=size, text=run.text)
            x += run.advance * size
        self._pdf._out("EMC")  # noqa: SLF001

    def pdf(self) -> bytes:
        """Return the page; the same drawing gives the same bytes."""
        return bytes(self._pdf.output())
