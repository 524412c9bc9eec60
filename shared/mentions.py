"""Where a text says whom: in a catalogue `@1`, in the text of a command a mark that nobody can type.

What a member wrote may hold "@1" and be quoted in the same text. So the first mentioned member is marked by
U+FDD0, the next by U+FDD1, and so on: code points that Unicode keeps free for a program's own use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

MOST: Final = 32
"""Members whom one text may mark: as many as there are such code points in a row."""

_FIRST: Final = 0xFDD0
_MARK = re.compile(f"[{chr(_FIRST)}-{chr(_FIRST + MOST - 1)}]")


def mark(number: int) -> str:
    """Return what stands for the mentioned member of this number, counted from 1.

    Raises:
        ValueError: there is no mark of this number.
    """
    if not 1 <= number <= MOST:
        raise ValueError(f"a text marks members 1 to {MOST}, not {number}")
    return chr(_FIRST + number - 1)


def has_marks(text: str) -> bool:
    """Return whether somebody is marked in `text`."""
    return _MARK.search(text) is not None


def fill(text: str, name: Callable[[int], str]) -> str:
    """Return `text` with what `name` gives for a number in place of each mark."""
    return _MARK.sub(lambda match: name(ord(match[0]) - _FIRST + 1), text)


def without_marks(text: str) -> str:
    """Return `text`, which a person wrote, without anything that would be taken for a mark."""
    return _MARK.sub("", text)
