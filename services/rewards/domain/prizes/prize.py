"""A prize: promised, handed over, and confirmed by who has it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

PATIENCE: Final = dt.timedelta(days=14)
"""How long a promise may wait before the admins are reminded of it."""
MOST_PROMISED: Final = 50
"""Prizes of a community that are promised and not handed over."""
MOST_LISTED: Final = 20
"""Prizes that were handed over and are still on the list: the latest."""
LONGEST: Final = 120
"""Characters of what is promised."""


class State(StrEnum):
    """How far a prize has come."""

    PROMISED = "promised"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Prize:
    """A prize."""

    prize_id: str
    scope: str
    number: int
    """By which members name it: `!मिला 5`."""
    chat_id: str
    """Where it was promised."""
    member_id: str
    """Whose it is: the id under which they stood when it was promised."""
    what: str
    promised_at: dt.datetime
    due_at: dt.datetime
    """When it should have been handed over."""
    promised_by: str | None = None
    """The member; None where a REST client has promised it."""
    language: str | None = None
    state: State = State.PROMISED
    reminded_at: dt.datetime | None = None
    """When the admins were told that it is overdue."""
    delivered_at: dt.datetime | None = None
    confirmed_at: dt.datetime | None = None

    @property
    def changed_at(self) -> dt.datetime:
        """When it came as far as it has come."""
        return self.confirmed_at or self.delivered_at or self.promised_at

    def overdue(self, at: dt.datetime) -> bool:
        """Whether it should have been handed over by then, and was not."""
        return self.state is State.PROMISED and self.due_at <= at

    def delivered(self, at: dt.datetime) -> Prize:
        """Return the prize as one that was handed over."""
        return replace(self, state=State.DELIVERED, delivered_at=at)

    def confirmed(self, at: dt.datetime) -> Prize:
        """Return the prize as one that has arrived, whoever has or has not said that it was handed over."""
        return replace(self, state=State.CONFIRMED, delivered_at=self.delivered_at or at, confirmed_at=at)
