"""API keys for machines: `key_<id>_<secret>`, kept as a hash with scopes and an expiry date."""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from shared.errors import Forbidden, Unauthenticated

SECRET_BYTES = 32
_DIGEST = re.compile("[0-9a-f]{64}", re.IGNORECASE)
_NO_DIGEST = "0" * 64
"""Compared with where there is no such key, so that the answer takes as long."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a request: the id of their key and what it allows."""

    id: str
    scopes: frozenset[str]

    def must(self, scope: str) -> None:
        """Raise `Forbidden` unless this actor holds `scope`."""
        if scope not in self.scopes:
            raise Forbidden(f"This needs a key with the scope {scope}.")


@dataclass(frozen=True, slots=True)
class HashedKey:
    """What is stored of a key; the key itself is shown once, when it is made."""

    id: str
    digest: str
    scopes: frozenset[str]
    expires: dt.date | None = None

    @classmethod
    def parse(cls, line: str) -> HashedKey:
        """Read `<id>:<sha256>:<scope>+<scope>[:<YYYY-MM-DD>]`.

        Raises:
            ValueError: the line has another shape.
        """
        parts = line.split(":")
        # A scope is written with a colon too (`policies:write`), so the fixed parts are taken from the ends.
        expires = _date_or_none(parts[-1])
        scopes = ":".join(parts[2:-1] if expires else parts[2:])
        if len(parts) < 3 or not parts[0].isalnum() or not _DIGEST.fullmatch(parts[1]) or not scopes:  # noqa: PLR2004
            raise ValueError("an API key is written id:sha256:scope+scope[:YYYY-MM-DD]")
        return cls(parts[0], parts[1].lower(), frozenset(scopes.split("+")), expires)

    def __str__(self) -> str:
        expires = f":{self.expires.isoformat()}" if self.expires else ""
        return f"{self.id}:{self.digest}:{'+'.join(sorted(self.scopes))}{expires}"


class KeyRing:
    """The keys a process accepts."""

    def __init__(self, *keys: HashedKey) -> None:
        self._keys = {key.id: key for key in keys}

    def __iter__(self) -> Iterator[HashedKey]:
        return iter(self._keys.values())

    def authenticate(self, key: str, today: dt.date) -> Actor:
        """Return the actor that `key` belongs to.

        Raises:
            Unauthenticated: the key is malformed, unknown, wrong or expired; the sentence does not say
                which, so that it helps nobody to guess.
        """
        label, _, rest = key.partition("_")
        key_id, _, _secret = rest.partition("_")
        stored = self._keys.get(key_id) if label == "key" else None
        right = hmac.compare_digest(stored.digest if stored else _NO_DIGEST, _digest(key))
        if stored is None or not right or (stored.expires and stored.expires < today):
            raise Unauthenticated("This needs a valid API key in the header Authorization: Bearer key_….")
        return Actor(stored.id, stored.scopes)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(cls._validate)

    @classmethod
    def _validate(cls, value: object) -> KeyRing:
        if isinstance(value, KeyRing):
            return value
        return cls(*(HashedKey.parse(line) for line in str(value).split()))


def new_key(key_id: str, scopes: frozenset[str], expires: dt.date | None = None) -> tuple[str, HashedKey]:
    """Return a fresh key, to be shown once, and what to store of it."""
    key = f"key_{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
    return key, HashedKey(key_id, _digest(key), scopes, expires)


def _digest(key: str) -> str:
    # A key carries 256 random bits, so a fast hash is enough: there is no dictionary to try.
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _date_or_none(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def main() -> None:
    """Make a key on the command line: the first line goes to its user, the second into `API_KEYS`."""
    parser = argparse.ArgumentParser(prog="python -m shared.http.keys", description=main.__doc__)
    parser.add_argument("id", help="a short name in letters and digits, for logs")
    parser.add_argument("scopes", nargs="+", help="for example policies:write")
    parser.add_argument("--expires", type=dt.date.fromisoformat, help="last day, YYYY-MM-DD")
    given = parser.parse_args()
    if not given.id.isalnum():
        parser.error("the id takes letters and digits only")
    key, stored = new_key(given.id, frozenset(given.scopes), given.expires)
    print(key, stored, sep="\n")  # noqa: T201 - this is the command's output


if __name__ == "__main__":
    main()
