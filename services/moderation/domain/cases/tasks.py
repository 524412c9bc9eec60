"""What is left to be done by hand, because the channel could not do it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.moderation.domain.cases.act import noted
from services.moderation.domain.cases.case import Achieved, Case, Step
from services.moderation.domain.cases.wanted import enforced
from services.moderation.domain.review.cited import with_case
from services.moderation.domain.scene import Scene
from services.moderation.domain.scopes import community_of
from shared.decision import Decision
from shared.errors import Conflict

UNDONE = frozenset({Achieved.NOTICE, Achieved.FAILED})
"""What was wanted and not achieved: the admin list shows it."""

WORKED = frozenset({Achieved.PENDING, Achieved.DONE, Achieved.BY_HAND})
"""What was wanted and has happened, or may have by now."""

INVITE = "member.invite"
"""A removed member is to get a fresh invitation; no channel adds people without their doing."""


def left(case: Case) -> tuple[Step, ...]:
    """Return the steps of a case that wait for somebody's hand."""
    return tuple(step for step in case.steps if step.achieved in UNDONE)


def decide_done(
    scene: Scene, case: Case, *, by: str, action: str | None, now: dt.datetime
) -> Decision[Scene]:
    """Note that an admin has done by hand what was left of a case: one action, or all.

    Raises:
        Conflict: nothing like that is left.
    """
    done = [step for step in left(case) if action in {None, step.action}]
    if not done:
        raise Conflict("Nothing of this case is left to be done by hand.")
    steps = tuple(replace(step, achieved=Achieved.BY_HAND) if step in done else step for step in case.steps)
    changed = noted(replace(case, steps=steps), now, by, "done_by_hand", action)
    facts = [
        enforced(case, replace(step, achieved=Achieved.BY_HAND), community_of(case.scope), now)
        for step in done
    ]
    return Decision(with_case(scene, changed), emit=tuple(facts), note="case_done_by_hand")
