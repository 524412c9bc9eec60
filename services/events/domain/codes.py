"""What is derived from the installation's secret: codes, numbers and links that nobody can guess.

Each is an HMAC-SHA256 (RFC 2104) over what it is for, so that none has to be kept, and every process of the
installation knows the same ones. Whoever changes the secret changes them all but the numbers of certificates,
which are kept with these.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from services.events.domain.webinar import Webinar

MAX_TOKEN: Final = 512

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: none is taken for another when it is read out or copied from paper."""
_MISREAD: Final = str.maketrans("OIL", "011")
_GROUPS, _PER_GROUP = 3, 4
_BITS_EACH: Final = 5
_MAC_BYTES: Final = 16
"""Of a token: as many as anybody would have to guess."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What a link for one member to one session says."""

    webinar_id: str
    member_id: str


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of an installation."""

    secret: bytes = field(repr=False)

    def attendance(self, webinar: Webinar) -> str:
        """Return the code that is spoken in a session: four digits, other ones once it has been moved."""
        starts = webinar.starts_at.astimezone(dt.UTC).isoformat(timespec="seconds")
        number = int.from_bytes(self._mac("attendance", webinar.webinar_id, starts)[:8], "big")
        return str(1000 + number % 9000)

    def certificate(self, webinar_id: str, member_id: str, edition: int) -> str:
        """Return the number of a member's certificate: 60 bits, in letters that can be told apart."""
        number = int.from_bytes(self._mac("certificate", webinar_id, member_id, str(edition))[:8], "big")
        letters = ""
        for _ in range(_GROUPS * _PER_GROUP):
            number, digit = number >> _BITS_EACH, number & (1 << _BITS_EACH) - 1
            letters += _LETTERS[digit]
        return "-".join(letters[at : at + _PER_GROUP] for at in range(0, len(letters), _PER_GROUP))

    def join(self, webinar_id: str, member_id: str) -> str:
        """Return the token of a member's own link to a session."""
        return self._token("join", webinar_id, member_id)

    def joining(self, token: str) -> Pass | None:
        """Return whose link to which session a token is of, None for one that is not ours."""
        found = self._opened("join", token)
        return Pass(*found) if found is not None and len(found) == 2 else None  # noqa: PLR2004

    def feed(self, member_id: str) -> str:
        """Return the token of a member's calendar feed."""
        return self._token("feed", member_id)

    def fed(self, token: str) -> str | None:
        """Return whose feed a token is of, None for one that is not ours."""
        found = self._opened("feed", token)
        return found[0] if found is not None and len(found) == 1 else None

    def _mac(self, *about: str) -> bytes:
        # Length-prefixed, so that ("a", "bc") and ("ab", "c") are different things.
        message = "".join(f"{len(part)}:{part}" for part in about).encode("utf-8", "surrogatepass")
        return hmac.digest(self.secret, message, hashlib.sha256)

    def _token(self, purpose: str, *about: str) -> str:
        said = "\n".join(about).encode()
        return f"{_base64(said)}.{_base64(self._mac(purpose, *about)[:_MAC_BYTES])}"

    def _opened(self, purpose: str, token: str) -> tuple[str, ...] | None:
        said, _, _ = token.partition(".")
        if len(token) > MAX_TOKEN or not token.isascii():
            return None
        try:
            about = tuple(
                base64.b64decode(said + "=" * (-len(said) % 4), b"-_", validate=True).decode().split("\n")
            )
        except (binascii.Error, ValueError):
            return None
        # Whole against whole: of several ways to write the same bytes one alone is ours.
        return about if hmac.compare_digest(self._token(purpose, *about), token) else None


def same(one: str, other: str) -> bool:
    """Whether two codes are the same, in a time that does not tell how far they are."""
    return hmac.compare_digest(one.encode(), other.encode())


def certificate_number(written: str) -> str | None:
    """Return the number of a certificate as we write it, however it was copied; None where it is none."""
    letters = "".join(each for each in written.upper() if each.isalnum()).translate(_MISREAD)
    if len(letters) != _GROUPS * _PER_GROUP or not set(letters) <= set(_LETTERS):
        return None
    return "-".join(letters[at : at + _PER_GROUP] for at in range(0, len(letters), _PER_GROUP))


def _base64(of: bytes) -> str:
    return base64.urlsafe_b64encode(of).rstrip(b"=").decode()
