"""What is known of a message by which something was suggested: not its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DELETED: Final = "deleted"
"""Why a message does not stand that somebody else has deleted."""
WITHDRAWN: Final = "withdrawn"
"""Why a message does not stand that its author has deleted."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message."""

    message_id: str
    suggestion_id: str | None = None
    """What it suggests; None where it was heard of only that it does not stand."""
    void: frozenset[str] = frozenset()
    """Why it does not stand: cases, and that it was deleted."""
    lifted: frozenset[str] = frozenset()
    """Which of these were mistakes."""
