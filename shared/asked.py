"""A request of a REST client, by which the same one is known when it comes again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from shared.ids import deterministic_id


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands behind an idempotency key."""

    id: str
    digest: str
    """Of what was asked for: the same key with another request is a mistake of the client."""


def asked(actor: str, key: str, body: bytes) -> Asked:
    """Return what `actor` asks for under `key`: the same each time they ask."""
    return Asked(deterministic_id("request", actor, key), hashlib.sha256(body).hexdigest())
