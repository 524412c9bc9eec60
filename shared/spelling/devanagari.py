"""Devanagari: what is a cluster, what is spelled in two ways, and how it reads in Latin letters."""

from __future__ import annotations

import re
import unicodedata

MARKS = "\u0900-\u0903\u093a-\u094d\u0951-\u0957\u0962\u0963"
LETTER = "\u0904-\u0939\u0958-\u0961\u0971-\u097f"
WORD = f"{LETTER}{MARKS}"
CLUSTER = f"[{LETTER}][{MARKS}]*"
"""A letter with everything that hangs on it: what a reader calls one letter."""

HAS = re.compile(f"[{LETTER}]")
HALF_NASAL = re.compile("(?:ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-धटडशस])|म्(?=[प-भ]))")
"""A half nasal before a consonant of its own place, which most people write as an anusvara."""
REPEATED_MARK = re.compile(f"([{MARKS}])\\1+")

_CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलळवशषसह",
        [
            "k",
            "kh",
            "g",
            "gh",
            "n",
            "ch",
            "chh",
            "j",
            "jh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "p",
            "ph",
            "b",
            "bh",
            "m",
            "y",
            "r",
            "l",
            "l",
            "v",
            "sh",
            "sh",
            "s",
            "h",
        ],
        strict=True,
    )
)
_VOWELS = dict(
    zip("अआइईउऊऋएऐओऔऍऑ", ["a", "aa", "i", "ii", "u", "uu", "ri", "e", "ai", "o", "au", "e", "o"], strict=True)
)
_SIGNS = dict(zip("ािीुूृेैोौ", ["aa", "i", "ii", "u", "uu", "ri", "e", "ai", "o", "au"], strict=True))
_HALANT = "\u094d"
ANUSVARA = "\u0902"
_CANDRABINDU = "\u0901"
_NUKTA = "\u093c"
_SPOKEN_OTHERWISE = (("ज्ञ", "ग्य"),)


def plain(text: str) -> str:
    """Return `text` as most people write it: without dots below, and every half nasal an anusvara."""
    bare = unicodedata.normalize("NFD", text).replace(_NUKTA, "").replace(_CANDRABINDU, ANUSVARA)
    return REPEATED_MARK.sub(r"\1", HALF_NASAL.sub(ANUSVARA, unicodedata.normalize("NFC", bare)))


def roman(word: str) -> str:
    """Return how a word of normalised Devanagari is usually written in Latin letters; other letters stay."""
    for written, spoken in _SPOKEN_OTHERWISE:
        word = word.replace(written, spoken)
    out: list[str] = []
    open_syllable = False
    # A last nasal is hardly ever written in Latin letters, and a last inherent vowel is not spoken.
    for letter in word.rstrip(ANUSVARA):
        if letter in _SIGNS:
            out.append(_SIGNS[letter])
            open_syllable = False
            continue
        if letter == _HALANT:
            open_syllable = False
            continue
        if open_syllable:
            out.append("a")
        open_syllable = letter in _CONSONANTS
        if open_syllable:
            out.append(_CONSONANTS[letter])
        elif letter == ANUSVARA:
            out.append("n")
        else:
            out.append(_VOWELS.get(letter, letter))
    return "".join(out)
