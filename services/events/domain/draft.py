"""What an admin is about to do to sessions, kept as it was shown until they say yes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.events.domain.origin import Origin


class Kind(StrEnum):
    """What is to be done."""

    CALL = "call"
    MOVE = "move"
    CANCEL = "cancel"


class Whole(StrEnum):
    """How much of a series it is done to."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Draft:
    """A session as it would be."""

    kind: Kind
    title: str = ""
    wall: str | None = None
    """By ISO 8601, without a zone."""
    zone: str = ""
    minutes: int | None = None
    capacity: int | None = None
    link: str | None = None
    recurrence: str | None = None
    """By RFC 5545, where it is to be called again and again."""
    webinar_id: str | None = None
    """Which one is moved or cancelled."""
    version: int = 0
    """Of that webinar, as it was shown: a change in between makes the question void."""
    whole: Whole = Whole.THIS
    reason: str | None = None
    origin: Origin | None = None
