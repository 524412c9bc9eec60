"""How far a message is about the declared topic."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from services.moderation.domain.detectors.contract import Settings
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding
from services.moderation.domain.lexicon import sections, words
from services.moderation.domain.text import Normal, fold, normalise

FEWEST_WORDS = 4
"""With fewer words that mean something, nobody can say that a message is about something else."""

FEWEST_ON_TOPIC = 2
"""Of words that mean something; with fewer, nobody can say what a message is about at all."""

_DECLARED = 1.0
_EXPANDED = 0.6
_WORK = 0.25
_ELSEWHERE = -0.6
"""What a word says: declared, of a declared subject, of work and learning in general, of something else."""
_STEM = 5
_EVEN = 1.2
_SLOPE = 3.85
"""A logistic curve over the weight to each root of a content word, even at `_EVEN / _SLOPE`."""
_STOP = frozenset(map(fold, words("stop_words") | words("hindi_romanised")))
_GREETINGS = frozenset(map(fold, words("greetings")))
_Word = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class TopicSettings(Settings):
    """What a policy can set for the measure of the topic."""

    within: tuple[_Word, ...] = Field(
        (), max_length=200, description="Words and phrases of the topic, in any language."
    )
    outside: tuple[_Word, ...] = Field((), max_length=200, description="Words and phrases that are not.")


@dataclass(frozen=True)
class Profile:
    """A declared topic, ready to measure with; weights by folded word, and by the beginning of words."""

    weights: dict[str, float]
    stems: dict[str, float]
    outside: frozenset[str]

    def weight(self, folded: str) -> float:
        """Return how much a word says for the topic, from -1 to 1."""
        if folded in self.outside:
            return -1.0
        if (weight := self.weights.get(folded)) is not None:
            return weight
        return max(
            (self.stems.get(folded[:length], 0.0) for length in range(3, len(folded) + 1)), default=0.0
        )


class Topic:
    """Measures; that several messages in a row drift is seen by who looks at several messages."""

    name: ClassVar[str] = "topic"
    category: ClassVar[Category] = Category.TOPIC
    settings: ClassVar[type[Settings]] = TopicSettings

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return nothing: one message alone is never a case."""
        del message, context, settings
        return ()

    def score(self, message: Message, context: Context, settings: TopicSettings) -> float | None:
        """Return how far a message is on topic, from 0 to 1.

        None where it cannot be said: no topic is declared, too few words mean something, a greeting, or an
        answer to a question of the admin's.
        """
        if context.prompt_open and message.reply_to is not None:
            return None
        return on_topic(message.normal, profile(settings.within, settings.outside))


@lru_cache(maxsize=256)
def profile(within: tuple[str, ...], outside: tuple[str, ...] = ()) -> Profile:
    """Return the profile of declared words, with the shipped words of each subject that they name."""
    weights: dict[str, float] = {}
    stems: dict[str, float] = {}
    declared = _content(within)
    if not declared:
        return Profile(weights, stems, frozenset())
    for lines in (_general("elsewhere", _ELSEWHERE, declared), _general("work", _WORK, ())):
        weights |= lines[0]
        stems |= lines[1]
    for subject, entries in _subjects().items():
        words, beginnings = _folded(entries)
        named = {fold(part) for part in subject.split("_")} | words
        if not declared.isdisjoint(named) or any(word.startswith(tuple(beginnings)) for word in declared):
            weights |= dict.fromkeys(words, _EXPANDED)
            stems |= dict.fromkeys(beginnings, _EXPANDED)
    for word in declared:
        weights[word] = _DECLARED
        if len(word) >= _STEM:
            stems[word] = _DECLARED
    return Profile(weights, stems, frozenset(_content(outside) - declared))


def on_topic(normal: Normal, topic: Profile) -> float | None:
    """Return how far a text is on topic, from 0 to 1; None where nothing can be said."""
    if not topic.weights:
        return None
    content = [
        word
        for word in normal.folded
        if word not in _STOP and not word.startswith("<") and not word.isdigit()
    ]
    if len(content) < FEWEST_ON_TOPIC or all(word in _GREETINGS for word in content):
        return None
    weight = sum(map(topic.weight, content))
    if len(content) < FEWEST_WORDS and weight <= 0:
        return None
    return 1 / (1 + math.exp(_EVEN - _SLOPE * weight / math.sqrt(len(content))))


def _general(
    section: str, weight: float, declared: Collection[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the words and beginnings of a section, without the lines that have a declared word in them."""
    weights: dict[str, float] = {}
    stems: dict[str, float] = {}
    for entries in _lines()[section]:
        words, beginnings = _folded(entries)
        if words.isdisjoint(declared):
            weights |= dict.fromkeys(words, weight)
            stems |= dict.fromkeys(beginnings, weight)
    return weights, stems


def _folded(entries: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return entries of a list as they are compared: whole words, and beginnings."""
    words: set[str] = set()
    beginnings: set[str] = set()
    for entry in entries:
        folded = fold(normalise(entry.rstrip("+")).text)
        (beginnings if entry.endswith("+") else words).add(folded)
    return words, beginnings


def _content(phrases: Iterable[str]) -> set[str]:
    return {word for phrase in phrases for word in normalise(phrase).folded if word not in _STOP}


def _subjects() -> dict[str, tuple[str, ...]]:
    """Return the words of each subject that a topic can name."""
    return {
        subject: tuple(entry for line in lines for entry in line)
        for subject, lines in _lines().items()
        if subject not in {"work", "elsewhere"}
    }


@lru_cache(maxsize=1)
def _lines() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for subject, line in sections("topics"):
        found.setdefault(subject, []).append(tuple(line.split()))
    return found
