"""Keeps phone numbers, control characters and endless values out of every log line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import MutableMapping
from typing import Any

MAX_LENGTH = 2048
"""Longest value in a log line, in characters: hostile input can be a megabyte."""

# Ten to fifteen digits, as E.164 allows, grouped by spaces, dashes, brackets or the invisible marks that
# address books wrap numbers in. What stands beside letters or inside a UUID is an id of ours: it stays.
_BETWEEN = r"[\s()\-\u00ad\u200b-\u2015\u202a-\u202e\u2060-\u2069\ufeff]{0,3}"
_PHONE = re.compile(rf"(?<![^\W_])(?<![.-])\+?\d(?:{_BETWEEN}\d){{9,14}}(?![\w-])")
_ADDRESS = re.compile(r"\+?\d[\d-]{6,31}@[a-z][a-z.]*")
_WAMID = re.compile(r"wamid\.[\w+/=-]+")

_OURS = re.compile(r"(?!.*wamid)[a-z_.]{1,64}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Names of ours and UUIDs: nearly every value, and nothing of which the patterns above would take a part."""


def redact(text: str) -> str:
    """Return `text` on one line, without phone numbers or provider message ids (which contain one)."""
    if _OURS.fullmatch(text):
        return text
    clipped = text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"
    private = _PHONE.sub("[number]", _ADDRESS.sub("[number]", _WAMID.sub("[wamid]", clipped)))
    # Nearly every value is a short code or an id of ours: it is not worth a look at each character.
    if private.isascii() and private.isprintable():
        return private
    return "".join(each if _harmless(each) else f"\\u{ord(each):04x}" for each in private)


def redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Redact every value of a log line, however deep: a structlog processor."""
    for name, value in event.items():
        # Nearly every value is a name or an id of ours, or a count: it stays, and costs no more than this.
        if not (type(value) is str and _OURS.fullmatch(value)) and type(value) is not int:
            event[name] = _redact_value(value)
    return event


def _redact_value(value: Any) -> Any:
    match value:
        case str():
            return redact(value)
        case dict():
            return {redact(str(key)): _redact_value(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_redact_value(each) for each in value]
        case None | bool() | int() | float():
            return value
        case _:
            return redact(str(value))


def _harmless(character: str) -> bool:
    # Cc, Cf, Zl and Zp break lines and reverse the reading order of a terminal; Cs is not valid in UTF-8.
    return (character.isascii() and character.isprintable()) or unicodedata.category(character) not in {
        "Cc",
        "Cf",
        "Cs",
        "Zl",
        "Zp",
    }
