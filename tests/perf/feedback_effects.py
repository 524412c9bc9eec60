"""How long a verdict on a strategy takes."""

from __future__ import annotations

import datetime as dt
import time
from typing import Final

import numpy as np

from services.feedback.domain.effects.assessing import assess
from services.feedback.domain.effects.samples import Fact, Kind
from services.feedback.domain.effects.strategy import Metric, Strategy
from services.feedback.domain.effects.verdict import Outcome
from services.feedback.domain.effects.windows import Window

FACTS: Final = 100_000
SESSIONS: Final = 400
"""In a year of both windows: more than one a day."""
_FIRST: Final = dt.date(2026, 1, 1)
_DAYS: Final = 182


def verdict_seconds() -> float:
    """Return how long a verdict over a hundred thousand facts takes, libraries loaded.

    Raises:
        RuntimeError: the change that is in the facts was not found.
    """
    strategy = Strategy(
        strategy_id="bench",
        scope="bench",
        number=1,
        change="सत्र का समय 7:30 → 8:30",
        hypothesis="देर से अधिक लोग आ पाते हैं",
        metric=Metric("attendance_ratio", Kind.RATIO),
        window=Window(_FIRST + dt.timedelta(days=_DAYS), _FIRST + dt.timedelta(days=2 * _DAYS - 1)),
        owner="m_bench",
    )
    facts = _facts()
    today = strategy.window.last + dt.timedelta(days=1)
    assess(strategy, facts[:1000], (), today)
    began = time.perf_counter()
    verdict = assess(strategy, facts, (strategy,), today)
    seconds = time.perf_counter() - began
    if verdict.outcome is not Outcome.BETTER:
        raise RuntimeError("the verdict missed a change from a half to two thirds")
    return seconds


def _facts() -> list[Fact]:
    draw = np.random.default_rng(7)
    facts: list[Fact] = []
    for number in range(FACTS):
        session = number % SESSIONS
        day = _FIRST + dt.timedelta(days=session * 2 * _DAYS // SESSIONS)
        came = draw.random() < (0.5 if session < SESSIONS // 2 else 0.65)
        facts.append(Fact(day, part=float(came), unit=f"E{session}"))
    return facts
