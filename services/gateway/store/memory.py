"""What a process remembers of the database, within a bound."""

from __future__ import annotations

from typing import TypeVar

ValueT = TypeVar("ValueT")

CACHED = 100_000
"""Ids kept in memory: an address is looked up once, then every message of its owner is free."""


def keep(cache: dict[str, ValueT], key: str, value: ValueT) -> None:
    """Put something into a cache, making room by dropping what came first."""
    while len(cache) >= CACHED:
        cache.pop(next(iter(cache)))
    cache[key] = value
