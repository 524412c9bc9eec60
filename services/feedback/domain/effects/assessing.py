from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.feedback.domain.effects.clashes import clashes_of
from services.feedback.domain.effects.effect import effect_of
from services.feedback.domain.effects.festivals import season_of
from services.feedback.domain.effects.samples import Fact, Sample, sample_of
from services.feedback.domain.effects.strategy import Strategy
from services.feedback.domain.effects.verdict import Verdict, are_unlike, judge
from services.feedback.domain.effects.windows import Window


def assess(strategy: Strategy, facts: Sequence[Fact], others: Iterable[Strategy], today: dt.date) -> Verdict:
    """Return what a strategy has come to; while it runs, what it came to until yesterday, without an outcome.

    The same strategy and facts give the same verdict, whenever it is asked for again.

    Args:
        strategy: what was registered.
        facts: those of its metric in its community, of both windows at least, in any order.
        others: all registered strategies of the community; it may be among them.
        today: in the community's zone; what happens today is not over, and does not count.

    Raises:
        ValueError: The facts are not of the metric's kind.
    """
    kind, units = strategy.metric.kind, strategy.units
    window, baseline = strategy.window.until(today), strategy.baseline
    after = Sample(kind, ()) if window is None else sample_of(kind, facts, window, first=units)
    running = today <= strategy.window.last and (units is None or after.n < units)
    if running and units is None and window is not None:
        # Half a window is compared with the same half of the baseline.
        baseline = replace(baseline, last=baseline.first + (window.last - window.first))
    before = sample_of(kind, facts, baseline, last=units)
    return judge(
        effect_of(before, after, strategy.strategy_id),
        strategy.metric.good,
        running=running,
        clashes=clashes_of(strategy, others),
        season=season_of(_seen(before, baseline, units), _seen(after, window or strategy.window, units)),
        unlike_weekdays=are_unlike(before.weekdays, after.weekdays),
    )


def _seen(sample: Sample, window: Window, units: int | None) -> Window:
    """Return the days in which a festival matters: where units are counted, from the first to the last."""
    if units is None or not sample.observations:
        return window
    return replace(window, first=sample.observations[0].on, last=sample.observations[-1].on)
