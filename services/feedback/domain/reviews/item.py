"""Something that is looked at again from time to time: whether to keep it, change it or let it go."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

MOST: Final = 1000
"""Items of a community that are not retired."""
MOST_DECISIONS: Final = 20
LONGEST_NOTE: Final = 500
AGAIN_AFTER: Final = dt.timedelta(days=90)
"""When what was kept or changed is looked at again, unless somebody says otherwise."""


class Kind(StrEnum):
    """What it is."""

    SESSION = "session"
    RESOURCE = "resource"
    ACTIVITY = "activity"


class Choice(StrEnum):
    """What becomes of it."""

    KEEP = "keep"
    CHANGE = "change"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Somebody has looked at it."""

    choice: Choice
    by: str
    at: dt.datetime
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is reviewed."""

    item_id: str
    scope: str
    number: int
    """By which admins name it: R5."""
    kind: Kind
    title: str
    due_on: str
    """By ISO 8601."""
    ratings: int = 0
    """How many have said how useful it is."""
    total: float = 0.0
    """The sum of what they said, each from 0 to 1."""
    decisions: tuple[Reviewed, ...] = ()
    """The latest, the newest last."""
    retired: bool = False

    @property
    def usefulness(self) -> float | None:
        """How useful it is found to be, from 0 to 1; None where nobody has said."""
        return self.total / self.ratings if self.ratings else None

    def rated(self, useful: float) -> Item:
        """Return the item of which one more has said how useful it is."""
        return replace(self, ratings=self.ratings + 1, total=self.total + useful)

    def reviewed(self, reviewed: Reviewed, next_due: dt.date) -> Item:
        """Return the item after somebody has looked at it."""
        return replace(
            self,
            decisions=(*self.decisions, reviewed)[-MOST_DECISIONS:],
            retired=reviewed.choice is Choice.RETIRE,
            due_on=next_due.isoformat(),
        )


def item_id(scope: str, kind: Kind, ref: str) -> str:
    """Return the id of what its own service calls `ref`."""
    return f"{scope}|{kind}|{ref}"
