"""How a community is doing: its parts side by side, each with what it was before, and no number over all.

One number would hide that sessions flourish while nobody answers, and invite to chase it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.feedback.domain.effects.effect import effect_of
from services.feedback.domain.effects.festivals import season_of
from services.feedback.domain.effects.samples import Fact, Kind, sample_of
from services.feedback.domain.effects.verdict import Verdict, are_unlike, judge
from services.feedback.domain.effects.windows import Window, baseline_of
from services.feedback.domain.strategies.metrics import METRICS, Measured

DAYS: Final = 28
"""Of a window: whole weeks, so that it has each weekday as often as the window before it."""
WEEKS_SHOWN: Final = 12
"""Of a trend."""
_WEEK: Final = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Part:
    """One metric, in the last window and in the one before."""

    measured: Measured
    verdict: Verdict | None
    """None where nothing of it was ever counted: that is no zero."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a community is doing."""

    window: Window
    before: Window
    parts: tuple[Part, ...]


def windows(today: dt.date) -> tuple[Window, Window]:
    """Return the last four weeks that are over, and the four before them."""
    last = today - dt.timedelta(days=1)
    window = Window(last - dt.timedelta(days=DAYS - 1), last)
    return window, baseline_of(window)


def health_of(scope: str, facts: Mapping[str, Sequence[Fact]], today: dt.date) -> Health:
    """Return how a community is doing, given the facts of each metric over both windows."""
    window, before = windows(today)
    parts = tuple(
        Part(each, _verdict(scope, each, facts.get(name, ()), window, before))
        for name, each in METRICS.items()
    )
    return Health(window, before, parts)


def weekly(
    measured: Measured, facts: Sequence[Fact], today: dt.date
) -> tuple[tuple[dt.date, float | None], ...]:
    """Return what a metric came to in each of the last weeks, by the week's last day; None where nothing was.

    Of what is counted by days, weeks before anything was ever counted are None too.
    """
    first = min((each.on for each in facts), default=today)
    found: list[tuple[dt.date, float | None]] = []
    for number in range(WEEKS_SHOWN, 0, -1):
        last = today - dt.timedelta(days=1) - (number - 1) * _WEEK
        sample = sample_of(measured.metric.kind, facts, Window(last - _WEEK + dt.timedelta(days=1), last))
        silent = measured.metric.kind is Kind.COUNT and last < first
        found.append((last, None if silent else sample.value))
    return tuple(found)


def _verdict(
    scope: str, measured: Measured, facts: Sequence[Fact], window: Window, before: Window
) -> Verdict | None:
    if not any(each.on in window or each.on in before for each in facts):
        return None
    kind = measured.metric.kind
    now, then = sample_of(kind, facts, window), sample_of(kind, facts, before)
    return judge(
        effect_of(then, now, f"health {scope} {measured.metric.name} {window.last}"),
        measured.metric.good,
        season=season_of(before, window),
        unlike_weekdays=are_unlike(then.weekdays, now.weekdays),
    )
