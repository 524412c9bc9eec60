from __future__ import annotations

import datetime as dt
import re
import zlib
from io import BytesIO

import pytest
import segno
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from PIL import Image

from shared.drawing.canvas import Align, code, frame, write
from shared.drawing.document import Document
from shared.drawing.fonts import Weight
from shared.drawing.picture import Picture
from shared.drawing.text import fit, runs

CREATED = dt.datetime(2026, 11, 24, 14, tzinfo=dt.UTC)
WORDS = "श्री कृष्ण प्रशिक्षण हिन्दी द्वितीय"


def document() -> Document:
    return Document(400, 200, "#ffffff", title="t", language="hi", created=CREATED)


def streams(pdf: bytes) -> list[bytes]:
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return [zlib.decompress(each) if each[:1] == b"\x78" else each for each in found]


def said(pdf: bytes) -> list[str]:
    hexes = re.findall(rb"/ActualText <FEFF([0-9A-F]*)>", b"".join(streams(pdf)))
    return [bytes.fromhex(each.decode()).decode("utf-16-be") for each in hexes]


def outline(typeface: TTFont, name: str) -> list[object]:
    glyphs = typeface.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    return pen.value


def test_the_glyphs_in_a_pdf_are_the_shaped_ones():
    page = document()
    page.line(WORDS, 20, 80, 24, weight=Weight.REGULAR, colour="#000000")
    embedded = [each for each in streams(page.pdf()) if each[:4] == b"\x00\x01\x00\x00"]

    (run,) = runs(WORDS, Weight.REGULAR)
    source, subset = TTFont(run.font.path), TTFont(BytesIO(embedded[0]))
    there = [outline(subset, name) for name in subset.getGlyphOrder()]

    assert len(embedded) == 1
    for glyph in run.glyphs:
        assert outline(source, source.getGlyphName(glyph.index)) in there


def test_a_pdf_says_what_it_shows():
    page = document()
    write(page, fit(f"{WORDS} SEO (12)", 380, 3, 24, 10), 20, 20, "#000000")

    assert " ".join(said(page.pdf())) == f"{WORDS} SEO (12)"


@pytest.mark.parametrize("hostile", ["(\\) Tj ET (", "<FEFF>> BDC", "a)b(c\\", "‘’“”—…₹"])
def test_no_text_ends_the_string_it_stands_in(hostile):
    page = document()
    write(page, fit(hostile, 380, 1, 24, 10), 20, 20, "#000000")

    assert said(page.pdf()) == [hostile]


def test_a_picture_shows_what_a_pdf_measures():
    picture = Picture(400, 120, "#ffffff")
    (line,) = fit("हिन्दी में SEO", 380, 1, 40, 40).lines
    picture.line(line, 20, 80, 40, weight=Weight.REGULAR, colour="#000000")

    box = Image.open(BytesIO(picture.png())).convert("L").point(lambda value: 255 - value).getbbox()
    assert box is not None
    left, top, right, bottom = box
    expected = sum(run.advance for run in runs(line, Weight.REGULAR)) * 40
    assert abs((right - left) - expected) < 8
    # The letters stand on the baseline, their vowel signs above the headline and little below.
    assert 30 < top < 60
    assert 80 <= bottom < 95


def test_letters_beyond_the_edge_are_cut_off():
    picture = Picture(60, 40, "#ffffff")
    picture.line("हिन्दी", -30, 10, 40, weight=Weight.BOLD, colour="#000000")
    picture.line("", 0, 10, 40, weight=Weight.BOLD, colour="#000000")

    assert Image.open(BytesIO(picture.png())).size == (60, 40)


def test_the_same_drawing_is_the_same_file():
    def drawn() -> tuple[bytes, bytes]:
        picture, page = Picture(400, 200, "#ffffff"), document()
        for canvas in (picture, page):
            write(canvas, fit(WORDS, 300, 2, 30, 10), 200, 20, "#000000", align=Align.CENTRE)
            frame(canvas, 4, 2, "#0f4c46")
            canvas.box(10, 150, 60, 30, "#e08e1b", radius=8)
        return picture.png(), page.pdf()

    assert drawn() == drawn()


def test_a_qr_code_holds_the_address():
    picture = Picture(300, 300, "#ffffff")
    code(picture, "https://example.org/c/1", 0, 0, 300, dark="#000000", light="#ffffff")
    matrix = segno.make("https://example.org/c/1", error="m", micro=False).matrix

    module = 300 // (len(matrix) + 8)
    margin = (300 - module * len(matrix)) / 2
    image = Image.open(BytesIO(picture.png())).convert("L")
    for row, modules in enumerate(matrix):
        for column, dark in enumerate(modules):
            at = (round(margin + (column + 0.5) * module), round(margin + (row + 0.5) * module))
            assert image.getpixel(at) == (0 if dark else 255)
