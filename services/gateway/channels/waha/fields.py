"""Reads single values out of JSON whose shape changes with the engine and with its version."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from services.gateway.domain import instants

instant = instants.instant

MAX_IDENTIFIER = 1024
"""Above every id and address that WhatsApp gives."""

MAX_NAME = 128
"""Longest name of a person that is kept: the sender chose it, and WhatsApp itself allows 25 characters."""

Part = Mapping[str, Any]
"""An object somewhere in a webhook."""

NOTHING: Part = {}


def at(part: object, *path: str) -> Any:
    """Return what is at `path`, None where the way there ends early."""
    for name in path:
        if not isinstance(part, Mapping):
            return None
        part = part.get(name)
    return part


def section(part: object, *path: str) -> Part:
    """Return the object at `path`, an empty one where there is none."""
    found = at(part, *path)
    return found if isinstance(found, Mapping) else NOTHING


def text(part: object, *path: str, limit: int | None = None) -> str | None:
    """Return the non-empty string at `path`, without what a database or a terminal could trip over.

    Args:
        part: the object to look in.
        path: the names on the way.
        limit: what is beyond so many characters is cut off.
    """
    value = at(part, *path)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return clean(str(value)[:limit]) or None


def identifier(part: object, *path: str) -> str | None:
    """Return the id or address at `path`, also where an engine wraps it in an object of its own.

    Raises:
        ValueError: it is longer than any can be, so it must become no key of ours.
    """
    value = at(part, *path)
    if isinstance(value, Mapping):
        # The browser engines hand out their own objects now and then.
        value = value.get("_serialized")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    found = clean(str(value))
    if len(found) > MAX_IDENTIFIER:
        raise ValueError("an id of absurd length")
    return found or None


def name(part: object, *path: str) -> str | None:
    """Return a name that somebody chose for themselves, on one line and of a length that can be shown."""
    if (found := text(part, *path, limit=4 * MAX_NAME)) is None:
        return None
    # Format characters stay: joiners are part of Devanagari and of emoji.
    kept = "".join(" " if unicodedata.category(each) == "Cc" or each == "\ufffd" else each for each in found)
    return " ".join(kept.split())[:MAX_NAME] or None


def flag(part: object, *path: str) -> bool | None:
    """Return the truth value at `path`, None where there is none."""
    value = at(part, *path)
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def number(part: object, *path: str) -> float | None:
    """Return the number at `path`, also where it is written as text; None where there is none."""
    value = at(part, *path)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def dicts(part: object, *path: str) -> Iterator[Part]:
    """Yield the objects in the list at `path`; everything else in it is passed over."""
    found = at(part, *path)
    if isinstance(found, list):
        yield from (each for each in found if isinstance(each, Mapping))


def clean(value: str) -> str:
    """Return `value` without NUL and lone surrogates: both are legal in JSON and in no UTF-8 store."""
    if value.isascii() and "\0" not in value:
        return value
    paired = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return paired.replace("\0", "\ufffd")
