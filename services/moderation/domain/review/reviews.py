"""What a reviewer does: claims a case, decides it with a reason, and takes that back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from services.moderation.domain.cases.act import Act, Grounds, noted, people_who_decided
from services.moderation.domain.cases.case import Case, CaseState, Claim, Ground, Ruling
from services.moderation.domain.cases.opening import Order, enact
from services.moderation.domain.cases.quoting import category_watched
from services.moderation.domain.cases.tasks import WORKED
from services.moderation.domain.cases.wanted import Wanted, delete_message
from services.moderation.domain.judging.verdict import Intent
from services.moderation.domain.members import ladder
from services.moderation.domain.members.timers import end_of_strike, strike_timer
from services.moderation.domain.policy.examples import with_example
from services.moderation.domain.replying import news
from services.moderation.domain.review.cited import standing_of, with_case
from services.moderation.domain.review.credibility import with_outcome
from services.moderation.domain.review.overturn import overturn, without_strike
from services.moderation.domain.review.recount import recount, unwanted
from services.moderation.domain.scene import Scene
from services.moderation.domain.scopes import community_of
from shared.contracts.actions import MessageDelete
from shared.contracts.moderation import CaseDismissed, CaseOverturned, CaseUpheld, ReleaseReason
from shared.decision import Cancel, Decision, Emit, Phrase, Say
from shared.errors import Conflict, Forbidden, Invalid

CLAIMED_FOR = dt.timedelta(minutes=30)
"""Long enough to read and ask around; whoever went for tea does not block the case for the day."""

UNDO_WITHIN = dt.timedelta(hours=24)
"""Later, people have acted on a decision: it is changed by the next decision, not by undoing the last."""


def claim(scene: Scene, case: Case, *, by: str, now: dt.datetime) -> Decision[Scene]:
    """Keep an open case for `by` for a while; claiming again prolongs it.

    Raises:
        Conflict: it is not open, or somebody else looks at it just now.
    """
    if not case.open:
        raise Conflict(f"{case.name} is not open.")
    _not_somebody_elses(case, by, now)
    claimed = noted(replace(case, claim=Claim(by, now + CLAIMED_FOR)), now, by, "claimed")
    return Decision(with_case(scene, claimed), note="case_claimed")


def release(scene: Scene, case: Case, *, by: str, now: dt.datetime) -> Decision[Scene]:
    """Give a claimed case back to everybody.

    Raises:
        Conflict: somebody else looks at it just now.
    """
    _not_somebody_elses(case, by, now)
    if case.claim is None:
        return Decision(scene)
    released = noted(replace(case, claim=None), now, by, "released")
    return Decision(with_case(scene, released), note="case_released")


def uphold(
    scene: Scene,
    case: Case,
    act: Act,
    now: dt.datetime,
    *,
    rule: str | None = None,
    reviewers: Collection[str] = (),
) -> Decision[Scene]:
    """Confirm a case: what waited gets its effect, an appeal its answer, a decision its second word.

    Args:
        scene: around the case.
        case: the case.
        act: who, why and in which words.
        now: the time.
        rule: the rule it breaks, which decides the weight of the strike; that of the case where None. What
            members alone have reported stands on none: whoever confirms it names one.
        reviewers: everybody who could decide in place of `act.by`.

    Raises:
        Conflict: there is nothing to confirm, or somebody else looks at it, or should.
        Forbidden: it is about whoever decides.
        Invalid: no rule in force has that name, or one has to be named, or words are missing.
    """
    _may(case, act, now, reviewers)
    if case.state is CaseState.REVIEW:
        return _carried_out(scene, _under(scene, case, rule), act, now)
    if not case.effective:
        raise Conflict(f"{case.name} has been {case.state.value}; there is nothing to confirm.")
    appeal = case.appeal
    say: tuple[Say, ...] = ()
    if case.state is CaseState.APPEALED and appeal is not None:
        appeal = replace(appeal, answer=act.words, answered_by=act.by, answered_at=now)
        say = (news(scene, case, Phrase("appeal.upheld", {"case": case.name, "words": act.words or ""})),)
    upheld = replace(case, state=CaseState.DECIDED, claim=None, appeal=appeal)
    scene = with_case(scene, _ruled(upheld, "upheld", case, act, now))
    scene = with_outcome(scene, case, upheld=True)
    return Decision(scene, emit=(_upheld(case, act.reason.value, act.by, now),), say=say, note="case_upheld")


def dismiss(
    scene: Scene, case: Case, act: Act, now: dt.datetime, *, reviewers: Collection[str] = ()
) -> Decision[Scene]:
    """Close a case in which nothing but a hold has happened.

    Raises:
        Conflict: it has its effect already, which is overturned and not dismissed; or it is closed; or
            somebody else looks at it.
        Forbidden: it is about whoever decides.
        Invalid: words are missing.
    """
    _may(case, act, now, reviewers)
    if case.state is not CaseState.REVIEW:
        raise Conflict(f"{case.name} does not wait for a review; what has an effect is overturned.")
    held = any(step.action == MessageDelete.TYPE and step.achieved in WORKED for step in case.steps)
    dismissed = replace(unwanted(case), state=CaseState.DISMISSED, claim=None)
    scene = with_case(scene, _ruled(dismissed, "dismissed", case, act, now))
    scene = with_outcome(scene, case, upheld=False)
    fact = CaseDismissed(
        case_id=case.case_id,
        chat_id=case.chat_id,
        member_id=case.member_id,
        community=community_of(case.scope),
        message_id=case.message_id,
        reason=act.reason.value,
        dismissed_by=act.by,
        dismissed_at=now,
    )
    lines = (Phrase("overturn.resend"),) if held else ()
    told = Phrase("review.cleared", {"case": case.name, "lines": lines})
    return Decision(
        scene,
        emit=(Emit(fact, case.chat_id),),
        # Who was never told that somebody looks at their message has nothing to hear of its end.
        say=(news(scene, case, told),) if held else (),
        note="case_dismissed",
    )


def reverse(
    scene: Scene, case: Case, act: Act, now: dt.datetime, *, reviewers: Collection[str] = ()
) -> Decision[Scene]:
    """Overturn a case, as `overturn`, where `act.by` may.

    Raises:
        Conflict: it has no effect, or somebody else looks at it, or should.
        Forbidden: it is about whoever decides.
        Invalid: words are missing.
    """
    _may(case, act, now, reviewers)
    return overturn(scene, case, act, now)


def answer_appeal(
    scene: Scene, case: Case, act: Act, now: dt.datetime, *, upheld: bool, reviewers: Collection[str] = ()
) -> Decision[Scene]:
    """Answer an appeal in words: the decision stands, or is taken back.

    Raises:
        Conflict: nobody has appealed, or it is answered, or somebody else looks at it, or should.
        Forbidden: it is about whoever decides.
        Invalid: words are missing.
    """
    if case.state is not CaseState.APPEALED:
        raise Conflict(f"{case.name} has no appeal that waits for an answer.")
    if upheld:
        return uphold(scene, case, act, now, reviewers=reviewers)
    return reverse(scene, case, act, now, reviewers=reviewers)


def undo(scene: Scene, case: Case, *, by: str, now: dt.datetime) -> Decision[Scene]:
    """Take the last decision about a case back: it waits, or holds, as it did before.

    What other services were told is put right by the opposite fact.

    Raises:
        Conflict: nobody has decided, or too long ago.
        Forbidden: it is about whoever asks.
    """
    ruling = case.ruling
    if ruling is None or now - ruling.at > UNDO_WITHIN:
        raise Conflict(f"No decision about {case.name} can be undone: only the last, within 24 hours.")
    if by == case.member_id:
        raise Forbidden("Nobody decides about themselves.")
    act = Act(by, Grounds.OTHER)
    before = _as_before(case, ruling)
    if ruling.what == "overturned":
        return _restored(scene, before, act, now)
    if ruling.what == "upheld" and ruling.before is CaseState.REVIEW:
        return _withdrawn(scene, before, act, now)
    reopened = noted(before, now, by, "undone", ruling.what)
    gone = _gone_again(with_case(scene, reopened), reopened, now)
    scene = with_outcome(gone.scene, case, upheld=None)
    return Decision(scene, emit=gone.emit, note="case_undone")


def _gone_again(scene: Scene, case: Case, now: dt.datetime) -> Wanted:
    """Return the case wanting its message gone as it did before a decision that let it stay."""
    wants = case.intent in {Intent.HOLD, Intent.REMOVE}
    return delete_message(scene, case, now) if wants else Wanted(scene, case)


def _carried_out(scene: Scene, case: Case, act: Act, now: dt.datetime) -> Decision[Scene]:
    done = enact(with_case(scene, case), case, Order(by=act.by, now=now, act=act))
    ruling = Ruling("upheld", case.state, act.by, now, case.waits_since)
    ruled = replace(done.case, ruling=ruling, decided_at=now)
    scene = with_outcome(with_case(done.scene, ruled), case, upheld=True)
    return Decision(
        scene,
        emit=(*done.emit, _upheld(case, act.reason.value, act.by, now)),
        say=done.say,
        wake=done.wake,
        note="case_upheld",
    )


def _under(scene: Scene, case: Case, rule: str | None) -> Case:
    """Return the case with the rule that a person says it breaks as its deciding ground."""
    first = case.grounds[0] if case.grounds else Ground("", 0, "order", "named", 1.0)
    if rule is None:
        if not first.number:
            raise Invalid("Members have reported this, and no rule is named yet: name the rule it breaks.")
        return case
    found = scene.policy.document.rule(rule)
    if found is None:
        raise Invalid("No rule in force has this name.")
    if rule == first.rule:
        return case
    # Another rule is another offence, with a weight of its own.
    named = replace(first, rule=rule, number=found[0], category=category_watched(found[1]))
    return replace(case, grounds=(named, *case.grounds[1:]))


def _restored(scene: Scene, case: Case, act: Act, now: dt.datetime) -> Decision[Scene]:
    """Return the case overturned no more: its strike is back as it was."""
    standing = standing_of(scene, case)
    again = ladder.strike(standing, case.dropped) if case.dropped else standing
    restored = noted(replace(case, dropped=None), now, act.by, "undone", "overturned")
    gone = _gone_again(with_example(with_case(scene, restored), restored, now), restored, now)
    scene, restored = gone.scene, gone.case
    counted = recount(scene, restored, standing, again, reason=ReleaseReason.OVERTURNED, now=now)
    lasting = restored.expires is not None and restored.expires > now
    strike = (end_of_strike(restored),) if case.dropped and lasting else ()
    return Decision(
        with_outcome(counted.scene, case, upheld=True),
        emit=(_upheld(case, "undone", act.by, now), *gone.emit, *counted.emit),
        wake=(*strike, *counted.wake),
        note="case_undone",
    )


def _withdrawn(scene: Scene, case: Case, act: Act, now: dt.datetime) -> Decision[Scene]:
    """Return the case waiting for a review again, without the effect it got by one."""
    counted = without_strike(scene, case, act, now)
    waiting = counted.scene.cases[case.case_id] or case
    intent = Intent.HOLD if any(step.action == MessageDelete.TYPE for step in case.steps) else Intent.REVIEW
    waiting = replace(
        waiting, intent=intent, points=0, expires=None, step=None, cites=(), restriction_until=None
    )
    waiting = noted(replace(waiting, dropped=None), now, act.by, "undone", "upheld")
    fact = CaseOverturned(
        case_id=case.case_id,
        chat_id=case.chat_id,
        member_id=case.member_id,
        community=community_of(case.scope),
        message_id=case.message_id,
        reason="undone",
        overturned_by=act.by,
        overturned_at=now,
    )
    return Decision(
        with_outcome(with_case(counted.scene, waiting), case, upheld=None),
        emit=(Emit(fact, case.chat_id), *counted.emit),
        wake=(Cancel(strike_timer(case.case_id)), *counted.wake),
        note="case_undone",
    )


def _as_before(case: Case, ruling: Ruling) -> Case:
    appeal = case.appeal
    if appeal is not None and ruling.before is CaseState.APPEALED:
        appeal = replace(appeal, answer=None, answered_by=None, answered_at=None)
    return replace(case, state=ruling.before, ruling=None, appeal=appeal, decided_at=None)


def _ruled(case: Case, what: str, before: Case, act: Act, now: dt.datetime) -> Case:
    ruling = Ruling(what, before.state, act.by, now, before.waits_since)
    ruled = replace(case, ruling=ruling, decided_at=now)
    return noted(ruled, now, act.by, what, act=act)


def _upheld(case: Case, reason: str, by: str, now: dt.datetime) -> Emit:
    fact = CaseUpheld(
        case_id=case.case_id,
        chat_id=case.chat_id,
        member_id=case.member_id,
        community=community_of(case.scope),
        message_id=case.message_id,
        reason=reason,
        upheld_by=by,
        upheld_at=now,
    )
    return Emit(fact, case.chat_id)


def _may(case: Case, act: Act, now: dt.datetime, reviewers: Collection[str]) -> None:
    if act.by == case.member_id:
        raise Forbidden("Nobody decides about themselves.")
    _not_somebody_elses(case, act.by, now)
    appealed = case.state is CaseState.APPEALED
    if appealed and not (act.words or "").strip():
        raise Invalid("An appeal is answered in words.")
    if act.reason is Grounds.OTHER and not (act.words or "").strip():
        raise Invalid("The reason `other` takes words.")
    decided = people_who_decided(case)
    others = set(reviewers) - decided - {case.member_id}
    if appealed and act.by in decided and others:
        raise Conflict("Somebody else than who decided looks at an appeal.")


def _not_somebody_elses(case: Case, by: str, now: dt.datetime) -> None:
    if case.claim is not None and case.claim.by != by and case.claim.until > now:
        raise Conflict(f"{case.name} is being looked at by somebody else just now.")
