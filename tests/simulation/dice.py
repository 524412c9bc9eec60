"""The dice of a simulation."""

from __future__ import annotations

from random import Random


def dice(what: str, seed: float) -> Random:
    """Return the dice that decide `what`: others are thrown without disturbing them."""
    return Random(f"{what} {seed}")  # noqa: S311 - it must be the same again, not secret
