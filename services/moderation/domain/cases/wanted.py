"""What a case wants of the gateway, and what can be had in its chat."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from services.moderation.domain.cases.case import Achieved, Case, Step
from services.moderation.domain.review.cited import with_case
from services.moderation.domain.scene import Scene
from shared.contracts.actions import MemberRemove, MessageDelete
from shared.contracts.base import EventModel
from shared.contracts.moderation import CaseEnforced
from shared.decision import Emit
from shared.ids import deterministic_id

VALID_FOR = dt.timedelta(hours=24)
"""Until when a message is still worth deleting, and a member removing, after an outage."""

NEEDS = {MessageDelete.TYPE: "delete_foreign", MemberRemove.TYPE: "remove_member"}
"""What a channel must be able to do for a command, as the gateway names its capabilities."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A case with one more step."""

    scene: Scene
    case: Case
    emit: tuple[Emit, ...] = ()


def delete_message(scene: Scene, case: Case, now: dt.datetime) -> Wanted:
    """Return the case wanting its message gone; as it is where it has none or wants that already."""
    wants = any(
        each.action == MessageDelete.TYPE and each.achieved is not Achieved.NOTHING for each in case.steps
    )
    if case.message_id is None or wants:
        return Wanted(scene, case)
    command = MessageDelete(chat_id=case.chat_id, not_after=now + VALID_FOR, message_id=case.message_id)
    return _want(scene, case, command, now)


def remove_member(scene: Scene, case: Case, now: dt.datetime) -> Wanted:
    """Return the case wanting its member out of the chat."""
    command = MemberRemove(chat_id=case.chat_id, not_after=now + VALID_FOR, member_id=case.member_id)
    return _want(scene, case, command, now)


def possible(scene: Scene, action: str) -> bool:
    """Whether the chat's channel can do `action`; of a chat nothing is known of, the gateway is asked."""
    return scene.room.channel is None or NEEDS[action] in scene.room.capabilities


def enforced(case: Case, step: Step, community: str | None, now: dt.datetime) -> Emit:
    """Return the fact of what became of a step."""
    fact = CaseEnforced(
        case_id=case.case_id,
        chat_id=case.chat_id,
        member_id=case.member_id,
        community=community,
        action=step.action,
        achieved=step.achieved.value,
        code=step.code,
        enforced_at=now,
    )
    return Emit(fact, case.chat_id)


def _want(scene: Scene, case: Case, command: EventModel, now: dt.datetime) -> Wanted:
    action = command.TYPE
    if not possible(scene, action):
        step = Step(action, None, Achieved.NOTICE, NEEDS[action])
        noticed = replace(case, steps=(*case.steps, step))
        return Wanted(with_case(scene, noticed), noticed, (enforced(case, step, scene.room.community, now),))
    # A case whose undoing was undone may want the same once more, and that is another command.
    command_id = deterministic_id("case", case.case_id, action, str(len(case.steps)))
    asked = replace(case, steps=(*case.steps, Step(action, command_id)))
    known = replace(scene, steps={**scene.steps, command_id: case.case_id})
    return Wanted(with_case(known, asked), asked, (Emit(command, case.chat_id, command_id),))
