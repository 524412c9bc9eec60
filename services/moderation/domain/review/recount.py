"""What changes for a member when a strike of theirs goes or comes back, in this case and in later ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.moderation.domain.cases.act import noted
from services.moderation.domain.cases.case import Achieved, Case, Step
from services.moderation.domain.cases.tasks import INVITE, UNDONE, WORKED
from services.moderation.domain.cases.wanted import remove_member
from services.moderation.domain.members.ladder import Rung, replay
from services.moderation.domain.members.standing import Standing
from services.moderation.domain.members.timers import end_of_restriction, restriction_timer
from services.moderation.domain.review.cited import with_case, with_standing
from services.moderation.domain.scene import Scene
from services.moderation.domain.scopes import community_of
from shared.contracts.actions import MemberRemove
from shared.contracts.moderation import MemberExpelled, MemberReleased, MemberRestricted, ReleaseReason
from shared.decision import Cancel, Emit, Wake


@dataclass(frozen=True, slots=True)
class Recounted:
    """A scene with another history of strikes, and what follows from the difference."""

    scene: Scene
    emit: tuple[Emit, ...]
    wake: tuple[Wake | Cancel, ...]
    released: bool
    """Whether the member was restricted just now, and is no more."""
    readmitted: bool
    """Whether the member was to be removed, and is no more."""


def recount(
    scene: Scene, case: Case, before: Standing, after: Standing, *, reason: ReleaseReason, now: dt.datetime
) -> Recounted:
    """Return the scene with the standing `after`; `case` is why it differs from `before`.

    Later cases whose step stood on the same strikes get the step that is theirs by the new count.
    """
    scene = with_standing(scene, case, after)
    rungs = {rung.strike.case: rung for rung in replay(before.strikes)}
    for rung in replay(after.strikes):
        other = scene.cases.get(rung.strike.case) or scene.siblings.get(rung.strike.case)
        same = rungs.get(rung.strike.case)
        if other is not None and other.case_id != case.case_id and same is not None and _differ(same, rung):
            recounted = noted(_as_counted(other, rung), now, "clock", "recounted", case.name)
            scene = with_case(scene, recounted)
    readmitted = before.removed_by is not None and after.removed_by is None
    if readmitted:
        scene = with_case(scene, _invited(_held(scene, before.removed_by, case)))
    expelled: tuple[Emit, ...] = ()
    if before.removed_by is None and after.removed_by is not None:
        wanted = remove_member(scene, _uninvited(_held(scene, after.removed_by, case)), now)
        scene, expelled = wanted.scene, (_expelled(wanted.case, now), *wanted.emit)
    return Recounted(
        scene,
        emit=(*_facts(case, before, after, reason, now), *expelled),
        wake=tuple(_timers(case, before, after, now)),
        released=before.restricted(now) and not after.restricted(now),
        readmitted=readmitted,
    )


def unwanted(case: Case) -> Case:
    """Return the case with nothing left to be done by hand: what was wanted is not wanted any more."""
    steps = tuple(
        replace(step, achieved=Achieved.NOTHING) if step.achieved in UNDONE else step for step in case.steps
    )
    return replace(case, steps=steps)


def _held(scene: Scene, case_id: str | None, otherwise: Case) -> Case:
    """Return the case of this id, the other one where the scene was loaded without it."""
    found = scene.cases.get(case_id or "") or scene.siblings.get(case_id or "")
    return found or scene.cases.get(otherwise.case_id) or otherwise


def _differ(one: Rung, other: Rung) -> bool:
    return (one.step, one.cites, one.restricted_until) != (other.step, other.cites, other.restricted_until)


def _as_counted(case: Case, rung: Rung) -> Case:
    return replace(
        case,
        step=rung.kind,
        cites=tuple(int(each.rpartition("#")[2]) for each in rung.cites),
        restriction_until=rung.restricted_until,
    )


def _invited(case: Case) -> Case:
    """Return the case without the wish to remove; who may be out already is to be invited again."""
    gone = [step for step in case.steps if step.action == MemberRemove.TYPE and step.achieved in WORKED]
    steps = tuple(
        replace(step, achieved=Achieved.NOTHING)
        if step.action == MemberRemove.TYPE and step.achieved in UNDONE
        else step
        for step in case.steps
    )
    invite = (Step(INVITE, None, Achieved.NOTICE, "invite_by_hand"),) if gone else ()
    return replace(case, steps=(*steps, *invite))


def _uninvited(case: Case) -> Case:
    steps = tuple(
        replace(step, achieved=Achieved.NOTHING)
        if step.action == INVITE and step.achieved in UNDONE
        else step
        for step in case.steps
    )
    return replace(case, steps=steps)


def _expelled(case: Case, now: dt.datetime) -> Emit:
    fact = MemberExpelled(
        case_id=case.case_id,
        chat_id=case.chat_id,
        member_id=case.member_id,
        community=community_of(case.scope),
        expelled_at=now,
    )
    return Emit(fact, case.chat_id)


def _facts(
    case: Case, before: Standing, after: Standing, reason: ReleaseReason, now: dt.datetime
) -> Iterator[Emit]:
    community = community_of(case.scope)
    if before.restriction is not None and before.restricted(now) and not after.restricted(now):
        released = MemberReleased(
            case_id=before.restriction.case,
            chat_id=case.chat_id,
            member_id=case.member_id,
            community=community,
            reason=reason,
            released_at=now,
        )
        yield Emit(released, case.chat_id)
    elif after.restriction is not None and after.restricted(now) and after.restriction != before.restriction:
        restricted = MemberRestricted(
            case_id=after.restriction.case,
            chat_id=case.chat_id,
            member_id=case.member_id,
            community=community,
            until=after.restriction.until,
            restricted_at=now,
        )
        yield Emit(restricted, case.chat_id)


def _timers(case: Case, before: Standing, after: Standing, now: dt.datetime) -> Iterator[Wake | Cancel]:
    if after.restriction == before.restriction:
        return
    if after.restriction is not None and after.restricted(now):
        yield end_of_restriction(case, after.restriction)
    else:
        yield Cancel(restriction_timer(case.scope, case.member_id))
