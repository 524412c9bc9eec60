"""A text as words, numbers and signs, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from services.events.domain.timing.words import NOTHING, Sense, fold, sense_of

MAX_READ: Final = 2_000
"""Characters of a text that are searched for a time; what follows is kept as it is."""

_DIGITS: Final = str.maketrans("०१२३४५६७८९", "0123456789")
_LETTER: Final = r"(?:[^\W\d_]|[\u0300-\u036f\u0900-\u0963\u0970-\u097f\u200b-\u200d])"
# Possessive, so that no text makes the match backtrack; Indian digits have become ASCII before.
_WORD: Final = rf"{_LETTER}++(?:['\u2019]{_LETTER}++|\.[Mm](?!{_LETTER}))?+"
_TOKEN: Final = re.compile(rf"([0-9]++)|({_WORD})|\S")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign.

    Attributes:
        start: where it begins in the text.
        end: where it ends.
        text: a word folded, a number in ASCII digits, a sign as it is.
        number: what a number written in at most four digits is worth.
        sense: what a word can mean.
        is_glued: whether nothing stands between it and the token before.
    """

    start: int
    end: int
    text: str
    number: int | None
    sense: Sense
    is_glued: bool


_MOST_DIGITS: Final = 4
END: Final = Token(0, 0, "", None, NOTHING, is_glued=False)
"""What follows the last token."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text; beyond their ends there is `END`."""

    items: tuple[Token, ...]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Token:
        return self.items[index] if 0 <= index < len(self.items) else END

    def follows(self, index: int, sign: str) -> bool:
        """Whether the token is this sign, with no space before it."""
        token = self[index]
        return token.is_glued and token.text == sign


def tokenise(text: str) -> Tokens:
    """Split the beginning of a text; time and space are linear in `MAX_READ`."""
    items: list[Token] = []
    at = -1
    for match in _TOKEN.finditer(text[:MAX_READ].translate(_DIGITS)):
        start, end = match.span()
        word = match[0]
        number = None
        sense = NOTHING
        if match[1] is not None:
            number = int(word) if len(word) <= _MOST_DIGITS else None
        elif match[2] is not None:
            word = fold(word)
            sense = sense_of(word)
        items.append(Token(start, end, word, number, sense, start == at))
        at = end
    return Tokens(tuple(items))
