"""Taking a decision back, so that it is as if it had never been."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from services.moderation.domain.cases.act import Act, Grounds, noted
from services.moderation.domain.cases.case import Case, CaseState, Ruling
from services.moderation.domain.cases.tasks import WORKED
from services.moderation.domain.members import ladder
from services.moderation.domain.members.timers import strike_timer
from services.moderation.domain.policy.examples import exemplary, with_example
from services.moderation.domain.replying import news
from services.moderation.domain.review.cited import standing_of, with_case
from services.moderation.domain.review.credibility import with_outcome
from services.moderation.domain.review.recount import Recounted, recount, unwanted
from services.moderation.domain.scene import Scene
from services.moderation.domain.scopes import community_of
from shared.contracts.actions import MessageDelete
from shared.contracts.moderation import CaseOverturned, ReleaseReason
from shared.decision import Cancel, Decision, Emit, Phrase
from shared.errors import Conflict


def overturn(scene: Scene, case: Case, act: Act, now: dt.datetime) -> Decision[Scene]:
    """Return the scene without the effect of `case`, with the facts by which other services repair theirs.

    The strike goes, and restriction and removal are worked out again from those that are left: later cases
    keep their own points and lose the steps they owed to this one. Who may be out of the group gets an
    invitation as an admin's task. The member hears of it alone.

    Raises:
        Conflict: the case has no effect that could be taken back.
    """
    if not case.effective:
        raise Conflict(f"{case.name} has no effect that could be taken back.")
    counted = without_strike(scene, case, act, now)
    changed = _overturned(counted.scene.cases[case.case_id] or case, act, now)
    scene = with_outcome(with_example(with_case(counted.scene, changed), changed, now), changed, upheld=False)
    return Decision(
        scene,
        emit=(Emit(_fact(case, act, now), case.chat_id), *counted.emit),
        say=(news(scene, changed, _apology(changed, act, counted)),),
        wake=(Cancel(strike_timer(case.case_id)), *counted.wake),
        note="case_overturned",
    )


def without_strike(scene: Scene, case: Case, act: Act, now: dt.datetime) -> Recounted:
    """Return the scene as if `case` had given no strike and wanted nothing, with what follows from that."""
    before = standing_of(scene, case)
    after = ladder.undo(before, case.case_id)
    dropped = next((each for each in before.strikes if each.case == case.case_id), None)
    bare = with_case(scene, replace(unwanted(case), dropped=dropped))
    pardoned = act.reason is Grounds.PARDON
    reason = ReleaseReason.PARDONED if pardoned else ReleaseReason.OVERTURNED
    return recount(bare, case, before, after, reason=reason, now=now)


def _overturned(case: Case, act: Act, now: dt.datetime) -> Case:
    appeal = case.appeal
    if appeal is not None and case.state is CaseState.APPEALED:
        appeal = replace(appeal, answer=act.words, answered_by=act.by, answered_at=now)
    changed = replace(
        case,
        state=CaseState.OVERTURNED,
        claim=None,
        appeal=appeal,
        ruling=Ruling("overturned", case.state, act.by, now, case.waits_since),
        decided_at=now,
    )
    return noted(changed, now, act.by, "overturned", act=act)


def _fact(case: Case, act: Act, now: dt.datetime) -> CaseOverturned:
    return CaseOverturned(
        case_id=case.case_id,
        chat_id=case.chat_id,
        member_id=case.member_id,
        community=community_of(case.scope),
        message_id=case.message_id,
        reason=act.reason.value,
        overturned_by=act.by,
        overturned_at=now,
    )


def _apology(case: Case, act: Act, counted: Recounted) -> Phrase:
    key = "overturn.pardon" if act.reason is Grounds.PARDON else "overturn.apology"
    return Phrase(key, {"case": case.name, "lines": tuple(_lines(case, act, counted))})


def _lines(case: Case, act: Act, counted: Recounted) -> Iterator[Phrase]:
    if case.dropped is not None:
        yield Phrase("overturn.nothing_left")
    if counted.released:
        yield Phrase("overturn.released")
    if counted.readmitted:
        yield Phrase("overturn.invited")
    if any(step.action == MessageDelete.TYPE and step.achieved in WORKED for step in case.steps):
        yield Phrase("overturn.resend")
    if act.words:
        yield Phrase("overturn.words", {"words": act.words})
    if exemplary(case) and case.consent is None:
        yield Phrase("overturn.may_we_keep", {"case": case.name})
