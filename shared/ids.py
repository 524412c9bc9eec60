"""Ids that are the same each time the same thing happens, and random ones for people and chats."""

from __future__ import annotations

import secrets
import uuid

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:chaupal")


def deterministic_id(*natural_key: str) -> str:
    """Return the id of the thing that `natural_key` names.

    A redelivered webhook, a handler that runs again and a replayed dead letter must produce the same id,
    because every inbox collapses them by it.
    """
    # Length-prefixed, so that ("a", "bc") and ("ab", "c") are different things.
    name = "".join(f"{len(part)}:{part}" for part in natural_key)
    return str(uuid.uuid5(_NAMESPACE, name.encode("utf-8", "surrogatepass").hex()))


def random_id(prefix: str) -> str:
    """Return a new id such as `m_9f…`: it must not be derivable from the address it stands for."""
    return f"{prefix}_{secrets.token_hex(10)}"
