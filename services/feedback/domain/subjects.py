"""What a REST client asks a decision about; a bundle takes its keys from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SuggestionSubject:
    """A suggestion, and the one it is to be part of, where that is asked for."""

    suggestion_id: str
    into_id: str | None = None
