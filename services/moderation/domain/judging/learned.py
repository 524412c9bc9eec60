"""Two linear models over hashed n-grams and signals: how likely is spam, and how likely abuse.

Features are the character 2- to 5-grams of the normal form, the 1- and 2-grams of its folded words and
the consonants of each word, hashed, present or absent, divided by the root of their number; and the signals,
each with a weight of its own. Inverse document frequencies are folded into the weights. See
docs/decisions/0015-hashed-linear-model.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

import numpy as np
import numpy.typing as npt

from services.moderation.domain.signals import NAMES, Reading
from services.moderation.domain.text import Normal

BITS = 18
"""Hashed features: 2 to this power; a head with fewer takes the upper bits."""
LENGTHS = (2, 3, 4, 5)
"""Of the character n-grams, each one more than the one before."""
KINDS = ("characters", "words", "pairs", "consonants")
"""Of hashed features: weights for other ones do not fit."""
SIGNAL_WEIGHT = 1.0
"""The value of a signal; that of an n-gram is its inverse frequency over the root of their number."""

_Bits = npt.NDArray[np.uint32]
_PRIME = np.uint32(0x01000193)
_MIX = np.uint32(0x85EBCA6B)
_WORD_STEP = np.uint32(0x9E3779B1)
_BONE_STEP = np.uint32(0x85157AF5)
_SHIFT = np.uint32(32 - BITS)
_TOP_WORDS = 5
_DIGIT = re.compile("[1-9]")
_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
"""Of numbers only the length counts."""


class Band(StrEnum):
    """How far above the thresholds a probability is."""

    NONE = "none"
    LOG = "log"
    REVIEW = "review"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which on a message is in a band."""

    log: float
    review: float
    act: float

    def band(self, probability: float) -> Band:
        """Return the highest band that `probability` reaches."""
        for band, least in ((Band.ACT, self.act), (Band.REVIEW, self.review), (Band.LOG, self.log)):
            if probability >= least:
                return band
        return Band.NONE


@dataclass(frozen=True, slots=True)
class Head:
    """The weights for one question."""

    ngrams: npt.NDArray[np.int8]
    """A power of two of them, at most 2 to the power of `BITS`."""
    step: float
    """What one step of the small integers is worth."""
    signals: npt.NDArray[np.float32]
    """In the order of `NAMES`."""
    bias: float
    slope: float
    """With `offset`, Platt's line from the score to the logarithm of the odds."""
    offset: float
    thresholds: Thresholds

    def score(self, features: Features) -> float:
        """Return the uncalibrated score."""
        places = features.ngrams >> np.uint32(BITS - int(self.ngrams.size).bit_length() + 1)
        total = int(np.add.reduce(self.ngrams[places], dtype=np.int64))
        signals = float(self.signals[list(features.signals)].sum()) if features.signals else 0.0
        return total * self.step / features.norm + signals * SIGNAL_WEIGHT + self.bias

    def probability(self, features: Features) -> float:
        """Return how likely it is, from 0 to 1."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.slope * self.score(features) + self.offset))))


@dataclass(frozen=True, slots=True)
class Weights:
    """What has been learned."""

    version: str
    """A digest of the content."""
    heads: Mapping[str, Head]
    """By what they look for: `spam` and `abuse`."""


@dataclass(frozen=True, slots=True)
class Features:
    """A message as the heads see it."""

    ngrams: _Bits
    """The hashes that occur, each once, `BITS` wide."""
    norm: float
    signals: tuple[int, ...]
    """Places in `NAMES`."""


_PLACES = {name: place for place, name in enumerate(NAMES)}


def features(reading: Reading) -> Features:
    """Return the features of a message, in time linear in its length."""
    normal = reading.normal
    ngrams = _distinct(_hashed(_characters(normal), _words(normal)))
    return Features(
        ngrams, math.sqrt(max(1, ngrams.size)), tuple(sorted(_PLACES[name] for name in reading.seen))
    )


def strongest_words(head: Head, normal: Normal) -> tuple[tuple[str, float], ...]:
    """Return the words of the normal form that speak most for it, each with its part in the score."""
    shift = np.uint32(BITS - int(head.ngrams.size).bit_length() + 1)
    letters = np.zeros(len(normal.text) + 2)
    characters = head.ngrams[_hashed(_characters(normal)) >> shift].astype(np.float64)
    done = 0
    for length in LENGTHS:
        of_length = max(0, letters.size - length + 1)
        weights = characters[done : done + of_length] / length
        done += of_length
        for step in range(length):
            letters[step : step + weights.size] += weights
    words = head.ngrams[_hashed(_words(normal)) >> shift].astype(np.float64)
    single = words[: len(normal.tokens)]
    sums: dict[str, float] = {}
    for place, token in enumerate(normal.tokens):
        # The text is padded by one space, so that a character's place is one further on.
        part = float(letters[token.start + 1 : token.end + 1].sum()) + float(single[place])
        sums[token.text] = max(sums.get(token.text, 0.0), part)
    norm = math.sqrt(max(1, characters.size + words.size)) / head.step
    best = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:_TOP_WORDS]
    return tuple((word, part / norm) for word, part in best if part > 0)


def _characters(normal: Normal) -> _Bits:
    """Return the n-grams in the order of the text, of one length after the other."""
    padded = _DIGIT.sub("0", f" {normal.text} ").encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(padded, dtype=np.uint32)
    rolling = codes * _PRIME
    of_lengths: list[_Bits] = []
    for length in LENGTHS:
        rolling = (rolling[:-1] ^ codes[length - 1 :]) * _PRIME
        of_lengths.append(rolling)
    ngrams = np.concatenate(of_lengths)
    ngrams ^= ngrams >> np.uint32(15)
    return ngrams


def _words(normal: Normal) -> _Bits:
    """Return the words, then the pairs of neighbours, then the consonants of each word."""
    words = [crc32(word.encode("utf-8", "surrogatepass").translate(_DIGITS)) for word in normal.folded]
    bones = [crc32(word.encode()) for word in normal.skeletons]
    ones = np.array(words, dtype=np.uint32)
    without_vowels = np.array(bones, dtype=np.uint32) ^ _BONE_STEP
    return np.concatenate([ones ^ _WORD_STEP, ones[:-1] * _WORD_STEP ^ ones[1:], without_vowels])


def _hashed(*parts: _Bits) -> _Bits:
    mixed = np.concatenate(parts) * _MIX
    hashes: _Bits = (mixed ^ (mixed >> np.uint32(13))) * _PRIME >> _SHIFT
    return hashes


def _distinct(hashes: _Bits) -> _Bits:
    """Return each of them once, in order: what `np.unique` returns, in a tenth of its time for so few."""
    ordered = np.sort(hashes)
    first = np.ones(ordered.size, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]
