"""Puts words together again by those that people commonly write: taken apart, masked, without vowels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from services.moderation.domain.lexicon import lines, words
from services.moderation.domain.text.draft import Draft, Edit

_LONGEST = 14
"""Pieces of one word that was taken apart."""
_ALONE = words("alone")
_ORDERED = tuple(
    word.strip("=+")
    for name in ("harmless", "abuse", "common")
    for line in lines(name)
    for word in line.split()
)
"""Harmless words that resemble slurs, then slurs, which are masked most often, then the most frequent."""
_COMMON = frozenset(_ORDERED)
_RANKS = {word: rank for rank, word in reversed(tuple(enumerate(_ORDERED)))}
_KNOWN = 1.0
_DIGIT = 0.4
_SINGLE = 1.6
_UNKNOWN = 2.0
_EACH = 0.5
"""What a division costs: each known word, digit and piece left alone, each unknown word and its pieces."""

_MASKED = re.compile(
    "(?<![\\w\u0900-\u0963*])(?:[a-z]{1,14}\\*[a-z]{1,14}|[\u0900-\u0963]{1,14}\\*[\u0900-\u0963]{1,14})(?![\\w\u0900-\u0963*])"
)
_BARE = re.compile(r"(?<![a-z0-9@<'])[a-z][b-df-hj-np-tv-z]{2,11}+(?![a-z0-9>'])")
_SHORTEST_MASKED = 4
_VOWELS = re.compile("[aeiou]")
_AMBIGUOUS = 3
"""A word of so few consonants is filled in only where a single word has them."""
_SIGNED = re.compile(
    r"(?<![a-z0-9@$<])(?=[a-z@$]{0,15}+[0-9@$])(?=[0-9@$]{0,3}[a-z])[a-z0-9@$]{3,16}(?![\w@$>])"
)
_SIGN_OR_DIGIT = re.compile("[0-9@$]")
_LETTERS = tuple(str.maketrans("0134579@$", f"o{one}eastgas") for one in "il")
"""What digits and signs stand for; a 1 is an i or an l."""
_HELD = re.compile(r"[a-z]{0,24}([a-z])\1{2,}[a-z]*")
_RUN = re.compile(r"([a-z])\1{2,}")


def divide(pieces: Sequence[str]) -> list[int]:
    """Return the lengths, in pieces, of the words that single letters make in the likeliest division.

    Time is linear in the number of pieces.
    """
    costs = [0.0]
    lengths = [0]
    for end in range(1, len(pieces) + 1):
        best, length = float("inf"), 1
        word = ""
        for size in range(1, min(_LONGEST, end) + 1):
            word = pieces[end - size] + word
            if size == 1:
                cost = _DIGIT if word.isdigit() else _SINGLE if word in _ALONE else _UNKNOWN + _EACH
            else:
                cost = _KNOWN if word in _COMMON else _UNKNOWN + _EACH * size
            if costs[end - size] + cost < best:
                best, length = costs[end - size] + cost, size
        costs.append(best)
        lengths.append(length)
    found: list[int] = []
    end = len(pieces)
    while end:
        found.append(lengths[end])
        end -= lengths[end]
    return found[::-1]


def is_common(word: str) -> bool:
    """Whether people commonly write `word`."""
    return word in _COMMON


def complete(draft: Draft) -> None:
    """Put the most frequent word that fits where letters are masked, replaced by digits, or left out."""
    draft.edit(_completed(draft.text))


def release(draft: Draft) -> None:
    """Leave of a Latin letter that was held down one or two: what makes a common word, else one."""
    if _RUN.search(draft.text):
        draft.edit((*hit.span(), _released(hit[0])) for hit in _HELD.finditer(draft.text))


def _released(word: str) -> str:
    once = _RUN.sub(r"\1", word)
    twice = _RUN.sub(r"\1\1", word)
    last = len(_ORDERED)
    return min(once, twice, key=lambda form: _RANKS.get(form, last))


def _completed(text: str) -> Iterator[Edit]:
    edits: list[Edit] = []
    if "*" in text:
        edits += [
            (*hit.span(), word)
            for hit in _MASKED.finditer(text)
            if len(hit[0]) >= _SHORTEST_MASKED and (word := _by_mask().get(hit[0]))
        ]
    edits += [(*hit.span(), word) for hit in _BARE.finditer(text) if (word := _by_consonants().get(hit[0]))]
    if _SIGN_OR_DIGIT.search(text):
        for hit in _SIGNED.finditer(text):
            words = (hit[0].translate(letters) for letters in _LETTERS)
            edits += [(*hit.span(), word) for word in words if word in _COMMON][:1]
    yield from sorted(edits)


@cache
def _by_mask() -> dict[str, str]:
    found: dict[str, str] = {}
    for word in _ORDERED:
        if len(word) >= _SHORTEST_MASKED:
            for place in range(1, len(word) - 1):
                found.setdefault(f"{word[:place]}*{word[place + 1 :]}", word)
    return found


@cache
def _by_consonants() -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for word in _ORDERED:
        bare = word[0] + _VOWELS.sub("", word[1:])
        if word.isascii() and bare not in _COMMON and word not in found.setdefault(bare, []):
            found[bare].append(word)
    return {bare: some[0] for bare, some in found.items() if len(bare) > _AMBIGUOUS or len(some) == 1}
