"""What is remembered of a text: enough to know it again, and too little to read it."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise

import numpy as np

from services.moderation.domain.text.normal import Normal

_BITS = 63
"""One less than a signed number of 64 bits has room for, as databases have no others."""
_FEWEST = 6
"""With fewer words, texts that have nothing to do with each other are too near."""
_DIGITS = re.compile("[0-9]+")


def masked(normal: Normal) -> str:
    """Return the words of a text, numbers made equal, as copies differ in phone number or amount."""
    return _DIGITS.sub("0", " ".join([token.text for token in normal.tokens]))


def exact(normal: Normal) -> str:
    """Return the digest of the masked words; empty where there are none."""
    words = masked(normal)
    return hashlib.blake2b(words.encode(), digest_size=12).hexdigest() if words else ""


def near(normal: Normal) -> int:
    """Return the 63-bit SimHash of the masked words and pairs of words; 0 where there are too few.

    Charikar, "Similarity estimation techniques from rounding algorithms", 2002.
    """
    if len(normal.tokens) < _FEWEST:
        return 0
    words = masked(normal).split(" ")
    features = {*words, *map(" ".join, pairwise(words))}
    digests = b"".join([hashlib.blake2b(each.encode(), digest_size=8).digest() for each in features])
    bits = np.unpackbits(np.frombuffer(digests, np.uint8).reshape(len(features), -1), axis=1)
    majority = np.packbits(bits.sum(axis=0) > len(features) // 2)
    return int.from_bytes(majority.tobytes()) & (1 << _BITS) - 1


def distance(first: int, second: int) -> int:
    """Return in how many bits two hashes differ."""
    return (first ^ second).bit_count()
