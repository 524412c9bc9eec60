"""What a REST client asks a decision about; a bundle takes its keys from it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChatSubject:
    """A group, for which a strategy is registered."""

    chat_id: str
    suggestion_id: str | None = None
    """Which suggestion it carries out."""


@dataclass(frozen=True, slots=True)
class OpeningSubject:
    """A group, for which a survey is opened."""

    chat_id: str
    request: str
    """By which the same request is known again."""
    most: int
    """How many members are asked at most."""
    at: dt.datetime
    """When: who has rested by then is asked."""


@dataclass(frozen=True, slots=True)
class ReviewSubject:
    """Something that is reviewed."""

    scope: str
    item_id: str


@dataclass(frozen=True, slots=True)
class SurveySubject:
    """A survey."""

    survey_id: str


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
