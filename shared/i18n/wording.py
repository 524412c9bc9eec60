"""What no reply may say, whoever writes it.

A text is searched for phrases in which two ideas stand close together in one sentence: something certain
and an income, a recurring time and an amount, an invitation to earn and an amount. What a member has
already earned ("आपने ₹500 कमाए") is a fact and passes.

The search is strict on purpose: a warning *against* such a promise carries the marker
`#. warns-about-income` in its `.po` entry, so that each exception is somebody's visible decision.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from shared.i18n.language import Language

WARNS_ABOUT_INCOME: Final = "warns-about-income"

# `\b` and `\w` take Devanagari vowel signs for the end of a word, so words have their own edges here.
_LETTER = r"[a-z0-9\u0900-\u0963\u0970-\u097f]"
_NEAR = r"[^.।!?\n]{0,40}?"


def _any(*words: str) -> str:
    """Match any of these; a word that ends in `*` may go on."""
    endings = "|".join(word[:-1] if word.endswith("*") else rf"{word}(?!{_LETTER})" for word in words)
    return rf"(?<!{_LETTER})(?:{endings})"


def _together(one: str, other: str) -> str:
    return rf"(?:{one}){_NEAR}(?:{other})|(?:{other}){_NEAR}(?:{one})"


_AMOUNT = "₹|" + _any(
    *("रु", r"रु\.*", r"रु[\d{]*", "रुपय*", "रुपए"),
    *("rs", r"rs\.*", r"rs[\d{]*", "inr", "rupee*", "rupay*", "rupiye"),
)
_RECURRING = _any(
    *("रोज", "रोजाना", "प्रतिदिन", "प्रति माह", "हर दिन", "हर हफ्ते", "हर महीने"),
    *("roz", "rozana", "har din", "har hafte", "har mahine"),
    *("daily", "weekly", "monthly", "(?:per|every|each) (?:day|week|month)"),
)
_CERTAIN = _any(
    *("पक्की", "गारंटी*", "गारन्टी*", "गारेंटी*", "शर्तिया", "निश्चित"),
    *("pakki", "garanti*", "garantee*", "guarant*", "sure ?shot", "assured", "risk[- ]free"),
)
_INCOME = _any(
    *("कमाई", "आमदनी", "आय", "इनकम", "मुनाफ*", "रिटर्न"),
    *("kama+i", "aamdani", "munafa", "income", "earnings?", "profits?", "returns"),
)
_TO_EARN = _any(
    *("कमाए[ँंग]*", "कमाओ*", "कमाइ*", "kama+o*", "kama+y?e+in", "kama+e+n", "kama+i?ye", "earn", "make money"),
)
_EFFORTLESS = _any(
    *("घर बैठे", "बिना मेहनत", "ghar baithe", "bina mehnat"),
    *("(?:from|at) home", "without (?:any )?(?:work|effort)"),
)

_PROMISES = tuple(
    re.compile(phrase)
    for phrase in (
        _together(_CERTAIN, _INCOME),
        _together(_RECURRING, _AMOUNT),
        _together(_TO_EARN, _AMOUNT),
        _together(_EFFORTLESS, _TO_EARN),
        _together(_EFFORTLESS, _INCOME),
        rf"(?:{_AMOUNT})\s?[\d,.]*\s?[ak]?\s(?:a|an) (?:day|week|month)",
        _together(_any("पैसा", "पैसे", "paisa", "paise", "money"), _any("डबल", "दोगुन*", "doubl*", "dugn*")),
        _any("get rich", "passive income"),
    )
)

# A reply says आप to everybody; these are the forms of तू and तुम.
_FAMILIAR: Final = {
    Language.HI: _any("तू", "तुम", "तुझ(?:े|को|से)", "तेर[ाीे]", "तुम(?:ने|को|से|्हें)", "तुम्हार[ाीे]"),
    Language.HI_LATN: _any(
        "tu", "tum", "tujh(?:e|ko|se)", "ter[aie]", "tum(?:ne|ko|se|he|hen|hein|har[aie])"
    ),
}


def promises_income(text: str) -> bool:
    """Tell whether a text promises income."""
    plain = _plain(text)
    return any(promise.search(plain) for promise in _PROMISES)


def is_familiar(text: str, language: Language) -> bool:
    """Tell whether a text speaks to a member as one speaks to a child."""
    familiar = _FAMILIAR.get(language)
    return familiar is not None and re.search(familiar, _plain(text)) is not None


def _plain(text: str) -> str:
    """Fold what a reader would not notice: case, width, nukta."""
    nukta = 0x093C
    return unicodedata.normalize("NFKD", text).casefold().translate({nukta: None})
