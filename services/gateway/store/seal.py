"""Keeps addresses so that whoever reads the database, or a backup of it, learns none."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.errors import PermanentError, SettingsError, StoreUnavailable
from shared.store.client import Database, Document, translated

KEY_BYTES = 32
NONCE_BYTES = 12
NAME_BYTES = 4
"""How much of a ciphertext tells which key made it."""

COLLECTION = "seals"
_LOOKUP = "lookup"


def _derived(key: bytes, purpose: str) -> bytes:
    return hmac.digest(key, f"chaupal addresses {purpose}".encode(), hashlib.sha256)


class Box:
    """Seals with the first of its keys and opens with any: that is how a key is replaced.

    What is sealed is bound to what it is about, so a value moved to another document does not open there.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {_derived(key, "name")[:NAME_BYTES]: AESGCM(_derived(key, "seal")) for key in keys}
        self.name = next(iter(self._keys))
        """Which key seals; it is kept beside what was sealed, so that what is to be sealed again is found."""

    def close(self, content: bytes, about: bytes) -> bytes:
        """Return `content`, sealed."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self.name + nonce + self._keys[self.name].encrypt(nonce, content, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Return what `close` was given.

        Raises:
            StoreUnavailable: none of the keys has sealed it. A start with the right ones can read it, so
                nothing is given up for it.
            PermanentError: it was changed, or is about something else.
        """
        cipher = self._keys.get(sealed[:NAME_BYTES])
        if cipher is None:
            raise StoreUnavailable("Something is sealed with a key that is not in GATEWAY_ADDRESS_KEYS.")
        nonce, rest = sealed[NAME_BYTES : NAME_BYTES + NONCE_BYTES], sealed[NAME_BYTES + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, rest, about)
        except InvalidTag:
            raise PermanentError("Something sealed was changed, or belongs elsewhere.") from None


class Seal:
    """How addresses are kept: found by a keyed hash, written so that only the keys read them.

    The hash has a key of its own, which lies in the database under the seal of the configured ones. It is
    the same for ever, so replacing those keys changes no hash, and two processes with different lists of keys
    never take one address for two.
    """

    def __init__(self, box: Box, lookup_key: bytes) -> None:
        self.box = box
        self._lookup_key = lookup_key

    @classmethod
    def passing(cls) -> Seal:
        """Return a seal whose keys end with this process: what it seals, nobody reads later."""
        return cls(Box([secrets.token_bytes(KEY_BYTES)]), secrets.token_bytes(KEY_BYTES))

    def lookup(self, name: str) -> bytes:
        """Return what `name` is found by: the same each time, and no way back."""
        return hmac.digest(self._lookup_key, name.encode("utf-8", "surrogatepass"), hashlib.sha256)

    def close(self, text: str, about: bytes) -> bytes:
        """Return `text`, sealed for the document that `about` names."""
        return self.box.close(text.encode("utf-8", "surrogatepass"), about)

    def open(self, sealed: bytes, about: bytes) -> str:
        """Return what `close` was given; see `Box.open`."""
        return self.box.open(sealed, about).decode("utf-8", "surrogatepass")


UNKEPT = Seal.passing()
"""For whoever has no keys: better unreadable after the end of the process than readable by everybody."""


async def open_seal(database: Database, keys: Sequence[bytes]) -> Seal:
    """Return the seal of `database`, making its lookup key at the first start; without `keys`, `UNKEPT`.

    Raises:
        SettingsError: none of `keys` is one of this database.
        StoreUnavailable: the database does not answer.
    """
    if not keys:
        return UNKEPT
    box, about = Box(keys), _LOOKUP.encode()
    document = await _kept_or_made(database, box.close(secrets.token_bytes(KEY_BYTES), about))
    sealed = bytes(document["sealed"])  # type: ignore[call-overload]
    try:
        lookup_key = box.open(sealed, about)
    except StoreUnavailable:
        raise SettingsError("GATEWAY_ADDRESS_KEYS holds none of the keys of this database.") from None
    if sealed[:NAME_BYTES] != box.name:
        again = {"$set": {"sealed": box.close(lookup_key, about)}}
        async with translated():
            await database[COLLECTION].update_one({"_id": _LOOKUP, "sealed": sealed}, again)
    return Seal(box, lookup_key)


async def _kept_or_made(database: Database, made: bytes) -> Document:
    async with translated():
        for _ in range(2):
            try:
                document = await database[COLLECTION].find_one_and_update(
                    {"_id": _LOOKUP},
                    {"$setOnInsert": {"sealed": made}},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                # Another process starts for the first time beside this one, and its key is there now.
                continue
            assert document is not None  # noqa: S101 - an upsert leaves a document
            return document
    raise StoreUnavailable("The database neither keeps nor takes the lookup key.")
