"""A suggestion, and what became of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from shared.contracts.feedback import SuggestionStatus

LONGEST: Final = 500
"""Characters: what others read before they support it."""
LONGEST_REASON: Final = 500
MOST_OPEN: Final = 200
"""Suggestions of a community that wait; each new one is compared with all of them."""
MOST_OPEN_EACH: Final = 10
"""The same of one member."""
MOST_STEPS: Final = 50
"""Decisions on one suggestion that are remembered, the latest."""

OPEN: Final = frozenset({SuggestionStatus.NEW, SuggestionStatus.REVIEW, SuggestionStatus.PLANNED})
"""What may still be supported."""


@dataclass(frozen=True, slots=True)
class Step:
    """A decision on a suggestion."""

    status: SuggestionStatus
    by: str
    at: dt.datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion."""

    suggestion_id: str
    scope: str
    number: int
    """By which members name it: `!वोट 34`."""
    chat_id: str
    """Where it was made."""
    text: str
    author: str
    """By the id that was told."""
    message_id: str
    made_at: dt.datetime
    community: str | None = None
    language: str | None = None
    status: SuggestionStatus = SuggestionStatus.NEW
    votes: int = 0
    """People who are for it."""
    steps: tuple[Step, ...] = ()
    """What was decided, the latest last."""
    decisions: int = 0
    """How often something was decided."""
    done_at: dt.datetime | None = None
    """When it was done for the first time."""
    merged_into: str | None = None
    """The suggestion it turned out to be the same as."""
    void: frozenset[str] = frozenset()
    """Why nobody is to read it: cases against its message, and that it was deleted."""
    lifted: frozenset[str] = frozenset()
    """Which of these were mistakes."""

    @property
    def visible(self) -> bool:
        """Whether nothing holds against it."""
        return self.void <= self.lifted

    @property
    def open(self) -> bool:
        """Whether it may be supported."""
        return self.visible and self.merged_into is None and self.status in OPEN

    @property
    def reason(self) -> str | None:
        """Why it is where it is, as far as somebody has said so."""
        return self.steps[-1].reason if self.steps else None

    def decided(self, step: Step) -> Suggestion:
        """Return the suggestion after that decision."""
        done = step.status is SuggestionStatus.DONE and self.done_at is None
        return replace(
            self,
            status=step.status,
            steps=(*self.steps, step)[-MOST_STEPS:],
            decisions=self.decisions + 1,
            done_at=step.at if done else self.done_at,
        )


def suggestion_id(scope: str, number: int) -> str:
    """Return the id of the suggestion that members of a scope call by `number`."""
    return f"{scope}#S{number}"


def scope_in(id_: str) -> str:
    """Return the scope of a suggestion."""
    return id_.rpartition("#")[0]
