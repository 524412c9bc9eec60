"""What an effect amounts to: better, worse, or cannot tell, and why.

A change counts as seen only where the intervals of both values stay apart and that of their difference
excludes no change. The first asks for more than the second does (Schenker and Gentleman (2001), Am. Stat. 55,
182-186): of changes that do nothing, about one in fifty passes. That is wanted here: a community tries many
changes, and what once was called better is kept for years.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.feedback.domain.effects.clashes import Clash
from services.feedback.domain.effects.effect import Effect
from services.feedback.domain.effects.festivals import QUIET, Season
from services.feedback.domain.effects.samples import Kind
from services.feedback.domain.effects.strategy import Good

FEWEST: Final[Mapping[Kind, int]] = {
    # That all of one side are above all of the other, chance alone does in 2 of the 70 ways to part eight; of
    # the ways to part six in one of ten, so that no numbers of three and three could bear a verdict.
    Kind.RATIO: 4,
    Kind.MEAN: 4,
    # A week, where every day counts.
    Kind.COUNT: 7,
    # As for every percentage that is shown.
    Kind.SHARE: 10,
}
"""How many observations each side needs."""

_UNLIKE: Final = 0.25
"""The part of the observations that would have to move to another weekday to make both sides alike."""


class Outcome(StrEnum):
    """What is said of a strategy."""

    BETTER = "better"
    WORSE = "worse"
    CANNOT_TELL = "cannot_tell"


class Reason(StrEnum):
    """Why nothing can be told, or what else may be behind what is told."""

    RUNNING = "running"
    """The window is not over."""
    TOO_FEW = "too_few"
    """There are fewer observations than a verdict needs."""
    OVERLAPS = "overlaps"
    """What was seen may be chance."""
    CLASH = "clash"
    """Another change may have moved the metric."""
    FESTIVAL = "festival"
    """A festival fell into one of the windows."""
    WEEKDAYS = "weekdays"
    """The observations are of other weekdays than those of the baseline."""
    NO_CALENDAR = "no_calendar"
    """Of these years, the festivals are not known."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an effect amounts to."""

    outcome: Outcome
    effect: Effect
    reasons: tuple[Reason, ...] = ()
    """First why nothing can be told, if so; then what makes it doubtful."""
    clashes: tuple[Clash, ...] = ()
    season: Season = QUIET


def judge(
    effect: Effect,
    good: Good,
    *,
    running: bool = False,
    clashes: tuple[Clash, ...] = (),
    season: Season = QUIET,
    unlike_weekdays: bool = False,
) -> Verdict:
    """Return the verdict on an effect.

    Clashes, festivals and weekdays leave the outcome what it is: they are said with it.

    Args:
        effect: what was measured.
        good: which way the metric is to go.
        running: whether the window is not over.
        clashes: other changes to the same metric.
        season: festivals in the two windows.
        unlike_weekdays: whether the two sides are of different weekdays.
    """
    outcome, why = _outcome(effect, good, running=running)
    doubts = {
        Reason.CLASH: bool(clashes),
        Reason.FESTIVAL: bool(season.baseline or season.window),
        Reason.WEEKDAYS: unlike_weekdays,
        Reason.NO_CALENDAR: not season.known,
    }
    reasons = (*why, *(reason for reason, there in doubts.items() if there))
    return Verdict(outcome, effect, reasons, clashes, season)


def are_unlike(before: Counter[int], after: Counter[int]) -> bool:
    """Tell whether observations are of different weekdays, given how many are on which.

    The measure is the total variation distance: which part would have to move.
    """
    if not before or not after:
        return False
    shares = [
        abs(before[day] / before.total() - after[day] / after.total()) for day in before.keys() | after.keys()
    ]
    return sum(shares) / 2 > _UNLIKE


def _outcome(effect: Effect, good: Good, *, running: bool) -> tuple[Outcome, tuple[Reason, ...]]:
    if running:
        return Outcome.CANNOT_TELL, (Reason.RUNNING,)
    before, after, difference = effect.before.interval, effect.after.interval, effect.interval
    if min(effect.before.n, effect.after.n) < FEWEST[effect.kind] or not (before and after and difference):
        return Outcome.CANNOT_TELL, (Reason.TOO_FEW,)
    if before.overlaps(after) or difference.contains(0):
        return Outcome.CANNOT_TELL, (Reason.OVERLAPS,)
    risen = difference.low > 0
    return Outcome.BETTER if risen == (good is Good.UP) else Outcome.WORSE, ()
