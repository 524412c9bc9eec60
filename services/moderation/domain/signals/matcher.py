"""Finds notions in a normal form, spelling folded away: one look per word, however many words are known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from services.moderation.domain.signals.words import NOTIONS
from services.moderation.domain.text import Normal, normalise

_MASKS = {
    "<link>": ("link",),
    "<invite>": ("link", "invite", "off", "contact"),
    "<phone>": ("phone", "contact"),
    "<upi>": ("upi",),
    "<mail>": ("mail",),
    "<mention>": ("mention",),
}
_SUM = re.compile(
    r"^(?:[₹$]|rs|inr|usd|rupe\w*|lakh\w*|lak|hajar|thousand|karor|kror|milion|\d+(?:k|rs|lakh|usd)|rs\d+|\d{3,})$"
)
"""A folded word that is about money: a currency, a magnitude, or a number too long for a day or a count."""
_PERCENT = re.compile(r"^(?:persent|prtisat|pratisat|parsent)$")
_SHORTEST_PREFIX = 3
_REMEMBERED = 20_000


class Sighting(NamedTuple):
    """A notion in the normal form: words `first` to `last`, characters `start` to `end`."""

    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Table:
    words: Mapping[str, tuple[str, ...]]
    prefixes: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    """By first word: the words that must follow, and the notion."""
    longest: int


def sight(normal: Normal) -> dict[str, list[Sighting]]:
    """Return where each notion occurs; a notion that does not is absent. Linear in the number of words."""
    table = _table()
    found: dict[str, list[Sighting]] = {}
    tokens, words, letters = normal.tokens, normal.folded, normal.text
    for place, token in enumerate(tokens):
        text = words[place]
        names = table.words.get(text) or _MASKS.get(text) or ()
        if not names:
            names = ("percent",) if letters[token.end : token.end + 1] == "%" else _by_form(text)
        for name in names:
            found.setdefault(name, []).append(Sighting(place, place, token.start, token.end))
        for rest, name in table.rows.get(text, ()):
            last = place + len(rest)
            if words[place + 1 : last + 1] == rest:
                found.setdefault(name, []).append(Sighting(place, last, token.start, tokens[last].end))
    return found


def near(left: Sequence[Sighting], right: Sequence[Sighting], words: int) -> Sighting | None:
    """Return the first place where both are at most `words` words apart, as one sighting."""
    at = 0
    for one in left:
        while at < len(right) and right[at].last < one.first - words:
            at += 1
        if at < len(right) and right[at].first <= one.last + words:
            other = right[at]
            return Sighting(
                min(one.first, other.first),
                max(one.last, other.last),
                min(one.start, other.start),
                max(one.end, other.end),
            )
    return None


@lru_cache(maxsize=_REMEMBERED)
def _by_form(text: str) -> tuple[str, ...]:
    # Most words of a chat are the same few thousand.
    table = _table()
    if _PERCENT.match(text):
        return ("percent",)
    if _SUM.match(text):
        return ("sum",)
    for length in range(min(len(text), table.longest), _SHORTEST_PREFIX - 1, -1):
        names = table.prefixes.get(text[:length])
        if names:
            return names
    return ()


@cache
def _table() -> _Table:
    words: dict[str, tuple[str, ...]] = {}
    prefixes: dict[str, tuple[str, ...]] = {}
    rows: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name, listed in NOTIONS.items():
        for spelled in listed.split():
            stem = spelled.removesuffix("*")
            parts = normalise(stem.replace("_", " ")).folded
            if not parts:
                continue
            if stem != spelled and len(parts) == 1:
                prefixes[parts[0]] = (*prefixes.get(parts[0], ()), name)
            elif len(parts) == 1:
                if name not in words.get(parts[0], ()):
                    words[parts[0]] = (*words.get(parts[0], ()), name)
            elif (parts[1:], name) not in rows.get(parts[0], []):
                rows.setdefault(parts[0], []).append((parts[1:], name))
    return _Table(
        words,
        prefixes,
        {first: tuple(rest) for first, rest in rows.items()},
        max(map(len, prefixes), default=0),
    )
