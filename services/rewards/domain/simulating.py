"""What a community's boards would be under other rules: the same facts, settled again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from services.rewards.domain.rules import BUILT_IN, THANKS, Rules
from services.rewards.domain.settling import settled
from services.rewards.domain.week import Claim, Week

FIRST: Final = 5
"""Whose share of all points says how much a few have of them."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How points are spread."""

    points: int
    members: int
    """Who have any."""
    first: float
    """What the first `FIRST` have of all points; 0 where there are none."""
    newcomers: int
    """Who have any and came lately."""
    reciprocal: float
    """What of all points comes from thanks between two who thanked each other; 0 where there are none."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changes for a member."""

    member_id: str
    before: int
    after: int
    place_before: int | None
    place_after: int | None


@dataclass(frozen=True, slots=True)
class Simulation:
    """The same weeks under the rules of their time and under others."""

    before: Shares
    after: Shares
    changes: tuple[Change, ...]
    """For whom it is not the same, the greatest rise first and the greatest fall last."""


class Simulator:
    """Settles weeks one by one, so that a community of any size takes no more room than its members."""

    def __init__(self, versions: tuple[Rules, ...], candidate: Rules | None) -> None:
        """Compare what holds, `versions`, with `candidate`, as if that had always held; None: with itself."""
        self._versions = versions
        self._candidate = versions if candidate is None else (replace(candidate, since=BUILT_IN.since),)
        self._before, self._after = _Tally(), _Tally()

    def add(self, week: Week) -> None:
        """Settle one more week both ways."""
        self._before.add(week, self._versions)
        self._after.add(week, self._candidate)

    def result(self, newcomers: Collection[str] = ()) -> Simulation:
        """Return the comparison of all weeks so far."""
        before, after = self._before.places(), self._after.places()
        changes = [
            Change(
                name,
                self._before.points[name],
                self._after.points[name],
                before.get(name),
                after.get(name),
            )
            for name in sorted({*before, *after})
        ]
        changes = [
            each for each in changes if each.before != each.after or each.place_before != each.place_after
        ]
        changes.sort(key=lambda each: (each.before - each.after, each.member_id))
        return Simulation(self._before.shares(newcomers), self._after.shares(newcomers), tuple(changes))


class _Tally:
    def __init__(self) -> None:
        self.points: Counter[str] = Counter()
        self._thanks: defaultdict[tuple[str, str], int] = defaultdict(int)

    def add(self, week: Week, versions: tuple[Rules, ...]) -> None:
        for claim_id, grant in settled(week, versions).items():
            if grant.points > 0:
                self.points[week.member_id] += grant.points
                claim = week.claims[claim_id]
                if is_thanks(claim):
                    self._thanks[str(claim.giver), week.member_id] += grant.points

    def places(self) -> dict[str, int]:
        """Return the place of everybody who has points: who has as many has the same."""
        ranked = sorted(self.points.values(), reverse=True)
        return {name: ranked.index(points) + 1 for name, points in self.points.items() if points}

    def shares(self, newcomers: Collection[str]) -> Shares:
        total = self.points.total()
        first = sum(points for _, points in self.points.most_common(FIRST))
        mutual = sum(points for (one, other), points in self._thanks.items() if (other, one) in self._thanks)
        return Shares(
            total,
            len(+self.points),
            first / total if total else 0.0,
            sum(self.points[name] > 0 for name in newcomers),
            mutual / total if total else 0.0,
        )


def is_thanks(claim: Claim) -> bool:
    """Whether a claim is one member's thanks to another."""
    return claim.action == THANKS and claim.giver is not None


def simulated(
    weeks: Iterable[Week],
    versions: tuple[Rules, ...],
    candidate: Rules | None,
    newcomers: Collection[str] = (),
) -> Simulation:
    """Return what `candidate` would have made of these weeks."""
    simulator = Simulator(versions, candidate)
    for week in weeks:
        simulator.add(week)
    return simulator.result(newcomers)
