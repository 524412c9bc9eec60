"""A word list that recognises its words however they are spelled, masked or taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache

from services.moderation.domain.lexicon import sections, words
from services.moderation.domain.text import Normal, fold, normalise, skeleton


class Severity(StrEnum):
    """How grave a word is."""

    GRAVE = "grave"
    INSULT = "insult"
    MILD = "mild"


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the list within a normal form, at `text[start:end]`."""

    severity: Severity
    start: int
    end: int
    sure: bool = True
    """False where the word was put together or guessed from a mask."""


_LONGEST_STEM = 16
_REMEMBERED = 20_000
_SHORTEST_SKELETON = 4
_BARE_SKELETON = 3
_SHORTEST_JOINED = 4
_MOST_JOINED = 3
_LEFT_OF_LATIN = 3
_LEFT_OF_OTHERS = 4
"""So many letters and signs must be left of a masked word for its rest to be told."""
_MASKED = re.compile(r"(?=[^*]*\*)[^\W\d][\w\u0900-\u097f*]{2,31}")
_DOUBLE = re.compile(r"([a-z])\1")
_APART = 1.6
"""What is so many times longer in the original was taken apart, and is maybe several words."""
_SHORTEST_WITHIN = 5
_VOWEL = re.compile("[aeiou]")


@dataclass
class _Words:
    """Spellings, folded forms and folded stems, each with what it says."""

    spelled: dict[str, Severity] = field(default_factory=dict)
    folded: dict[str, Severity] = field(default_factory=dict)
    stems: dict[str, Severity] = field(default_factory=dict)
    beginnings: dict[str, Severity] = field(default_factory=dict)

    def add(self, entry: str, severity: Severity) -> None:
        """Take in one entry of a list: `=spelling`, `=beginning+`, `stem+` or a word."""
        word = normalise(entry.strip("=+")).text
        if entry.startswith("=") and entry.endswith("+"):
            self.beginnings.setdefault(word, severity)
        elif entry.startswith("="):
            self.spelled.setdefault(word, severity)
        elif entry.endswith("+"):
            self.stems.setdefault(fold(word), severity)
        else:
            self.folded.setdefault(fold(word), severity)

    def severity(self, word: str, folded: str) -> Severity | None:
        """Return what is said of a word; of stems, by the longest."""
        if severity := self.spelled.get(word) or self.folded.get(folded):
            return severity
        return _longest(word, self.beginnings) or _longest(folded, self.stems)


def _longest(word: str, stems: dict[str, Severity]) -> Severity | None:
    for length in range(min(len(word), _LONGEST_STEM), 2, -1):
        if severity := stems.get(word[:length]):
            return severity
    return None


class Lexicon:
    """The lists of abuse and of harmless words, made ready for matching.

    A harmless word wins over everything: it is compared as spelled, and where the list says `word+`, by its
    beginning. `bare` are grave words that are told by their consonants.
    """

    def __init__(
        self, abuse: Iterable[tuple[Severity, str]], harmless: Iterable[str], bare: Iterable[str]
    ) -> None:
        self._words = _Words()
        entries = list(abuse)
        for severity, entry in entries:
            self._words.add(entry, severity)
        plain = [normalise(word).text for word in harmless]
        self._harmless = frozenset(word for word in plain if not word.endswith("+"))
        stems = tuple(word[:-1] for word in plain if word.endswith("+"))
        self._harmless_beginnings = ("<", *stems)
        self._harmless_words = " ".join([*self._harmless, *stems])
        self._common = words("hindi_romanised") | self._harmless
        plainly = {
            normalise(entry.strip("=+")).text for severity, entry in entries if severity is not Severity.MILD
        }
        self._unmasked_words = " ".join(sorted(word for word in plainly if len(word) > _BARE_SKELETON))
        grave = {
            normalise(entry.strip("=+")).text for severity, entry in entries if severity is Severity.GRAVE
        }
        within = {form for word in grave for form in (word, fold(word)) if len(form) >= _SHORTEST_WITHIN}
        self._within = re.compile("|".join(map(re.escape, sorted(within))) or "(?!)")
        self._beginnings = frozenset(
            fold(word)[:length] for word in grave for length in range(1, len(fold(word)))
        )
        self._skeletons = frozenset(map(skeleton, bare))
        # Most words of a chat are the same few thousand.
        self._known = lru_cache(maxsize=_REMEMBERED)(self._severity)

    def hits(self, normal: Normal) -> Iterator[Hit]:
        """Return what is found, in the order of the text; each token at most once."""
        taken = -1
        parted = len(normal.original) > len(normal.text)
        for place, token in enumerate(normal.tokens):
            severity, sure = self._known(token.text, normal.folded[place])
            if parted and severity is None and self._is_within(normal, place):
                severity, sure = Severity.GRAVE, False
            if severity is not None:
                yield Hit(severity, token.start, token.end, sure)
                taken = place
            elif (
                place > taken
                and normal.folded[place] in self._beginnings
                and (last := self._joined(normal, place))
            ):
                yield Hit(Severity.GRAVE, token.start, normal.tokens[last].end, sure=False)
                taken = last

    def _severity(self, word: str, folded: str) -> tuple[Severity | None, bool]:
        if word in self._harmless or word.startswith(self._harmless_beginnings):
            return None, True
        severity = self._words.severity(word, folded)
        if severity is None and _DOUBLE.search(word):
            # A letter held down; where it is a vowel, the fold has read a long one.
            single = _DOUBLE.sub(r"\1", word)
            severity = self._words.severity(single, fold(single))
        if severity is not None:
            return severity, True
        if "*" in word:
            return (Severity.GRAVE if self._unmasked(word) else None), False
        return (Severity.GRAVE if self._bare(word, folded) else None), False

    def _unmasked(self, word: str) -> bool:
        """Whether a word with `*` in it can be read as a grave one: each `*` is any letter, or none."""
        left = len(word.replace("*", ""))
        if not _MASKED.fullmatch(word) or left < (_LEFT_OF_LATIN if word.isascii() else _LEFT_OF_OTHERS):
            return False
        letter = "[a-z]" if word.isascii() else r"[^\s*]"
        pattern = re.sub(
            r"\\\*(?:\\\*)*", lambda run: f"{letter}{{1,{len(run[0]) // 2 + 1}}}", re.escape(word)
        )
        whole = re.compile(rf"(?<!\S){pattern}(?!\S)")
        return whole.search(self._unmasked_words) is not None and not whole.search(self._harmless_words)

    def _is_within(self, normal: Normal, place: int) -> bool:
        """Whether a run of single letters that was put together has a grave word in it."""
        token = normal.tokens[place]
        original = normal.offsets[token.end - 1] - normal.offsets[token.start] + 1
        if len(token.text) < _SHORTEST_WITHIN or original < _APART * len(token.text):
            return False
        if token.text.startswith(self._harmless_beginnings):
            return False
        return bool(self._within.search(token.text) or self._within.search(normal.folded[place]))

    def _bare(self, word: str, folded: str) -> bool:
        """Whether a word with hardly a vowel has the consonants of a grave one."""
        if not word.isascii() or len(word) < _BARE_SKELETON:
            return False
        vowels = len(_VOWEL.findall(word))
        if vowels > 1:
            return False
        bones = skeleton(folded)
        return len(bones) >= _BARE_SKELETON + vowels and bones in self._skeletons

    def _joined(self, normal: Normal, place: int) -> int | None:
        """Return the last of two or three pieces that make a grave word together."""
        together = ""
        for last in range(place, min(place + _MOST_JOINED, len(normal.tokens))):
            piece = normal.tokens[last].text
            if piece in self._common or piece.startswith(self._harmless_beginnings):
                return None
            together += piece
            if last == place or len(together) < _SHORTEST_JOINED:
                continue
            joined = fold(together)
            if together in self._harmless:
                return None
            if Severity.GRAVE in {
                self._words.folded.get(joined),
                self._words.stems.get(joined),
                self._words.spelled.get(together),
            }:
                return last
        return None


@cache
def shipped() -> Lexicon:
    """Return the lists that come with the product."""
    graded = ((Severity(section), entry) for section, line in sections("abuse") for entry in line.split())
    return Lexicon(graded, words("harmless"), words("vowelless"))
