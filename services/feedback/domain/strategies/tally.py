"""What happened on one day, or in one session, by one metric: what effects are worked out from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from services.feedback.domain.effects.samples import Fact
from services.feedback.domain.strategies.metrics import Measured


@dataclass(frozen=True, slots=True)
class Tally:
    """A sum of facts; its key says of what."""

    key: str
    """See `tally_key`."""
    day: str = ""
    """By ISO 8601, in the group's zone; empty as long as nothing happened."""
    part: float = 0.0
    whole: float = 0.0
    people: frozenset[str] = frozenset()
    """Who was counted, where each person counts once."""

    def plus(self, day: dt.date, part: float, whole: float) -> Tally:
        """Return the tally with that much more."""
        return replace(self, day=day.isoformat(), part=self.part + part, whole=self.whole + whole)

    def being(self, day: dt.date, part: float, whole: float) -> Tally:
        """Return the tally that comes to this, whatever it came to before."""
        return replace(self, day=day.isoformat(), part=float(part), whole=float(whole))

    def with_person(self, day: dt.date, member_id: str) -> Tally:
        """Return the tally in which a person is counted, once."""
        if member_id in self.people:
            return self
        people = self.people | {member_id}
        return replace(self, day=day.isoformat(), part=float(len(people)), whole=1.0, people=people)

    @property
    def fact(self) -> Fact:
        """What effects take it as."""
        unit = self.key.rsplit("|", 1)[1]
        return Fact(dt.date.fromisoformat(self.day), self.part, self.whole, unit)


def tally_key(scope: str, measured: Measured, unit: str) -> str:
    """Return the key of a tally; `unit` is a session or a day."""
    return f"{scope}|{measured.metric.name}|{unit}"
