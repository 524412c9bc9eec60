"""Patterns over folded words, so that one pattern holds for both scripts and every spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.moderation.domain.lexicon import sections
from services.moderation.domain.text import Normal, fold

_WORD = re.compile("[a-z0-9]+")
_TERM = re.compile(r"\(.*?\)[?+]*|\S+")
_OPEN = r"\S*"
_GAP = r"(?:\S+ ){0,3}?"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Where a pattern matched: tokens `first` to `last`, both included."""

    kind: str
    first: int
    last: int


class Phrases:
    """Patterns by kind, found by the word they begin with."""

    def __init__(self, name: str) -> None:
        self._starting: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for kind, line in sections(name):
            pattern = re.compile("".join(_compiled(term) for term in _TERM.findall(line)))
            for word in options(_TERM.findall(line)[0]):
                self._starting.setdefault(word.split()[0], []).append((kind, pattern))

    def find(self, normal: Normal) -> Iterator[Phrase]:
        """Return the first match of each kind."""
        text = ""
        seen: set[str] = set()
        for place, word in enumerate(normal.folded):
            patterns = self._starting.get(word)
            if not patterns:
                continue
            text = text or "".join([f"{each} " for each in normal.folded])
            begin = sum(map(len, normal.folded[:place])) + place
            for kind, pattern in patterns:
                if kind not in seen and (found := pattern.match(text, begin)):
                    seen.add(kind)
                    yield Phrase(kind, place, place + found[0].count(" ") - 1)


def _compiled(term: str) -> str:
    if term == "..":
        return _GAP
    word = term.rstrip("?+") if term.startswith("(") else term.rstrip("+")
    more = term[len(word) :]
    return f"(?:(?:{'|'.join(options(word))}){_OPEN if '+' in more else ''} )" + ("?" if "?" in more else "")


def options(term: str) -> list[str]:
    """Return the folded alternatives of a term; a `?` within one makes its last letter optional."""
    spelled = [
        spelling
        for each in term.rstrip("+").removesuffix(")?").strip("()").split("|")
        for spelling in ((each[:-1], each[:-2]) if each.endswith("?") else (each,))
    ]
    return list(dict.fromkeys(_WORD.sub(lambda word: fold(word[0]), each) for each in spelled))
