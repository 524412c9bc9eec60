from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import uharfbuzz as hb

from shared.drawing.fonts import Font, Script, Weight, font, script_of
from shared.drawing.harmless import harmless

_FEATURES: Final = {"kern": True, "liga": True}
_JOINERS: Final = "\u200c\u200d"
LEADING: Final = 1.42
"""From baseline to baseline, in sizes: room for the marks above and below a Devanagari line."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph in its place: distances in ems from the start of its run and from the baseline, up."""

    index: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one script, shaped.

    Attributes:
        text: what it says.
        font: what draws it.
        glyphs: what is drawn.
        advance: how far it moves the pen, in ems.
    """

    text: str
    font: Font
    glyphs: tuple[Glyph, ...]
    advance: float


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text that fit where they are to stand.

    Attributes:
        lines: from the top; empty when there is nothing to draw.
        size: of the letters, in the units of the canvas.
        weight: of the letters.
    """

    lines: tuple[str, ...]
    size: float
    weight: Weight

    @property
    def height(self) -> float:
        """How much of the canvas it takes."""
        return len(self.lines) * self.size * LEADING

    @property
    def width(self) -> float:
        """How wide its widest line is."""
        return max((width(line, self.size, self.weight) for line in self.lines), default=0.0)


def printable(text: str, limit: int = 500) -> str:
    """Return a text as one harmless line of characters that our typefaces have.

    Letters in fancy dress (𝗙𝗿𝗲𝗲) become plain ones. What no typeface has, emoji and other scripts, is left
    out, because an empty box says less than nothing.
    """
    plain: list[str] = []
    current = Script.LATIN
    for character in _plain(harmless(text, limit)):
        script = script_of(character, current)
        if script is None:
            continue
        # A mark that has lost its letter would be drawn on a dotted circle, and a joiner has nothing to join.
        binds = character in _JOINERS or unicodedata.category(character)[0] == "M"
        if binds and (not plain or plain[-1] == " "):
            continue
        if character in _JOINERS and not _is_devanagari(plain[-1]):
            continue
        current = script
        plain.append(character)
    return " ".join("".join(plain).split())


def unprintable(text: str) -> frozenset[str]:
    """Return the letters of a text that `printable` leaves out, to ask for another spelling of a name."""
    return frozenset(
        character
        for character in _plain(harmless(text))
        if character.isalpha() and script_of(character, Script.LATIN) is None
    )


@lru_cache(maxsize=4096)
def runs(line: str, weight: Weight) -> tuple[Run, ...]:
    """Shape a printable line: which glyphs draw it, and where they stand."""
    return tuple(_shape(text, script, weight) for text, script in _by_script(line))


def width(line: str, size: float, weight: Weight = Weight.REGULAR) -> float:
    """Return how wide a printable line is at a size, in the same unit."""
    return sum(run.advance for run in runs(line, weight)) * size


def fit(
    text: str,
    across: float,
    lines: int,
    largest: float,
    smallest: float,
    *,
    weight: Weight = Weight.REGULAR,
) -> Block:
    """Break a text into at most so many lines, as large as fits; what does not fit even then ends in "…".

    Args:
        text: by whomever; it is made printable.
        across: how wide a line may be.
        lines: how many there may be.
        largest: the size it has when there is room.
        smallest: the size below which it is cut rather than shrunk.
        weight: of the letters.
    """
    words = printable(text).split()
    if not words:
        return Block((), largest, weight)
    size = largest
    while True:
        wrapped = _wrap(words, across / size, weight, lines)
        if len(wrapped) <= lines:
            return Block(_balanced(words, across / size, len(wrapped), weight), size, weight)
        if size <= smallest:
            last = _cut(" ".join(wrapped[lines - 1 :]), across / size, weight)
            return Block((*wrapped[: lines - 1], last), size, weight)
        size = max(smallest, size * 0.94)


def _plain(line: str) -> Iterator[str]:
    for character in line:
        if script_of(character, Script.LATIN) is None:
            yield from unicodedata.normalize("NFKC", character)
        else:
            yield character


def _is_devanagari(character: str) -> bool:
    return script_of(character, Script.LATIN) is Script.DEVANAGARI


def _by_script(line: str) -> Iterator[tuple[str, Script]]:
    current = Script.LATIN
    scripts: list[Script] = []
    for character in line:
        current = script_of(character, current) or current
        scripts.append(current)
    for script, pairs in itertools.groupby(zip(line, scripts, strict=True), key=lambda pair: pair[1]):
        yield "".join(character for character, _ in pairs), script


def _shape(text: str, script: Script, weight: Weight) -> Run:
    face = font(script, weight)
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.script, buffer.direction = script.value, "ltr"
    hb.shape(face.shaper, buffer, _FEATURES)
    pen, glyphs = 0, []
    for info, at in zip(buffer.glyph_infos, buffer.glyph_positions or (), strict=True):
        glyphs.append(Glyph(info.codepoint, (pen + at.x_offset) / face.units, at.y_offset / face.units))
        pen += at.x_advance
    return Run(text, face, tuple(glyphs), pen / face.units)


def _wrap(words: list[str], across: float, weight: Weight, enough: int) -> list[str]:
    """Break words into lines no wider than so many ems, a word too long for a line too.

    Beyond `enough` lines and one, the rest is not looked at.
    """
    lines: list[str] = []
    for word in words:
        if len(lines) > enough:
            break
        wider = f"{lines[-1]} {word}" if lines else word
        if lines and width(wider, 1, weight) <= across:
            lines[-1] = wider
            continue
        rest = word
        while width(rest, 1, weight) > across and len(lines) <= enough:
            head = _head(rest, across, weight)
            lines.append(head)
            rest = rest[len(head) :]
        lines.append(rest)
    return [line for line in lines if line]


def _balanced(words: list[str], across: float, count: int, weight: Weight) -> tuple[str, ...]:
    """Break words into as many lines, but of about the same length: no last line of one short word."""
    # Narrower than its widest word, a line would break words that need no breaking.
    low, high = min(across, max(width(word, 1, weight) for word in words)), across
    for _ in range(8):
        middle = (low + high) / 2
        if len(_wrap(words, middle, weight, count)) > count:
            low = middle
        else:
            high = middle
    return tuple(_wrap(words, high, weight, count))


def _cut(line: str, across: float, weight: Weight) -> str:
    return f"{_head(line, across - width('…', 1, weight), weight).rstrip()}…"


def _head(text: str, across: float, weight: Weight) -> str:
    """Return the longest beginning that is so narrow, at least one syllable, cut between syllables."""
    ends = [end for end in range(1, len(text) + 1) if _between(text, end)]
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[: ends[middle]], 1, weight) <= across:
            low = middle
        else:
            high = middle - 1
    return text[: ends[low]]


def _between(text: str, end: int) -> bool:
    """Tell whether a syllable ends before `end`: no mark is cut off, no conjunct is cut through."""
    if end == len(text):
        return True
    virama = "\u094d"
    joined = unicodedata.category(text[end])[0] == "M" or text[end] in _JOINERS
    return not joined and text[end - 1] not in (virama, *_JOINERS)
