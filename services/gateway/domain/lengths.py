"""How long a text is for a provider, and how it is made shorter without spoiling a letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

ELLIPSIS = "…"

_JOINER = "\u200d"
_VIRAMA = 9
"""The combining class of the sign that binds the next consonant, as in क्ष."""

_REGIONAL = range(0x1F1E6, 0x1F200)
"""Two of these are one flag."""

_EXTENDING = (range(0x1F3FB, 0x1F400), range(0xE0020, 0xE0080), range(0xFE00, 0xFE10))
"""Colours of skin, tags and variation selectors: they belong to what stands before them."""


def length(text: str) -> int:
    """Return the length of `text` in UTF-16 units.

    Nobody says what providers count; no other way of counting gives more, so what fits by this one fits.
    """
    return len(text) + sum(ord(char) > 0xFFFF for char in text)  # noqa: PLR2004 - beyond it takes two units


def cut(text: str, limit: int) -> str:
    """Return `text`, or as much of its beginning as fits into `limit` with an ellipsis, in whole letters."""
    if length(text) <= limit:
        return text
    left, kept = limit - length(ELLIPSIS), []
    for letter in letters(text):
        left -= length(letter)
        if left < 0:
            break
        kept.append(letter)
    # A single letter under a thousand marks is nobody's writing.
    short = "".join(kept).rstrip() or text[: max(0, (limit - 1) // 2)]
    return short + ELLIPSIS


def letters(text: str) -> Iterator[str]:
    """Yield what people call letters: a sign with all that belongs to it."""
    letter = ""
    flags = 0
    for char in text:
        if letter and not _belongs(letter, char, flags):
            yield letter
            letter, flags = "", 0
        letter += char
        flags += ord(char) in _REGIONAL
    if letter:
        yield letter


def _belongs(letter: str, char: str, flags: int) -> bool:
    last = letter[-1]
    if _JOINER in (char, last) or unicodedata.category(char).startswith("M"):
        return True
    if any(ord(char) in each for each in _EXTENDING) or (last, char) == ("\r", "\n"):
        return True
    if unicodedata.combining(last) == _VIRAMA:
        return unicodedata.category(char) == "Lo"
    return flags % 2 == 1 and ord(last) in _REGIONAL and ord(char) in _REGIONAL
