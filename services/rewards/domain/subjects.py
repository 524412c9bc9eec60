"""What a REST client asks a decision about; a bundle takes its keys from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClaimsSubject:
    """Weeks with claims that are taken back, or given again."""

    scope: str
    weeks: tuple[str, ...]
    """By their keys."""


@dataclass(frozen=True, slots=True)
class MakingSubject:
    """A group, for which a contest or a prize is made."""

    chat_id: str
    request: str
    """By which the same request is known again."""
    member_id: str | None = None
    """Whom a prize is for."""


@dataclass(frozen=True, slots=True)
class ContestSubject:
    """A contest."""

    contest_id: str


@dataclass(frozen=True, slots=True)
class PrizeSubject:
    """A prize."""

    prize_id: str
