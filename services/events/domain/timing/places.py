"""The zone a time is said in: IST, Europe/London, London time, UTC+4."""

from __future__ import annotations

import re
from typing import Final

from services.events.domain.timing.tokens import Tokens
from services.events.domain.timing.words import Role, fold
from services.events.domain.timing.zones import INDIA, LONDON, UTC, UnknownZone, canonical

_NEW_YORK: Final = "America/New_York"
_ABBREVIATIONS: Final = {
    "ist": INDIA,
    "utc": UTC,
    "gmt": UTC,
    "bst": LONDON,
    "npt": "Asia/Kathmandu",
    "sgt": "Asia/Singapore",
    "gst": "Asia/Dubai",
    "est": _NEW_YORK,
    "edt": _NEW_YORK,
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
}
_PLACES: Final = {
    fold(word): zone
    for words, zone in (
        ("india indian bharat भारत भारतीय delhi दिल्ली mumbai", INDIA),
        ("london uk लंदन लन्दन ब्रिटेन", LONDON),
        ("dubai uae दुबई", "Asia/Dubai"),
        ("nepal kathmandu नेपाल काठमांडू", "Asia/Kathmandu"),
        ("dhaka bangladesh ढाका", "Asia/Dhaka"),
        ("singapore सिंगापुर", "Asia/Singapore"),
        ("york न्यूयॉर्क", _NEW_YORK),
        ("toronto टोरंटो", "America/Toronto"),
        ("sydney सिडनी", "Australia/Sydney"),
        ("berlin germany", "Europe/Berlin"),
        ("tokyo", "Asia/Tokyo"),
    )
    for word in words.split()
}
_HALF_HOURS: Final = {
    (5, 30): INDIA,
    (5, 45): "Asia/Kathmandu",
    (4, 30): "Asia/Kabul",
    (3, 30): "Asia/Tehran",
    (6, 30): "Asia/Yangon",
    (9, 30): "Australia/Darwin",
}
_AREAS: Final = frozenset(
    (
        *("africa", "america", "antarctica", "arctic", "asia", "atlantic", "australia", "etc", "europe"),
        *("indian", "pacific", "us"),
    )
)
_IANA: Final = re.compile(r"[A-Za-z]{2,14}(?:/[A-Za-z0-9_+-]{1,32}){1,2}")
_EASTMOST: Final = 14
_WESTMOST: Final = -12


def read_place(tokens: Tokens, at: int, text: str) -> tuple[str, int] | None:
    """Read a zone that begins at a token; return its canonical name with the place after it."""
    token = tokens[at]
    if token.text in {"utc", "gmt"} and tokens[at + 1].text in {"+", "-"} and tokens[at + 2].is_glued:
        return _offset(tokens, at)
    if token.text in _ABBREVIATIONS:
        return _ABBREVIATIONS[token.text], at + 1
    if token.text in _AREAS and tokens.follows(at + 1, "/"):
        match = _IANA.match(text, token.start)
        name = _known(match[0]) if match else None
        if match and name:
            after = at
            while after < len(tokens) and tokens[after].start < match.end():
                after += 1
            return name, after
    begin = at + 1 if token.text == "new" and tokens[at + 1].text == "york" else at
    place = _PLACES.get(tokens[begin].text)
    after = begin + 2 if Role.OF in tokens[begin + 1].sense.roles else begin + 1
    if place and Role.TIME in tokens[after].sense.roles:
        return place, after + 1
    return None


def is_place(word: str) -> bool:
    """Whether a zone may begin with this folded word."""
    return word in _ABBREVIATIONS or word in _PLACES or word in _AREAS or word == "new"


def _known(name: str) -> str | None:
    for spelled in (name, name.title().replace("_Of_", "_of_")):
        try:
            return canonical(spelled)
        except UnknownZone:
            continue
    return None


def _offset(tokens: Tokens, at: int) -> tuple[str, int] | None:
    hours = tokens[at + 2].number
    if hours is None:
        return None
    minutes, after = 0, at + 3
    if tokens.follows(at + 3, ":") and tokens[at + 4].number is not None:
        minutes, after = tokens[at + 4].number or 0, at + 5
    signed = hours if tokens[at + 1].text == "+" else -hours
    if minutes:
        zone = _HALF_HOURS.get((signed, minutes))
        return (zone, after) if zone else None
    if not _WESTMOST <= signed <= _EASTMOST:
        return None
    # POSIX counts westwards: Etc/GMT-4 is four hours ahead of Greenwich.
    return (f"Etc/GMT{-signed:+d}" if signed else UTC), after
