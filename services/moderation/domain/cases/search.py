"""Which cases somebody asks for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.moderation.domain.cases.case import CaseState


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases; all that is said must fit."""

    states: frozenset[CaseState] = frozenset()
    """Empty: whatever the state."""
    member_id: str | None = None
    chat_id: str | None = None
    rule: str | None = None
    """A rule's id, of any of the case's grounds."""
    tasks: bool = False
    """Only those of which something is left to be done by hand: see `tasks.left`."""
    reported: bool = False
    """Only those that members have reported."""
    text: str | None = None
    """Contained in a reason or in words of the audit or the appeal, whatever its case."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How long people wait for a decision."""

    open: int
    oldest_since: dt.datetime | None
    """Since when the one that waits longest does: since its appeal, or since its opening."""
    median_seconds: float | None
    """From opening, or from the appeal, to a person's decision; of those of the last 30 days."""
    overdue: int
    """Appeals whose answer is later than their policy promised."""
