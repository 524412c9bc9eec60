"""The deeper fold of single words, for matching words only: spellings of one word meet in one form.

Romanised Hindi has no spelling. नौकरी, naukri, nokri and naukari fold to `nokri`; the skeleton keeps
consonants alone, for words whose vowels were taken out.
"""

from __future__ import annotations

import re
from functools import lru_cache

from shared.spelling import devanagari

_LONGEST = 48
"""Longer words are no words; they are cut, so that the memory of folds stays small."""

_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
_AT_END = re.compile("(?<=[a-z]{3})[0134@$]$")
_SOUNDS = (
    (re.compile("chh*"), "C"),
    (re.compile("c(?=[eiy])"), "s"),
    (re.compile("ck|c|q"), "k"),
    (re.compile("ph"), "f"),
    (re.compile("sh+"), "s"),
    (re.compile("w"), "v"),
    (re.compile("z"), "j"),
    (re.compile("x"), "ks"),
    (re.compile("aa+"), "a"),
    (re.compile("ee+|ii+"), "i"),
    (re.compile("oo+|uu+|ou"), "u"),
    (re.compile("au|av(?![aeiou])"), "o"),
    (re.compile("a[iy](?![aeiou])|ei"), "e"),
    (re.compile("iy?(?=[aou])"), "iy"),
    (re.compile("(?<=[^aeiou])y$"), "i"),
    (re.compile("m(?=[pbf])"), "n"),
)
_SILENT = re.compile("([aeiou](?:h[bdgjkpt]|[^aeiouh]))a(?=(?:h[bdgjkpt]|[^aeiouh])[aeiou])")
"""The vowel that Hindi drops between two syllables, written or not; from the end of a word on."""
_DOUBLE = re.compile("([^\\W\\d])\\1+")
_NOT_IN_SKELETON = re.compile("[^bcdfgjklmnprstv*]+")


def fold(word: str) -> str:
    """Return the form in which spellings of `word`, a token of a normal form, meet: Latin letters mostly."""
    return word if word.startswith("<") else _fold(word[:_LONGEST])


@lru_cache(maxsize=20_000)
def skeleton(word: str) -> str:
    """Return the consonants of the folded `word`, doubles once; a `*` may stand for any, and stays."""
    bare = _NOT_IN_SKELETON.sub("", fold(word))
    return re.sub("(.)\\1+", "\\1", bare)


@lru_cache(maxsize=20_000)
def _fold(word: str) -> str:
    if not word.isascii() and devanagari.HAS.search(word):
        word = devanagari.roman(word)
    if not word.isalpha():
        word = _AT_END.sub(lambda hit: hit[0].translate(_LEET), word)
    for sound, plain in _SOUNDS:
        word = sound.sub(plain, word)
    word = _SILENT.sub("\\1", _DOUBLE.sub("\\1", word)[::-1])[::-1]
    return _DOUBLE.sub("\\1", word).replace("C", "c")
