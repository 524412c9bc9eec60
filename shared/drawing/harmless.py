from __future__ import annotations

import unicodedata
from typing import Final

_MOST_MARKS: Final = 6
"""Marks on one letter: Hindi needs four at most; what stacks more of them paints over its neighbours."""
_JOINERS: Final = "\u200c\u200d"


def harmless(text: str, limit: int = 500) -> str:
    """Return a text that somebody wrote as one line that cannot harm the page it is put on.

    Controls, surrogates and what turns the direction of writing are gone, white space of any kind is one
    space, no letter carries more than six marks. Emoji stay. A text over `limit` characters ends in "…".
    """
    kept: list[str] = []
    marks = 0
    # What is far beyond the limit is not looked at: a message may have thousands of characters.
    for character in unicodedata.normalize("NFC", text[: limit * 4]):
        category = unicodedata.category(character)
        if character.isspace():
            kept.append(" ")
        elif category == "Cf" and character in _JOINERS:
            kept.append(character)
        elif category[0] == "C":
            continue
        else:
            marks = marks + 1 if category in {"Mn", "Me"} else 0
            if marks <= _MOST_MARKS:
                kept.append(character)
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def harmless_lines(text: str, limit: int = 4000) -> str:
    """Return a text of several lines, each of them harmless, with no more than one empty line in a row."""
    lines: list[str] = []
    for line in text[:limit].splitlines():
        clean = harmless(line, limit)
        if clean or (lines and lines[-1]):
            lines.append(clean)
    return "\n".join(lines).strip()
