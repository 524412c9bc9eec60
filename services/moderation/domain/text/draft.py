"""A text while it is worked on: it keeps where each of its characters came from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Edit: TypeAlias = tuple[int, int, str]
"""`text[start:end]` becomes the string."""


class Draft:
    """A text and, for each of its characters and for its end, the place in the original."""

    __slots__ = ("at", "text")

    def __init__(self, text: str, at: list[int] | None = None) -> None:
        self.text = text
        self.at = list(range(len(text) + 1)) if at is None else at

    def translate(self, table: dict[int, str]) -> None:
        """Replace character by character.

        The table makes one character of each ASCII one, and leaves alone what it has made out of any other.
        """
        others = {letter for letter in set(self.text) if letter > "\x7f" and len(table[ord(letter)]) != 1}
        if others:
            self.edit(
                (place, place + 1, table[ord(letter)])
                for place, letter in enumerate(self.text)
                if letter in others
            )
        self.text = self.text.translate(table)

    def edit(self, edits: Iterable[Edit]) -> None:
        """Make replacements, in order and without overlap; what is put in begins where it replaces."""
        pieces: list[str] = []
        at: list[int] = []
        last = 0
        for start, end, new in edits:
            pieces += self.text[last:start], new
            at += self.at[last:start]
            at += [self.at[start]] * len(new)
            last = end
        if not pieces:
            return
        pieces.append(self.text[last:])
        at += self.at[last:]
        self.text, self.at = "".join(pieces), at
