"""Messages that were flagged by mistake, as examples that no later policy should hit."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.moderation.domain.cases.case import Case, CaseState
from services.moderation.domain.policy.regression import Regression
from services.moderation.domain.scene import Scene

BY_PEOPLE = frozenset({"reports", "order"})
"""Checks that are no detector's: a policy cannot make their mistake again."""


def exemplary(case: Case) -> bool:
    """Whether the case's message would be an example, if its author agrees."""
    overturned = case.state is CaseState.OVERTURNED
    return overturned and bool(case.evidence and case.grounds) and case.grounds[0].check not in BY_PEOPLE


def with_example(scene: Scene, case: Case, now: dt.datetime) -> Scene:
    """Return the scene with the case's message among the examples exactly where it belongs there.

    It is kept with its author's consent alone, and goes when they take that back or the case stands again. It
    outlives the text of its case.
    """
    kept = scene.regressions.get(case.case_id)
    if kept is not None and case.consent and case.state is CaseState.OVERTURNED:
        return scene
    if case.consent and exemplary(case):
        ground = case.grounds[0]
        example = Regression(
            case=case.case_id,
            scope=case.scope,
            text=case.evidence or "",
            rule=ground.rule,
            check=ground.check,
            code=ground.code,
            at=now,
        )
        return replace(scene, regressions={**scene.regressions, case.case_id: example})
    return replace(scene, regressions={**scene.regressions, case.case_id: None})
