"""Whether a suggestion says what another one says, in whatever script, spelling or language of the three.

Each is read as the set of things it speaks of: words that carry no meaning are left out, words of one
thing are one, and spellings meet in their folded form. Two texts are alike by how much of the heavier one
is in the other, where a word counts by how rare it is among those that wait: «session» is in every other one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import Indel

from services.feedback.domain.suggestions.things import IDLE, THINGS
from shared.spelling import devanagari
from shared.spelling.folding import fold

LEAST_SHARED: Final = 0.6
"""From which share of the heavier text two are alike; see `tests/unit/test_feedback_matching.py`."""
_NEAR: Final = 0.84
"""From which likeness two words of five letters or more are one word, bent or mistyped."""
_SHORTEST_NEAR: Final = 5

_WORD: Final = re.compile(rf"[^\W_]+(?:[{devanagari.MARKS}]+[^\W_]*)*")
_ENDINGS: Final = re.compile(r"(?<=[a-z]{3})(?:iyon|iyan|on|en|ein|ing|s)$")


def most_like(text: str, others: Mapping[str, str]) -> str | None:
    """Return which of `others`, by id, says what `text` says; None where none does."""
    said = things_in(text)
    if not said:
        return None
    known = {name: things_in(each) for name, each in others.items()}
    spread = Counter(thing for each in (said, *known.values()) for thing in each)
    weights = {thing: 1 / math.sqrt(count) for thing, count in spread.items()}
    best = max(
        ((_likeness(said, each, weights), name) for name, each in known.items()),
        key=lambda found: found[0],
        default=(0.0, ""),
    )
    return best[1] if best[0] >= LEAST_SHARED else None


@lru_cache(maxsize=2_000)
def things_in(text: str) -> frozenset[str]:
    """Return what a text speaks of, each thing by one name."""
    found = (_names().get(each) or _names().get(_ENDINGS.sub("", each)) or each for each in words_in(text))
    return frozenset(each for each in found if each and each not in _idle())


def words_in(text: str) -> tuple[str, ...]:
    """Return the words of a text in the form in which spellings meet, in order."""
    return tuple([fold(_bare(each)) for each in _WORD.findall(devanagari.plain(text.casefold()))])


def _likeness(one: frozenset[str], other: frozenset[str], weights: Mapping[str, float]) -> float:
    """Return how much of the heavier text is in the other, from 0 to 1."""
    if not one or not other:
        return 0.0
    shared = sum(weights[each] for each in one & other)
    left = set(other - one)
    for each in sorted(one - other):
        twin = next((it for it in sorted(left) if _is_near(each, it)), None)
        if twin is not None:
            left.discard(twin)
            shared += min(weights[each], weights[twin])
    return shared / max(sum(weights[each] for each in one), sum(weights[each] for each in other))


def _is_near(one: str, other: str) -> bool:
    long = min(len(one), len(other)) >= _SHORTEST_NEAR
    return long and Indel.normalized_similarity(one, other, score_cutoff=_NEAR) > 0


def _plain(word: str) -> str:
    return fold(_bare(devanagari.plain(word)))


def _bare(word: str) -> str:
    return devanagari.roman(word) if devanagari.HAS.search(word) else word


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    """Return by which name each spelling of a thing goes."""
    return {
        fold(_bare(devanagari.plain(word))): thing
        for thing, words in THINGS.items()
        for word in words.split()
    }


@lru_cache(maxsize=1)
def _idle() -> frozenset[str]:
    return frozenset(_plain(word) for word in IDLE.split())
