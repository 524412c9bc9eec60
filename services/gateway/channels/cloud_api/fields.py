"""Reads single values out of JSON whose shape is only promised, never assured."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from services.gateway.domain.items import Address, AddressKind

MILLISECONDS_FROM = 10**11
"""A unix time this large is in milliseconds: as seconds it would lie beyond the year 5000."""

MAX_IDENTIFIER = 1024
"""Above every id and address that providers give."""

_BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_NOT_DIGITS = re.compile(r"[\s()+-]")


def text(part: Mapping[str, Any], *path: str) -> str | None:
    """Return the non-empty string at `path`, without what a database or a terminal could trip over."""
    value: Any = part
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return clean(str(value)) or None


def identifier(part: Mapping[str, Any], *path: str) -> str | None:
    """Return the id or address at `path`.

    Raises:
        ValueError: it is longer than any can be, so it must become no key of ours.
    """
    if (value := text(part, *path)) is not None and len(value) > MAX_IDENTIFIER:
        raise ValueError("an id of absurd length")
    return value


def clean(value: str) -> str:
    """Return `value` without NUL and lone surrogates: both are legal in JSON and in no UTF-8 store."""
    if value.isascii() and "\0" not in value:
        return value
    paired = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return paired.replace("\0", "\ufffd")


def dicts(part: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects in the list called `name`; everything else in it is passed over."""
    found = part.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def error_codes(part: Mapping[str, Any]) -> tuple[int | str, ...]:
    """Return the codes of the errors that stand beside `part`."""
    return tuple(code for each in dicts(part, "errors") if (code := error_code(each)) is not None)


def error_code(part: Mapping[str, Any]) -> int | str | None:
    """Return the code of an error; Meta's own include 0."""
    code = part.get("code")
    return code if isinstance(code, (int, str)) and not isinstance(code, bool) and code != "" else None


def instant(value: object) -> dt.datetime | None:
    """Return a timestamp given as seconds or milliseconds, in a number or its text; None if it is neither."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = float(value)
        if seconds >= MILLISECONDS_FROM:
            seconds /= 1000
        return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def address(value: str | None, kind: AddressKind = AddressKind.PHONE) -> Address | None:
    """Return the address that `value` is; a business-scoped id is one wherever it stands."""
    if not value:
        return None
    if _BSUID.fullmatch(value):
        parent = ".ENT." in value
        return Address(AddressKind.PARENT_BUSINESS_SCOPED if parent else AddressKind.BUSINESS_SCOPED, value)
    bare = _NOT_DIGITS.sub("", value) if kind is AddressKind.PHONE else value
    # A number of which nothing is left would make one person of everybody who has none.
    return Address(kind, bare) if bare else None
