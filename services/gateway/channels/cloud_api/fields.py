"""Reads single values out of JSON whose shape is only promised, never assured."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from services.gateway.domain import instants
from services.gateway.domain.items import Address, AddressKind

instant = instants.instant

MAX_IDENTIFIER = 1024
"""Above every id and address that providers give."""

MAX_FILENAME = 256
MAX_ERRORS = 16
"""How many errors of one part are read; nothing is decided by more than the first few."""

_MAX_CODE = 10**9
_ENDING = 20
"""How much of the end of a name is kept where its middle has to go: it says what the file is."""

_TOKEN = re.compile("[!-~](?:[ -~]{0,126}[!-~])?")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
"""Invisible too, but Indian scripts are written with them."""

_BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_NOT_DIGITS = re.compile(r"[\s()+-]")


def text(part: Mapping[str, Any], name: str, *inside: str) -> str | None:
    """Return the non-empty string at a path, without what a database or a terminal could trip over.

    Args:
        part: where the path begins.
        name: its first step.
        inside: the steps that follow.
    """
    value = part.get(name) if isinstance(part, dict) else None
    for each in inside:
        value = value.get(each) if isinstance(value, dict) else None
    if value is None:
        # So it is of most of what may stand in a message.
        return None
    # Told apart by their types, which is quicker: bool is an int, and no text.
    if type(value) is str:
        return clean(value) or None
    return str(value) if type(value) is int else None


def identifier(part: Mapping[str, Any], *path: str) -> str | None:
    """Return the id or address at `path`.

    Raises:
        ValueError: it is longer than any can be, so it must become no key of ours.
    """
    if (value := text(part, *path)) is not None and len(value) > MAX_IDENTIFIER:
        raise ValueError("an id of absurd length")
    return value


def token(part: Mapping[str, Any], name: str) -> str | None:
    """Return a word of a protocol, such as a mime type; None where it could break a header it is put into."""
    value = part.get(name)
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else None


def filename(part: Mapping[str, Any], name: str) -> str | None:
    """Return the name of a file, without what makes it look like another one or leads to another folder."""
    given = (text(part, name) or "")[: 16 * MAX_FILENAME]
    shown = "".join(
        each for each in given if each in _JOINERS or unicodedata.category(each) not in _INVISIBLE
    )
    flat = shown.replace("/", "_").replace("\\", "_").strip()
    if len(flat) > MAX_FILENAME:
        flat = flat[: MAX_FILENAME - _ENDING] + flat[-_ENDING:]
    return flat or None


def number(part: Mapping[str, Any], name: str) -> float | None:
    """Return a finite number, or the text of one."""
    value = part.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def required(part: Mapping[str, Any], name: str) -> str:
    """Return the id or address at `name`.

    Raises:
        KeyError: there is none.
        ValueError: it is longer than any can be.
    """
    if (value := identifier(part, name)) is None:
        raise KeyError(name)
    return value


def clean(value: str) -> str:
    """Return `value` without NUL and lone surrogates: both are legal in JSON and in no UTF-8 store."""
    if "\0" not in value and _is_unicode(value):
        return value
    paired = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return paired.replace("\0", "\ufffd")


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def dicts(part: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects in the list called `name`; everything else in it is passed over."""
    found = part.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def error_codes(part: Mapping[str, Any]) -> tuple[int | str, ...]:
    """Return the codes of the errors that stand beside `part`."""
    errors = dicts(part, "errors")[:MAX_ERRORS]
    return tuple(code for each in errors if (code := error_code(each)) is not None)


def error_code(part: Mapping[str, Any]) -> int | str | None:
    """Return the code of an error; Meta's own include 0."""
    code = part.get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        return code if abs(code) < _MAX_CODE else None
    return clean(code)[:64] or None if isinstance(code, str) else None


def addresses(*given: tuple[str | None, AddressKind]) -> tuple[Address, ...]:
    """Return one address of each kind among those of one person, the most reliable kind first.

    Of two of a kind the first counts: what stands farther away may be about somebody else.
    """
    found: dict[AddressKind, Address] = {}
    for value, kind in given:
        if value and (each := address(value, kind)) is not None:
            found.setdefault(each.kind, each)
    if len(found) < 2:  # noqa: PLR2004 - nearly everybody has one name: there is nothing to order
        return tuple(found.values())
    return tuple(found[kind] for kind in AddressKind if kind in found)


def named(person: object) -> tuple[Address, ...]:
    """Return all names of `person`, an object or just a name, the most reliable first."""
    part = person if isinstance(person, dict) else {"input": person}
    return addresses(
        (identifier(part, "wa_id"), AddressKind.PHONE),
        (identifier(part, "user_id"), AddressKind.BUSINESS_SCOPED),
        (identifier(part, "parent_user_id"), AddressKind.PARENT_BUSINESS_SCOPED),
        # What somebody typed in comes last: it may lack the country, and is all there is at times.
        (identifier(part, "input"), AddressKind.PHONE),
    )


def address(value: str | None, kind: AddressKind = AddressKind.PHONE) -> Address | None:
    """Return the address that `value` is; a business-scoped id is one wherever it stands."""
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return Address(kind, value)
    bare = _NOT_DIGITS.sub("", value) if kind is AddressKind.PHONE else value
    if _BSUID.fullmatch(bare):
        parent = ".ENT." in bare
        return Address(AddressKind.PARENT_BUSINESS_SCOPED if parent else AddressKind.BUSINESS_SCOPED, bare)
    # A number of which nothing is left would make one person of everybody who has none.
    return Address(kind, bare) if bare else None
