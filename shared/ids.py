"""Ids that are the same each time the same thing happens, and random ones for people and chats."""

from __future__ import annotations

import hashlib
import secrets
import uuid

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:chaupal").bytes


def deterministic_id(*natural_key: str) -> str:
    """Return the id of the thing that `natural_key` names: a UUID of version 5 (RFC 9562, section 5.5).

    A redelivered webhook, a handler that runs again and a replayed dead letter must produce the same id,
    because every inbox collapses them by it.
    """
    # Length-prefixed, so that ("a", "bc") and ("ab", "c") are different things.
    name = "".join([f"{len(part)}:{part}" for part in natural_key]).encode("utf-8", "surrogatepass")
    digest = bytearray(hashlib.sha1(_NAMESPACE + name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    # Written out because uuid.UUID costs four times as much, and every event of every batch gets an id.
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def random_id(prefix: str) -> str:
    """Return a new id such as `m_9f…`: it must not be derivable from the address it stands for."""
    return f"{prefix}_{secrets.token_hex(10)}"
