"""What a REST client asks a decision about; a bundle takes its keys from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClaimsSubject:
    """Weeks with claims that are taken back, or given again."""

    scope: str
    weeks: tuple[str, ...]
    """By their keys."""
