from __future__ import annotations

import datetime as dt
import re
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from shared.drawing.document import Document
from shared.drawing.fonts import Weight
from shared.drawing.picture import Picture
from shared.drawing.text import runs
from shared.drawing.vector import Vector

SVG = "{http://www.w3.org/2000/svg}"
WORDS = "श्री कृष्ण प्रशिक्षण हिन्दी द्वितीय"


def vector() -> Vector:
    return Vector(400, 200, "#ffffff", title="रुझान <b>", language="hi")


def read(canvas: Vector) -> ET.Element:
    return ET.fromstring(canvas.svg())  # noqa: S314  # what was just written


def test_a_drawing_says_what_it_is_and_what_it_shows():
    canvas = vector()
    canvas.line("पहले & बाद", 10, 50, 24, weight=Weight.BOLD, colour="#000000")
    canvas.line("n = 12", 10, 90, 24, weight=Weight.REGULAR, colour="#000000")
    root = read(canvas)

    assert root.get("viewBox") == "0 0 400 200"
    assert root.findtext(f"{SVG}title") == "रुझान <b>"
    assert root.findtext(f"{SVG}desc") == "पहले & बाद\nn = 12"
    assert root.get("role") == "img"


def test_a_line_is_the_outlines_of_the_shaped_glyphs():
    canvas, first = vector(), vector()
    canvas.line(WORDS, 0, 100, 24, weight=Weight.REGULAR, colour="#000000")
    first.line(WORDS[:5], 0, 100, 24, weight=Weight.REGULAR, colour="#000000")
    path = read(canvas).find(f"{SVG}path")
    beginning = read(first).find(f"{SVG}path")
    (run,) = runs(WORDS, Weight.REGULAR)

    assert path is not None
    assert beginning is not None
    # श्री is fewer shapes than it has letters, and stands at the beginning of the whole line.
    assert path.get("d", "").startswith(beginning.get("d", "")[:200])
    across = [float(pair[0]) for pair in re.findall(r"[MLQ ](-?[\d.]+) (-?[\d.]+)", path.get("d", ""))]
    assert 0.9 * run.advance * 24 < max(across) - min(across) < 1.1 * run.advance * 24
    assert "<text" not in canvas.svg()


def test_a_line_stands_on_its_baseline():
    canvas = vector()
    canvas.line("H", 30, 100, 50, weight=Weight.REGULAR, colour="#000000")
    path = read(canvas).find(f"{SVG}path")

    assert path is not None
    down = [float(pair[1]) for pair in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path.get("d", ""))]
    assert max(down) == pytest.approx(100, abs=0.5)
    assert 55 < min(down) < 70


def test_nothing_written_becomes_markup():
    canvas = Vector(10, 10, '"/><script>', title="</title><script>\x00", language='"x')
    canvas.box(0, 0, 1, 1, '"><script>')
    canvas.stroke([(0, 0), (1, 1)], 1, '"><script>')
    root = read(canvas)

    assert not root.findall(f".//{SVG}script")


def test_what_has_no_extent_is_not_drawn():
    canvas = vector()
    before = canvas.svg()
    canvas.box(1, 1, 0, 5, "#000000")
    canvas.box(1, 1, 5, -1, "#000000")
    canvas.line(" ", 0, 10, 12, weight=Weight.REGULAR, colour="#000000")

    assert canvas.svg() == before


def test_the_same_drawing_is_the_same_text():
    assert vector().svg() == vector().svg()


def test_a_stroke_in_a_picture_goes_where_it_is_told():
    picture = Picture(100, 100, "#ffffff")
    picture.stroke([(10, 10), (90, 90)], 6, "#ff0000")
    picture.stroke([], 6, "#ff0000")
    image = Image.open(BytesIO(picture.png())).convert("RGB")

    for place in (10, 50, 89):
        assert image.getpixel((place, place)) == (255, 0, 0)
    assert image.getpixel((60, 40)) == (255, 255, 255)
    assert image.getpixel((3, 3)) == (255, 255, 255)


def test_a_stroke_that_leaves_a_picture_is_cut_at_its_edge():
    picture = Picture(40, 40, "#ffffff")
    picture.stroke([(-30, 20), (80, 20)], 6, "#ff0000")
    image = Image.open(BytesIO(picture.png())).convert("RGB")

    assert [image.getpixel((x, 20)) for x in (0, 39)] == [(255, 0, 0)] * 2
    assert image.size == (40, 40)


def test_a_stroke_in_a_document_is_a_line():
    page = Document(
        100, 100, "#ffffff", title="t", language="hi", created=dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    )
    empty = len(page.pdf())
    other = Document(
        100, 100, "#ffffff", title="t", language="hi", created=dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    )
    other.stroke([(10, 10), (90, 90)], 6, "#ff0000")

    assert len(other.pdf()) > empty
