"""What people speak of, and in which mood: counted by word lists, and shown with examples.

Nothing here is learned: each remark stands under one thing that it names, and its mood follows from words
that are shown with it, so that whoever reads a number can see where it comes from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from services.feedback.domain.suggestions.matching import things_in, words_in

FEWEST: Final = 2
"""Remarks from which something is a theme."""
ENOUGH: Final = 10
"""Remarks below which a number is said to be small."""
EXAMPLES: Final = 2
MOST: Final = 12
"""Themes that are shown."""

_PRAISE: Final = """
    अच्छा अच्छी अच्छे बढ़िया शानदार मज़ा मज़ेदार धन्यवाद शुक्रिया पसंद उपयोगी मददगार
    बेहतरीन कमाल आसान लाभ फ़ायदा accha achha achhi acche achhe badhiya shandar maza
    mazedar dhanyavad shukriya pasand upyogi madadgar behtareen kamal aasan faida
    fayda good great nice excellent useful helpful thanks thank love loved best
    enjoyed clear easy awesome wonderful amazing perfect
"""
_COMPLAINT: Final = """
    बुरा बुरी ख़राब धीमा धीमी परेशान परेशानी मुश्किल कठिन उबाऊ देर शिकायत गड़बड़
    बेकार ग़लत समस्या दिक़्क़त शोर बंद कमी bura buri kharab dhima dhimi pareshan
    pareshani mushkil kathin boring late der shikayat gadbad bekar galat samasya
    dikkat shor band kami bad poor slow confusing confused difficult hard useless
    wrong problem problems issue issues noise noisy broken annoying spam unclear
    waste worst missing
"""


class Mood(StrEnum):
    """In which mood something is said."""

    PRAISE = "praise"
    COMPLAINT = "complaint"
    MIXED = "mixed"
    PLAIN = "plain"
    """No word of either list is in it: most suggestions are plain."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was said."""

    text: str
    people: int = 1
    """How many are known to think so."""


@dataclass(frozen=True, slots=True)
class Example:
    """A remark, and by which of its words its mood is known."""

    text: str
    people: int
    mood: Mood
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """One thing that several remarks are about."""

    thing: str
    remarks: int
    people: int
    """Those who said so, and those who are for it; who did both twice is counted twice."""
    moods: Counter[Mood]
    examples: tuple[Example, ...]
    """Those with the most people."""

    @property
    def small(self) -> bool:
        """Whether there are too few remarks to conclude anything from their number."""
        return self.remarks < ENOUGH


@dataclass(frozen=True, slots=True)
class Themes:
    """What people speak of."""

    remarks: int
    themes: tuple[Theme, ...]
    """What most people speak of first."""
    others: int
    """Remarks that stand under none of them."""


def themes_of(remarks: Iterable[Remark]) -> Themes:
    """Return what the remarks are about, each counted once: under what most people speak of."""
    left = [(each, things_in(each.text)) for each in remarks]
    total = len(left)
    found: list[Theme] = []
    while len(found) < MOST:
        spread = Counter(thing for _, things in left for thing in things)
        people: Counter[str] = Counter()
        for remark, things in left:
            for thing in things:
                people[thing] += remark.people
        wanted = [thing for thing, count in spread.items() if count >= FEWEST]
        if not wanted:
            break
        thing = max(wanted, key=lambda each: (people[each], spread[each], each))
        found.append(_theme(thing, [remark for remark, things in left if thing in things]))
        left = [(remark, things) for remark, things in left if thing not in things]
    return Themes(total, tuple(sorted(found, key=lambda each: -each.people)), len(left))


def mood_of(text: str) -> tuple[Mood, tuple[str, ...]]:
    """Return in which mood a text is, and the words that say so as they were folded."""
    words = words_in(text)
    praise, complaint = _signs(words, _listed(_PRAISE)), _signs(words, _listed(_COMPLAINT))
    if praise and complaint:
        return Mood.MIXED, (*praise, *complaint)
    if praise:
        return Mood.PRAISE, praise
    return (Mood.COMPLAINT, complaint) if complaint else (Mood.PLAIN, ())


def _theme(thing: str, remarks: Sequence[Remark]) -> Theme:
    moods = {remark.text: mood_of(remark.text) for remark in remarks}
    most = sorted(remarks, key=lambda each: (-each.people, each.text))[:EXAMPLES]
    return Theme(
        thing,
        len(remarks),
        sum(each.people for each in remarks),
        Counter(moods[each.text][0] for each in remarks),
        tuple(Example(each.text, each.people, *moods[each.text]) for each in most),
    )


def _signs(words: Sequence[str], listed: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in words if each in listed))


@lru_cache(maxsize=2)
def _listed(words: str) -> frozenset[str]:
    return frozenset(words_in(words))
