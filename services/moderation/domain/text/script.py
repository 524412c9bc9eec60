"""Which script and language a text is written in, as far as letters and common words tell."""

from __future__ import annotations

import re

from services.moderation.domain.judging.verdict import Script
from services.moderation.domain.lexicon import words

_WORDS = re.compile("[a-z]+")
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_ELSEWHERE = re.compile("[^\\W\\d_a-z\u0900-\u097f]")
_MASK = re.compile("<[a-z]+>")
_MIXED = 0.2
"""From this share of Latin letters on, a Devanagari text is written in both scripts."""

HINDI = words("hindi_romanised")
"""Common Hindi words in Latin letters that are no common English words, or hardly ever."""
_BOTH = words("hindi_and_english")
"""Those among them that an English sentence may hold as well: they count only beside others."""
_ENOUGH = 0.12


def script_of(text: str) -> Script:
    """Return how a text in normal form is written; OTHER where there is nothing to tell by."""
    text = _MASK.sub(" ", text)
    devanagari = len(_DEVANAGARI.findall(text))
    words = _WORDS.findall(text)
    latin = sum(map(len, words))
    elsewhere = len(_ELSEWHERE.findall(text)) if not text.isascii() else 0
    if devanagari + latin <= elsewhere:
        return Script.OTHER
    if devanagari:
        return Script.HINGLISH if latin > _MIXED * devanagari else Script.DEVANAGARI
    sure = sum(word in HINDI and word not in _BOTH for word in words)
    perhaps = sum(word in _BOTH for word in words)
    if sure and (sure + perhaps) >= _ENOUGH * len(words):
        return Script.HINGLISH
    return Script.ENGLISH
