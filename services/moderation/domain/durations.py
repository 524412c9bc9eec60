"""Durations as people write them: 24h, 2 दिन, २४ घंटे, ek hafta."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

_MINUTE, _HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
_DAY, _WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)

_UNITS: Final[Mapping[dt.timedelta, tuple[str, ...]]] = {
    _MINUTE: ("m", "min", "mins", "minute", "minutes", "मिनट", "मिनिट", "minat"),
    _HOUR: ("h", "hr", "hrs", "hour", "hours", "घंटा", "घंटे", "घण्टा", "घण्टे", "घन्टे", "ghanta", "ghante"),
    _DAY: ("d", "day", "days", "दिन", "din"),
    _WEEK: ("w", "week", "weeks", "हफ्ता", "हफ्ते", "सप्ताह", "hafta", "hafte", "saptah"),
}
_WORDS: Final[Mapping[str, float]] = {
    **dict.fromkeys(("आधा", "आधे", "aadha", "aadhe", "half"), 0.5),
    **dict.fromkeys(("एक", "ek", "one", "a", "an"), 1),
    **dict.fromkeys(("डेढ़", "dedh"), 1.5),
    **dict.fromkeys(("दो", "do", "two"), 2),
    **dict.fromkeys(("ढाई", "dhai"), 2.5),
    **dict.fromkeys(("तीन", "teen", "three"), 3),
}
_NUKTA: Final = "\u093c"
_ASCII_DIGITS: Final = str.maketrans("०१२३४५६७८९", "0123456789")


def _plain(word: str) -> str:
    return word.replace("ढ़", "ढ").replace(_NUKTA, "")


_LENGTHS: Final = {_plain(name): length for length, names in _UNITS.items() for name in names}
_NUMBERS: Final = {_plain(word): number for word, number in _WORDS.items()}
_DURATION: Final = re.compile(
    rf"(?<![\w@])(\d{{1,5}}|{'|'.join(_NUMBERS)})\s*({'|'.join(sorted(_LENGTHS, key=len, reverse=True))})"
    # `\b` takes a Devanagari vowel sign for the end of a word.
    r"(?![\w\u0900-\u097f])"
)


def duration_in(text: str) -> dt.timedelta | None:
    """Return the first duration that `text` names, None where it names none."""
    found = _DURATION.search(_plain(text.translate(_ASCII_DIGITS).casefold()))
    if found is None:
        return None
    number = _NUMBERS[found[1]] if found[1] in _NUMBERS else float(found[1])
    return _LENGTHS[found[2]] * number
