"""The ladder: what follows from a member's strikes, worked out anew from their history each time.

Nothing here counts up or down. Restriction and removal are read off the strikes by replaying them in order,
so a strike that is taken away leaves no trace, in whatever order things came.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.moderation.domain.members.standing import Restriction, Standing, Strike
from services.moderation.domain.policy.document import Step, StepKind

KEPT = 200
"""How many strikes of a member are kept: far more than lead to removal, where a channel cannot remove."""

DEFAULT_HOURS = 24
"""How long a restriction lasts where the ladder does not say."""


@dataclass(frozen=True, slots=True)
class Rung:
    """Where a strike put the member at the time."""

    strike: Strike
    points: int
    """All points that counted then, its own among them."""
    cites: tuple[str, ...]
    """The earlier cases whose points counted."""
    step: Step | None
    """The furthest step these points reach."""

    @property
    def kind(self) -> StepKind | None:
        """What is done: what the step says, or more where a person orders it."""
        if self.strike.until is not None and (self.step is None or self.step.kind is StepKind.WARN):
            return StepKind.RESTRICT
        return self.step.kind if self.step is not None else None

    @property
    def restricted_until(self) -> dt.datetime | None:
        """Until when the strike restricts: by the ladder or by a person's order."""
        if self.step is None or self.step.kind is not StepKind.RESTRICT:
            return self.strike.until
        hours = dt.timedelta(hours=self.step.hours or DEFAULT_HOURS)
        return max(self.strike.at + hours, self.strike.until or self.strike.at)

    @property
    def limit(self) -> int:
        """The points at which the ladder ends: removal, or its last step where it never removes."""
        removing = [each.at for each in self.strike.ladder if each.kind is StepKind.REMOVE]
        return min(removing) if removing else max((each.at for each in self.strike.ladder), default=1)


def strike(standing: Standing, added: Strike) -> Standing:
    """Return the standing with one more strike; a case has one at most, the last that was given."""
    others = [each for each in standing.strikes if each.case != added.case]
    return derive(replace(standing, strikes=tuple(sorted((*others, added), key=_order))[-KEPT:]))


def undo(standing: Standing, case_id: str) -> Standing:
    """Return the standing as if the case had never been; the same one where it has no strike."""
    left = tuple(each for each in standing.strikes if each.case != case_id)
    return standing if left == standing.strikes else derive(replace(standing, strikes=left))


def derive(standing: Standing) -> Standing:
    """Return the standing with the restriction and the removal that its strikes lead to."""
    rungs = replay(standing.strikes)
    restrictions = [
        Restriction(rung.strike.case, until) for rung in rungs if (until := rung.restricted_until) is not None
    ]
    removals = [rung.strike.case for rung in rungs if rung.step and rung.step.kind is StepKind.REMOVE]
    return replace(
        standing,
        restriction=max(restrictions, key=lambda each: each.until, default=None),
        removed_by=removals[0] if removals else None,
    )


def replay(strikes: Sequence[Strike]) -> tuple[Rung, ...]:
    """Return what each strike led to, in order of time."""
    ordered = sorted(strikes, key=_order)
    return tuple(_rung(ordered[:place], each) for place, each in enumerate(ordered))


def rung_of(standing: Standing, case_id: str) -> Rung | None:
    """Return what the strike of a case led to, None where it has none."""
    return next((each for each in replay(standing.strikes) if each.strike.case == case_id), None)


def step_for(points: int, steps: Sequence[Step]) -> Step | None:
    """Return the furthest step that `points` reach."""
    return max((each for each in steps if each.at <= points), key=lambda each: each.at, default=None)


def _rung(before: Sequence[Strike], it: Strike) -> Rung:
    counted = [each for each in before if each.points and each.expires > it.at]
    points = it.points + sum(each.points for each in counted)
    # What adds no points, such as a person's order, takes nobody a step further.
    step = step_for(points, it.ladder) if it.points else None
    return Rung(it, points, tuple(each.case for each in counted), step)


def _order(each: Strike) -> tuple[dt.datetime, int, str]:
    # Of one scope, a longer name is a higher number.
    return each.at, len(each.case), each.case
