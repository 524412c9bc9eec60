"""What becomes of a record that failed, and when so many fail that the fault must be our own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.topics import RETRY_TIERS
from shared.errors import DependencyAway, TransientError
from shared.log.record import Partition

TIERS = tuple(RETRY_TIERS)

IN_A_ROW = 20
WINDOW = 1000
SHARE = 0.05
"""More dead letters than 20 in a row, or 5 % of the last 1 000: no member writes so much nonsense."""


class Fate(StrEnum):
    """What an error means for the record it was met with."""

    PAUSE = "pause"
    """It is not the record's fault: wait in place, however long it takes."""
    RETRY = "retry"
    """The record may work later."""
    SET_ASIDE = "set_aside"
    """The record will never work as things are."""


def classify(error: BaseException) -> Fate:
    """Return what `error` means; what nobody foresaw is a bug that this record has found."""
    if isinstance(error, DependencyAway):
        return Fate.PAUSE
    if isinstance(error, TransientError):
        return Fate.RETRY
    return Fate.SET_ASIDE


def waiting_tier(seconds: float) -> str:
    """Return in which tier a record rests that has nothing to do for `seconds`: it comes back no later.

    Nothing rests for less than the shortest tier.
    """
    fitting = [name for name, length in RETRY_TIERS.items() if length.total_seconds() <= seconds]
    return fitting[-1] if fitting else TIERS[0]


def next_tier(attempts: int) -> str | None:
    """Return in which tier a record rests that has rested `attempts` times; None where that was the last."""
    return TIERS[attempts] if 0 <= attempts < len(TIERS) else None


@dataclass(frozen=True, slots=True)
class DlqLimit:
    """Counts what became of the records of one partition."""

    handled: int = 0
    in_a_row: int = 0
    dead: tuple[int, ...] = ()
    """Which of the last `WINDOW` records were set aside, by their number."""

    def after(self, *, dead: bool) -> DlqLimit:
        """Return the count with one more record in it."""
        handled = self.handled + 1
        kept = self.dead
        if kept and kept[0] <= handled - WINDOW:
            kept = kept[1:]
        if dead:
            return DlqLimit(handled, self.in_a_row + 1, (*kept, handled))
        return DlqLimit(handled, 0, kept)

    @property
    def reached(self) -> bool:
        """Whether the partition must not be read on until somebody has looked."""
        return self.in_a_row >= IN_A_ROW or len(self.dead) > WINDOW * SHARE


class Limits:
    """The counts of all partitions of one consumer.

    A second partition that reaches its limit halts all of them: then it is no longer one chat's doing.
    """

    def __init__(self, counts: Iterable[tuple[Partition, DlqLimit]] = ()) -> None:
        self._counts = dict(counts)
        self._halted = frozenset(each for each, count in self._counts.items() if count.reached)

    def copy(self) -> Limits:
        """Return counts to go on with while it is not certain that what is counted will be durable."""
        return Limits(self._counts.items())

    def tell(self, partition: Partition, *, dead: bool) -> None:
        """Count a record of `partition`."""
        count = self._counts[partition] = self._counts.get(partition, DlqLimit()).after(dead=dead)
        if count.reached:
            self._halted |= {partition}

    def halts(self, partition: Partition) -> bool:
        """Return whether `partition` must not be read on."""
        return bool(self._halted) and (partition in self._halted or len(self._halted) > 1)

    @property
    def halted(self) -> frozenset[Partition]:
        """The partitions that reached their own limit."""
        return self._halted
