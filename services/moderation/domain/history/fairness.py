"""Whether rules treat all alike: by how people write, and by how long they have been there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.moderation.domain.cases.case import Case
from services.moderation.domain.history.backtest import found_right
from services.moderation.domain.history.interval import Rate, higher, rate
from services.moderation.domain.history.judged import Judged
from services.moderation.domain.judging.context import Trust
from services.moderation.domain.judging.verdict import Intent

ALARM_CONFIDENCE = 0.99
"""Six groups are compared each time; at 0.95 one in four looks would raise a false alarm."""

NEWCOMER, VETERAN = "newcomer", "veteran"


@dataclass(frozen=True, slots=True)
class Group:
    """How often a group of messages met with what."""

    name: str
    messages: int
    hit: Rate
    held: Rate
    reported: Rate
    overturned: Rate
    """Of what was hit and a person has looked at, how much was found to be fine."""
    alarm: bool
    """Whether more is overturned than in the rest, by more than chance explains."""


@dataclass(frozen=True, slots=True)
class Fairness:
    """The groups, by two ways to divide all messages."""

    scripts: tuple[Group, ...]
    tenure: tuple[Group, ...]

    @property
    def alarms(self) -> tuple[str, ...]:
        """The names of groups that are treated worse."""
        return tuple(each.name for each in (*self.scripts, *self.tenure) if each.alarm)


@dataclass(slots=True)
class _Tally:
    messages: int = 0
    hit: int = 0
    held: int = 0
    reported: int = 0
    right: int = 0
    wrong: int = 0


@dataclass(slots=True)
class Monitor:
    """Counts judgements one by one."""

    cases: Mapping[str, Case]
    scripts: dict[str, _Tally] = field(default_factory=dict)
    tenure: dict[str, _Tally] = field(default_factory=dict)

    def add(self, row: Judged) -> None:
        """Count one judgement."""
        case = self.cases.get(row.case) if row.case else None
        script = self.scripts.setdefault(row.script.value, _Tally())
        tenure = self.tenure.setdefault(NEWCOMER if row.trust is Trust.NEW else VETERAN, _Tally())
        for tally in (script, tenure):
            _count(tally, row, case)

    def result(self) -> Fairness:
        """Return how the groups compare."""
        return Fairness(_groups(self.scripts), _groups(self.tenure))


def fairness(rows: Iterable[Judged], cases: Mapping[str, Case]) -> Fairness:
    """Return how messages were treated, by script and by tenure; `cases` are those the rows led to, by id."""
    monitor = Monitor(cases)
    for row in rows:
        monitor.add(row)
    return monitor.result()


def _count(tally: _Tally, row: Judged, case: Case | None) -> None:
    hit = row.intent.rank >= Intent.REVIEW.rank
    tally.messages += 1
    tally.hit += hit
    tally.held += row.intent.rank >= Intent.HOLD.rank
    tally.reported += bool(case and case.reporters)
    right = found_right(case) if case and hit else None
    tally.right += right is True
    tally.wrong += right is False


def _groups(tallies: Mapping[str, _Tally]) -> tuple[Group, ...]:
    return tuple(_group(name, tallies) for name in sorted(tallies))


def _group(name: str, tallies: Mapping[str, _Tally]) -> Group:
    mine = tallies[name]
    rest = [each for other, each in tallies.items() if other != name]
    wrong, looked_at = sum(each.wrong for each in rest), sum(each.wrong + each.right for each in rest)
    own = rate(mine.wrong, mine.wrong + mine.right, ALARM_CONFIDENCE)
    return Group(
        name=name,
        messages=mine.messages,
        hit=rate(mine.hit, mine.messages),
        held=rate(mine.held, mine.messages),
        reported=rate(mine.reported, mine.messages),
        overturned=rate(mine.wrong, mine.wrong + mine.right),
        alarm=higher(own, rate(wrong, looked_at, ALARM_CONFIDENCE)),
    )
