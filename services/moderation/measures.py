"""What people decide, as numbers."""

from __future__ import annotations

from collections.abc import Mapping

from services.moderation.domain.cases.case import Case
from services.moderation.domain.cases.search import Clock
from services.moderation.domain.history.judged import Judged
from services.moderation.domain.replying import NAMED
from shared.observability.metrics import (
    CASE_DECISION_SECONDS,
    CASE_RULINGS,
    REVIEW_OLDEST_SECONDS,
    REVIEWS_OPEN,
    RULE_HITS,
)

OWN = "own"
"""Every rule that a community has made itself: their names are without number, and in the API."""


def label_of(rule: str) -> str:
    """Return what a rule is called in metrics."""
    return rule if rule in NAMED else OWN


def judged(row: Judged) -> None:
    """Count what the rules have found in a message."""
    for hit in row.hits:
        RULE_HITS.labels(label_of(hit.rule), "shadow" if hit.shadow else hit.intent.value).inc()


def ruled(case: Case) -> None:
    """Count what a person has just decided about a case."""
    ruling = case.ruling
    if ruling is None:
        return
    rule = label_of(case.grounds[0].rule if case.grounds else "")
    since = ruling.since or case.opened_at
    CASE_RULINGS.labels(rule, ruling.what).inc()
    CASE_DECISION_SECONDS.labels(rule).observe((ruling.at - since).total_seconds())


def rulings(before: Mapping[str, Case | None], after: Mapping[str, Case | None]) -> None:
    """Count what a person has decided between two looks at the same cases."""
    for case_id, case in after.items():
        earlier = before.get(case_id)
        if case is not None and case.ruling != (earlier.ruling if earlier else None):
            ruled(case)


def waiting(clock: Clock, oldest_seconds: float) -> None:
    """Show how long people wait for a decision."""
    REVIEWS_OPEN.set(clock.open)
    REVIEW_OLDEST_SECONDS.set(oldest_seconds)
