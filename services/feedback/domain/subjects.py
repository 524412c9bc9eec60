"""What a REST client asks a decision about; a bundle takes its keys from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChatSubject:
    """A group, for which a strategy is registered."""

    chat_id: str
    suggestion_id: str | None = None
    """Which suggestion it carries out."""


@dataclass(frozen=True, slots=True)
class StrategySubject:
    """A strategy."""

    scope: str
    strategy_id: str


@dataclass(frozen=True, slots=True)
class SuggestionSubject:
    """A suggestion, and the one it is to be part of, where that is asked for."""

    suggestion_id: str
    into_id: str | None = None
