"""What people do to words so that filters miss them: for copies to train with, and for tests.

Every attack is a pure function of a word and a `random.Random`; what a reader understands stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import TypeAlias

Attack: TypeAlias = Callable[[str, Random], str]
"""Returns the disguised word; the word itself where the attack has nothing to hold on to."""

_WORDS = re.compile(r"[^\W\d_](?:[^\W_]|[\u0900-\u0963])*")
_CLUSTERS = re.compile(
    "[\u0904-\u0939\u0958-\u0961][\u0900-\u0903\u093a-\u094d]*(?:\u094d[\u0915-\u0939][\u0900-\u0903\u093a-\u094d]*)*|."
)
_SHORTEST = 4
_OFTEN = 0.6

_LEET = {"a": "4@", "e": "3", "i": "1", "o": "0", "s": "5$", "t": "7", "g": "9"}
_TWINS = {
    "a": "аα",
    "c": "с",
    "e": "е",
    "i": "іι",
    "o": "оο",
    "p": "р",
    "x": "х",
    "y": "у",
    "s": "ѕ",
    "h": "һ",
    "k": "κ",
    "d": "ԁ",
}
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_EMOJI = "😂🔥💯🙏😡⭐"
_SIGNS = ".-_*~"
_ITALIC = 0x1D434
_FANCY = (0x1D400, _ITALIC, 0x1D468, 0x1D4D0, 0x1D504, 0x1D56C, 0x1D5A0, 0x1D5D4, 0x1D670)
"""Where alphabets of mathematical letters begin: bold, italic, script, fraktur, sans-serif, monospace."""
_SPELLINGS = (
    ("aa", "a"), ("ee", "i"), ("oo", "u"), ("ch", "chh"), ("au", "o"), ("ai", "e"), ("v", "w"), ("w", "v"),
    ("iya", "ia"), ("i", "ee"), ("u", "oo"), ("a", "aa"), ("z", "j"), ("ph", "f"), ("k", "q"),
)  # fmt: skip
_HINDI_SPELLINGS = (
    ("ी", "ि"), ("ि", "ी"), ("ू", "ु"), ("ु", "ू"), ("ं", "ँ"), ("ण", "न"), ("श", "ष"), ("ड", "ड\u093c"),
    ("ं", "न्"), ("ज", "ज\u093c"),
)  # fmt: skip


def leet(word: str, random: Random) -> str:
    """Digits and signs for some letters, the first letter left alone."""
    return word[0] + "".join(
        random.choice(_LEET[letter]) if letter in _LEET and random.random() < _OFTEN else letter
        for letter in word[1:]
    )


def zero_width(word: str, random: Random) -> str:
    """Invisible characters between letters."""
    return _between(word, lambda: random.choice(_INVISIBLE) if random.random() < _OFTEN else "")


def homoglyph(word: str, random: Random) -> str:
    """Letters of other alphabets that look the same."""
    return "".join(
        random.choice(_TWINS[letter]) if letter in _TWINS and random.random() < _OFTEN else letter
        for letter in word
    )


def spaced(word: str, _: Random) -> str:
    """A space after each letter."""
    return " ".join(clusters(word))


def punctuation(word: str, random: Random) -> str:
    """The same sign between all letters."""
    return random.choice(_SIGNS[:3]).join(clusters(word))


def emoji(word: str, random: Random) -> str:
    """An emoji between all letters."""
    return random.choice(_EMOJI).join(clusters(word))


def repeats(word: str, random: Random) -> str:
    """One letter held down."""
    letters = clusters(word)
    place = random.randrange(len(letters))
    last = letters[place][-1]
    letters[place] += last * random.randint(2, 5)
    return "".join(letters)


def fancy(word: str, random: Random) -> str:
    """Mathematical letters."""
    first = random.choice(_FANCY)
    return "".join(
        chr(first + 26 + ord(letter) - ord("a"))
        if "a" <= letter <= "z" and _assigned(first, letter)
        else letter
        for letter in word.lower()
    )


def masked(word: str, random: Random) -> str:
    """A `*` for a vowel, or for a letter in the middle where there is none."""
    places = [place for place in range(1, len(word) - 1) if word[place] in "aeiou"] or [len(word) // 2]
    place = random.choice(places)
    return f"{word[:place]}*{word[place + 1 :]}"


def vowelless(word: str, _: Random) -> str:
    """No vowels but a first one."""
    return word[0] + re.sub("[aeiou]", "", word[1:])


def respelled(word: str, random: Random) -> str:
    """Another romanisation, or another habit of writing Devanagari."""
    pairs = [pair for pair in (*_SPELLINGS, *_HINDI_SPELLINGS) if pair[0] in word[1:]]
    if not pairs:
        return word
    old, new = random.choice(pairs)
    return word[0] + word[1:].replace(old, new, 1)


ATTACKS: Mapping[str, Attack] = {
    "leet": leet,
    "zero_width": zero_width,
    "homoglyph": homoglyph,
    "spaced": spaced,
    "punctuation": punctuation,
    "emoji": emoji,
    "repeats": repeats,
    "fancy": fancy,
    "masked": masked,
    "vowelless": vowelless,
    "respelled": respelled,
}


def disguised(text: str, attack: str, random: Random, share: float = _OFTEN) -> str:
    """Return `text` with a `share` of its words from four letters on under `attack`; `mix` is any.

    Raises:
        KeyError: there is no such attack.
    """
    names = tuple(ATTACKS)

    def change(found: re.Match[str]) -> str:
        word = found[0]
        if len(word) < _SHORTEST or random.random() >= share:
            return word
        return ATTACKS[random.choice(names) if attack == "mix" else attack](word, random)

    return _WORDS.sub(change, text)


def clusters(word: str) -> list[str]:
    """Return what a reader calls the letters of a word: in Devanagari, with everything that hangs on them."""
    return _CLUSTERS.findall(word)


def _between(word: str, filler: Callable[[], str]) -> str:
    letters = clusters(word)
    return letters[0] + "".join(filler() + letter for letter in letters[1:])


def _assigned(first: int, letter: str) -> bool:
    # Planck's constant stands where the italic h would be.
    return not (first == _ITALIC and letter == "h")
