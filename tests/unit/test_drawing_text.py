from __future__ import annotations

import unicodedata

import pytest
import uharfbuzz as hb
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.drawing.fonts import Script, Weight, font
from shared.drawing.harmless import harmless, harmless_lines
from shared.drawing.text import fit, printable, runs, unprintable, width

ANYTHING = st.text(max_size=80)


@pytest.mark.parametrize("word", ["श्री कृष्ण", "प्रशिक्षण", "हिन्दी", "द्वितीय", "ज्योत्स्ना", "अँगूठी", "र्‍य"])
@pytest.mark.parametrize("weight", list(Weight))
def test_devanagari_is_shaped_as_harfbuzz_shapes_it(word, weight):
    face = hb.Face(hb.Blob.from_file_path(str(font(Script.DEVANAGARI, weight).path)))
    buffer = hb.Buffer()
    buffer.add_str(word)
    buffer.guess_segment_properties()
    hb.shape(hb.Font(face), buffer)

    drawn = [glyph.index for run in runs(printable(word), weight) for glyph in run.glyphs]

    assert drawn == [info.codepoint for info in buffer.glyph_infos]
    assert 0 not in drawn
    # Letter by letter there would be as many glyphs as letters, in their order.
    by_letter = [face_glyph(face, letter) for letter in word]
    assert drawn != by_letter


def face_glyph(face: hb.Face, letter: str) -> int | None:
    return hb.Font(face).get_nominal_glyph(ord(letter))


def test_each_script_has_its_typeface_and_digits_are_the_same_everywhere():
    drawn = [(run.text, run.font.name) for run in runs("SEO वेबिनार 12 में!", Weight.REGULAR)]

    assert drawn == [
        ("SEO ", "NotoSans-Regular"),
        ("वेबिनार ", "NotoSansDevanagari-Regular"),
        ("12 ", "NotoSans-Regular"),
        ("में!", "NotoSansDevanagari-Regular"),
    ]


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("SEO\x00 \x1b[31mवेबिनार", "SEO [31mवेबिनार"),
        ("a\u202egpj.exe\u2066b", "agpj.exeb"),
        ("🎉 नया 🔥 सत्र 👩‍🏫", "नया सत्र"),
        ("𝗙𝗿𝗲𝗲 ＳＥＯ ①", "Free SEO 1"),
        ("z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308", "z\u0300\u0301\u0302\u0303\u0304\u0305"),
        ("एक\n\t\u2028दो", "एक दो"),
        ("தமிழ் चीनी 漢字", "चीनी"),
        ("\ud800कल", "कल"),
        ("\u0902\u093fक", "क"),
        ("", ""),
    ],
)
def test_hostile_text_becomes_harmless(hostile, shown):
    assert printable(hostile) == shown


@given(ANYTHING)
def test_no_text_is_drawn_as_an_empty_box(text):
    line = printable(text)

    assert all(glyph.index for run in runs(line, Weight.BOLD) for glyph in run.glyphs)
    assert printable(line) == line


@given(ANYTHING)
def test_a_harmless_line_holds_nothing_that_controls(text):
    line = harmless(text, 40)

    assert len(line) <= 40
    assert harmless(line, 40) == line
    assert all(unicodedata.category(each)[0] != "C" or each in "\u200c\u200d" for each in line)


def test_lines_stay_lines_but_do_not_pile_up():
    assert harmless_lines("एक\r\n\r\n\r\n\r\nदो\x00\n") == "एक\n\nदो"


def test_a_name_that_cannot_be_written_is_noticed():
    assert unprintable("தமிழ்") == {"த", "ம", "ழ"}
    assert unprintable("श्रीकृष्ण Krishna 🙂") == frozenset()


@settings(deadline=None)
@given(ANYTHING, st.floats(60, 600), st.integers(1, 4))
def test_text_fits_where_it_is_put(text, across, lines):
    block = fit(text, across, lines, 40, 12)

    assert len(block.lines) <= lines
    assert 12 <= block.size <= 40
    assert block.width <= across + 0.001 or max(map(len, block.lines)) <= 8
    assert all(line.strip() for line in block.lines)


def test_a_long_title_shrinks_and_a_boundless_one_is_cut():
    short, long = fit("SEO", 500, 2, 40, 12), fit("SEO की शुरुआत से पहली रैंकिंग तक " * 3, 500, 2, 40, 12)
    boundless = fit("क" * 9000, 500, 2, 40, 12)

    assert short.size == 40
    assert 12 < long.size < 40
    assert (boundless.size, len(boundless.lines)) == (12, 2)
    assert boundless.lines[-1].endswith("…")


def test_a_line_is_never_broken_inside_a_syllable():
    block = fit("क्षत्रियप्रशिक्षणार्थियों" * 4, 100, 9, 20, 20)

    assert len(block.lines) > 2
    for line in block.lines[1:]:
        assert unicodedata.category(line[0])[0] != "M"
    for line in block.lines[:-1]:
        assert not line.endswith("\u094d")


def test_two_lines_are_of_about_the_same_length():
    first, second = fit("SEO की शुरुआत से पहली रैंकिंग तक का सफ़र", 480, 2, 40, 12).lines

    assert width(second, 40) > 0.5 * width(first, 40)
