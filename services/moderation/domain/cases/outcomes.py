"""What became of what a case wanted: of the channel, or by the hand of somebody in the group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import TypeAlias

from services.moderation.domain.cases.act import noted
from services.moderation.domain.cases.case import Achieved, Case, Step
from services.moderation.domain.cases.tasks import UNDONE
from services.moderation.domain.cases.wanted import enforced
from services.moderation.domain.review.cited import with_case
from services.moderation.domain.scene import Scene
from services.moderation.domain.scopes import community_of
from shared.contracts.actions import ActionDone, ActionFailed, ActionUnsupported, MemberRemove, MessageDelete
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageRevoked
from shared.decision import Decision

Outcome: TypeAlias = ActionDone | ActionUnsupported | ActionFailed

_WAITING = frozenset({Achieved.PENDING})


def decide_outcome(scene: Scene, event: Envelope[Outcome], now: dt.datetime) -> Decision[Scene]:
    """Note on its case what became of a command; what was not done is a task for an admin from then on.

    The outcome of a command that is nobody's here, and a second one of the same command, changes nothing.
    """
    command_id = event.data.action_id
    case = scene.cases.get(scene.steps.get(command_id, ""))
    if case is None:
        return Decision(scene)
    achieved, code = _achieved(event.data)
    wanted = [each for each in case.steps if each.command_id == command_id]
    return _become(scene, case, wanted, achieved, now, code=code, waiting=_WAITING)


def decide_revoked(scene: Scene, event: Envelope[MessageRevoked], now: dt.datetime) -> Decision[Scene]:
    """Note that a message is gone: its case keeps the evidence, and nobody has to delete it by hand."""
    judged = scene.judged
    if judged is None or judged.revoked:
        return Decision(scene)
    scene = replace(scene, judged=replace(judged, revoked=True))
    case = scene.cases.get(judged.case) if judged.case else None
    if case is None:
        return Decision(scene, note="message_gone")
    by = event.data.member_id or "clock"
    case = noted(case, now, by, "message_gone")
    scene = with_case(scene, case)
    done = _become(scene, case, _undone(case, MessageDelete.TYPE), Achieved.BY_HAND, now, waiting=UNDONE)
    return replace(done, note="message_gone")


def decide_out(scene: Scene, now: dt.datetime) -> Decision[Scene]:
    """Note that somebody has left; a removal that waited for a hand has had it."""
    case = scene.cases.get(scene.standing.removed_by or "")
    if case is None:
        return Decision(scene)
    return _become(scene, case, _undone(case, MemberRemove.TYPE), Achieved.BY_HAND, now, waiting=UNDONE)


def _achieved(outcome: Outcome) -> tuple[Achieved, str | None]:
    match outcome:
        case ActionDone():
            return Achieved.DONE, None
        case ActionUnsupported(code=code):
            return Achieved.NOTICE, code
        case ActionFailed(code=code):
            return Achieved.FAILED, code


def _undone(case: Case, action: str) -> list[Step]:
    return [each for each in case.steps if each.action == action and each.achieved in UNDONE]


def _become(
    scene: Scene,
    case: Case,
    wanted: list[Step],
    achieved: Achieved,
    now: dt.datetime,
    *,
    code: str | None = None,
    waiting: Collection[Achieved],
) -> Decision[Scene]:
    """Return the decision that each of `wanted` that still waits is now what it became."""
    open_steps = [each for each in wanted if each.achieved in waiting]
    if not open_steps:
        return Decision(scene)
    after = {id(each): replace(each, achieved=achieved, code=code) for each in open_steps}
    changed = replace(case, steps=tuple(after.get(id(each), each) for each in case.steps))
    facts = tuple(enforced(changed, each, community_of(case.scope), now) for each in after.values())
    return Decision(with_case(scene, changed), emit=facts, note=f"case_{achieved.value}")
