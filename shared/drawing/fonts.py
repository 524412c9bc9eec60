"""The typefaces that everything is drawn with, and which of them has a letter.

Noto Sans and Noto Sans Devanagari lie beside this file (licence: `fonts/OFL.txt`), so that a picture does not
depend on what is installed where it is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

import uharfbuzz as hb

_FONTS: Final = Path(__file__).parent / "fonts"


class Weight(StrEnum):
    """How heavy letters are."""

    REGULAR = "Regular"
    BOLD = "Bold"


class Script(StrEnum):
    """What a typeface is for, by its code in ISO 15924."""

    LATIN = "Latn"
    DEVANAGARI = "Deva"


_FAMILIES: Final = {Script.LATIN: "NotoSans", Script.DEVANAGARI: "NotoSansDevanagari"}
_OWN: Final = {Script.DEVANAGARI: ((0x0900, 0x097F), (0x1CD0, 0x1CFF), (0xA8E0, 0xA8FF))}


@dataclass(frozen=True, slots=True, eq=False)
class Font:
    """One typeface in one weight.

    Attributes:
        name: of its file, without the ending.
        path: its file.
        units: into how many units its em is divided.
        shaper: HarfBuzz's view of it.
        characters: the code points it has glyphs for.
    """

    name: str
    path: Path
    units: int
    shaper: hb.Font
    characters: frozenset[int]


@cache
def font(script: Script, weight: Weight) -> Font:
    """Return the typeface for a script; it is read once."""
    name = f"{_FAMILIES[script]}-{weight}"
    path = _FONTS / f"{name}.ttf"
    face = hb.Face(hb.Blob.from_file_path(str(path)))
    return Font(name, path, face.upem, hb.Font(face), frozenset(face.unicodes))


def script_of(character: str, current: Script) -> Script | None:
    """Return by which typeface a character is drawn, after one of the script `current`; None: by none.

    What all scripts share, such as a space or a full stop, stays with its neighbour: a word that changes its
    typeface in the middle is not shaped as one.
    """
    code = ord(character)
    for script, ranges in _OWN.items():
        if any(first <= code <= last for first, last in ranges):
            return script if _has(script, code) else None
    # ASCII looks the same in all of a page: digits and Latin letters are Noto Sans's wherever they stand.
    preferred = (Script.LATIN, *Script) if character.isalnum() else (current, *Script)
    return next((script for script in preferred if _has(script, code)), None)


def _has(script: Script, code: int) -> bool:
    return code in font(script, Weight.REGULAR).characters and code in font(script, Weight.BOLD).characters
