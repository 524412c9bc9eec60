"""What is remembered of a text: enough to know it again, and too little to read it."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise

from services.moderation.domain.text.normal import Normal

_BITS = 63
"""One less than a signed number of 64 bits has room for, as databases have no others."""
_FEWEST = 6
"""With fewer words, texts that have nothing to do with each other are too near."""
_DIGITS = re.compile("[0-9]+")
_PAIR = 2


def masked(normal: Normal) -> tuple[str, ...]:
    """Return the words of a text, numbers made equal, as copies differ in phone number or amount."""
    return tuple(_DIGITS.sub("0", token.text) for token in normal.tokens)


def exact(normal: Normal) -> str:
    """Return the digest of the masked words; empty where there are none."""
    words = masked(normal)
    return hashlib.blake2b(" ".join(words).encode(), digest_size=12).hexdigest() if words else ""


def near(normal: Normal) -> int:
    """Return the 63-bit SimHash of the masked words and pairs of words; 0 where there are too few.

    Charikar, "Similarity estimation techniques from rounding algorithms", 2002.
    """
    words = masked(normal)
    if len(words) < _FEWEST:
        return 0
    features = {*words, *(" ".join(pair) for pair in pairwise(words))}
    # One big addition counts all bits at once: each of them has a lane of 24 bits, wider than any count.
    total = sum(
        _lanes(int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())) for word in features
    )
    half = len(features) // _PAIR
    return sum(1 << bit for bit in range(_BITS) if (total >> (bit * _LANE)) & _LANE_MASK > half)


def distance(first: int, second: int) -> int:
    """Return in how many bits two hashes differ."""
    return (first ^ second).bit_count()


_LANE = 24
_LANE_MASK = (1 << _LANE) - 1
_SPREAD = tuple(sum(1 << (bit * _LANE) for bit in range(8) if byte >> bit & 1) for byte in range(256))


def _lanes(value: int) -> int:
    return sum(_SPREAD[value >> shift & 0xFF] << (shift * _LANE) for shift in range(0, 64, 8))
