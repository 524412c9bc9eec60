"""Letters that only look different, made equal: one code point at a time."""

from __future__ import annotations

import re
import unicodedata

_LOOKS_LIKE = {
    # Cyrillic
    **dict(zip("абвгдеёзийкмнопрсту", "abbrdeeeuukmhonpcty", strict=True)),
    **dict(zip("хьіїјѕԁԛԝһӏѵҽґү", "xbiijsdqwhlvery", strict=True)),
    # Greek
    **dict(zip("αβγδεζηθικλμνξοπρσςτυφχω", "abydeznoiklmveonpsstufxw", strict=True)),
    # Armenian and Cherokee, those that people use for Latin letters
    **dict(zip("օոսհցգքզ", "onuhggpq", strict=True)),
    **dict(zip("ᎪᏴᏟᎠᎬᎻᎥᎫᏦᏞᎷᏢᏒᏚᎢᏙᏔᎩᏃ", "abcdehijklmprstvwyz", strict=True)),
    # Latin letters without a decomposition
    "ß": "ss", "æ": "ae", "œ": "oe", "þ": "p", "ð": "d", "ɑ": "a", "ʟ": "l", "ꞵ": "b",
    # Punctuation that keyboards vary
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-",
    "‐": "-", "‑": "-", "।": ".", "॥": ".", "॰": ".", "∗": "*", "٭": "*", "•": "·", "․": ".", "·": "·",
    # Devanagari: signs that people leave out or exchange
    "\u093c": "", "\u0901": "\u0902", "\u0945": "\u0947", "\u0972": "\u0905", "\u0911": "\u0906",
    "\u0949": "\u093e", "\u0929": "\u0928", "\u0931": "\u0930", "\u0934": "\u0933",
    # Nothing to see
    "\u3164": "", "\u115f": "", "\u1160": "", "\u2800": "", "\ufffd": "",
}  # fmt: skip

_NAMED = re.compile(
    r"(?:LATIN (?:SMALL|CAPITAL) LETTER (?:SCRIPT |OPEN |TURNED |DOTLESS |REVERSED )?"
    r"|LATIN LETTER SMALL CAPITAL |NEGATIVE (?:SQUARED|CIRCLED) LATIN CAPITAL LETTER "
    r"|REGIONAL INDICATOR SYMBOL LETTER )([A-Z])\b"
)
_LATIN_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe2f]")
_LONGEST = 4
"""One code point becomes at most so many: U+FDFA is a whole sentence under NFKC."""
_REMEMBERED = 20_000


class Letters(dict[int, str]):
    """What each code point becomes, for `str.translate`; worked out when it is first seen.

    Compatibility forms, case, marks on Latin letters, look-alikes, small capitals, squared letters, regional
    indicators, Indian digits and everything invisible.
    """

    def __missing__(self, point: int) -> str:
        """Return what the code point `point` becomes, the empty string where nothing of it stays."""
        plain = _plain(chr(point))
        if len(self) < _REMEMBERED:
            self[point] = plain
        return plain


def _plain(letter: str) -> str:
    if letter in "\n\u2028\u2029\u0085":
        return "\n"
    category = unicodedata.category(letter)
    if category in {"Cf", "Cs", "Cn", "Co"}:
        return ""
    if category in {"Cc", "Zs"}:
        return " "
    parts = unicodedata.normalize("NFKD", letter)[:_LONGEST].lower()
    return "".join(_part(part) for part in _LATIN_MARKS.sub("", parts))


def _part(letter: str) -> str:
    if letter.isascii():
        return "'" if letter == "`" else letter
    if letter in _LOOKS_LIKE:
        return _LOOKS_LIKE[letter]
    if letter.upper() in _LOOKS_LIKE:
        return _LOOKS_LIKE[letter.upper()]
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    named = _NAMED.match(unicodedata.name(letter, ""))
    return named[1].lower() if named else letter


LETTERS = Letters()
