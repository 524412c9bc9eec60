"""Opens a case and gives it its effect: the same way for a rule's verdict, a report and a person's order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from services.moderation.domain.cases.act import Act, noted
from services.moderation.domain.cases.case import Case, CaseState, Ground, case_id
from services.moderation.domain.cases.quoting import category_of
from services.moderation.domain.cases.telling import told_held, told_of_strike
from services.moderation.domain.cases.wanted import delete_message, remove_member
from services.moderation.domain.judging.verdict import Intent, Script
from services.moderation.domain.members.ladder import Rung, rung_of, strike
from services.moderation.domain.members.standing import Person, Standing, Strike
from services.moderation.domain.members.timers import end_of_restriction, end_of_strike
from services.moderation.domain.policy.document import Policy, StepKind
from services.moderation.domain.review.cited import standing_of, with_case, with_standing
from services.moderation.domain.room import policy_scope_of
from services.moderation.domain.scene import Scene
from shared.contracts.base import EventModel
from shared.contracts.moderation import (
    MemberExpelled,
    MemberRestricted,
    MemberWarned,
    MessageFlagged,
    WantedIntent,
)
from shared.decision import Cancel, Decision, Emit, Say, Wake


@dataclass(frozen=True, slots=True)
class Subject:
    """The message a case is about, from whichever place it is known."""

    message_id: str | None = None
    text: str | None = None
    script: Script = Script.OTHER


@dataclass(frozen=True, slots=True)
class Opened:
    """A case, and what follows from it; parts of it are put together with `and_then`."""

    scene: Scene
    case: Case
    emit: tuple[Emit, ...] = ()
    say: tuple[Say, ...] = ()
    wake: tuple[Wake | Cancel, ...] = ()

    def and_then(self, later: Opened) -> Opened:
        """Return both, of which `later` was made on this one's scene and case."""
        return replace(
            later,
            emit=(*self.emit, *later.emit),
            say=(*self.say, *later.say),
            wake=(*self.wake, *later.wake),
        )

    def decision(self, note: str) -> Decision[Scene]:
        """Return it as the decision on an event or a request."""
        return Decision(self.scene, emit=self.emit, say=self.say, wake=self.wake, note=note)


@dataclass(frozen=True, slots=True)
class Order:
    """What decides how a case begins, beside what it is about."""

    by: str
    """`rule`, `reports`, a member_id or the id of an API key."""
    now: dt.datetime
    points: int | None = None
    """None: what the policy gives for the first ground."""
    until: dt.datetime | None = None
    """Until when a person restricts the member, whatever their points."""
    act: Act | None = None
    """Where a person decides: their reason and words."""
    aloud: bool = True
    """Whether the group hears of it; otherwise only the member does, where there is a way."""
    newcomer: bool = False
    reporters: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)


def open_case(
    scene: Scene,
    order: Order,
    *,
    about: Person,
    subject: Subject,
    grounds: tuple[Ground, ...],
    intent: Intent,
) -> Opened:
    """Return a new case with the effect of `intent`: none, a hold, or a strike with all that follows.

    Args:
        scene: holds the standing of whom it is about, as who acts or as the other one.
        order: by whom and how.
        about: whom it is about.
        subject: the message; nothing where a person acts on somebody without one.
        grounds: why, the deciding one first.
        intent: REVIEW, HOLD or REMOVE; an order without a message is REMOVE, and removes no message.

    Raises:
        LookupError: the scene was not loaded around `about`.
    """
    community = scene.community
    case = Case(
        case_id=case_id(scene.room.scope, community.next_case),
        number=community.next_case,
        scope=scene.room.scope,
        chat_id=scene.room.chat_id,
        member_id=about.now,
        message_id=subject.message_id,
        state=CaseState.REVIEW,
        opened_at=order.now,
        opened_by=order.by,
        policy_scope=policy_scope_of(scene.room, community),
        policy_version=scene.policy.version,
        grounds=grounds,
        intent=intent,
        script=subject.script,
        evidence=subject.text,
        newcomer=order.newcomer,
        reporters=order.reporters,
        weights=order.weights,
    )
    case = noted(case, order.now, order.by, "opened")
    numbered = replace(scene, community=replace(community, next_case=case.number + 1))
    opened = Opened(_led_to(with_case(numbered, case), case), case)
    return opened.and_then(carry_out(opened.scene, case, order))


def carry_out(scene: Scene, case: Case, order: Order) -> Opened:
    """Return the case with the effect that its intent has, whatever effect it has had before."""
    match case.intent:
        case Intent.REMOVE:
            return enact(scene, case, order)
        case Intent.HOLD:
            return hold(scene, case, order)
        case _:
            return Opened(scene, case, emit=_flagged(scene, case, order))


def hold(scene: Scene, case: Case, order: Order) -> Opened:
    """Return the case with its message gone until a person has looked at it; nobody has a strike for that."""
    wanted = delete_message(scene, case, order.now)
    held = noted(replace(wanted.case, intent=Intent.HOLD), order.now, order.by, "held")
    return Opened(
        with_case(wanted.scene, held),
        held,
        emit=(*_flagged(scene, held, order), *wanted.emit),
        say=told_held(scene, held, aloud=order.aloud),
    )


def enact(scene: Scene, case: Case, order: Order) -> Opened:
    """Return the case decided: its message goes, its member has a strike and what the ladder makes of it.

    Done again for a case that has its effect, it changes nothing.

    Raises:
        LookupError: the scene does not hold the standing of the case's member.
    """
    if case.effective:
        return Opened(scene, case)
    policy = scene.policy
    points = points_of(policy, case) if order.points is None else order.points
    expires = order.now + dt.timedelta(days=policy.document.ladder.expiry_days)
    decided = replace(case, state=CaseState.DECIDED, intent=Intent.REMOVE, claim=None)
    wanted = delete_message(scene, decided, order.now)
    emit = [*_flagged(scene, decided, order), *wanted.emit]
    scene, decided = wanted.scene, wanted.case
    before = standing = standing_of(scene, case)
    if points or order.until:
        given = Strike(case.case_id, points, order.now, expires, policy.document.ladder.steps, order.until)
        standing = strike(before, given)
        scene = with_standing(scene, case, standing)
    rung = rung_of(standing, case.case_id)
    if rung is not None:
        decided = _placed(decided, rung)
        emit += _facts(scene, decided, rung, order.now)
        if decided.step is StepKind.REMOVE:
            wanted = remove_member(scene, decided, order.now)
            emit += wanted.emit
            scene, decided = wanted.scene, wanted.case
    decided = noted(decided, order.now, order.by, "decided", act=order.act)
    return Opened(
        with_case(scene, decided),
        decided,
        emit=tuple(emit),
        say=told_of_strike(scene, decided, rung, order.now, aloud=order.aloud),
        wake=tuple(_timers(decided, before, standing)),
    )


def points_of(policy: Policy, case: Case) -> int:
    """Return the strike points that the policy gives for the first ground of a case."""
    if not case.grounds:
        return 0
    ground = case.grounds[0]
    category = category_of(ground)
    found = policy.document.rule(ground.rule)
    if found is not None:
        return policy.weight(found[1], category)
    return policy.document.ladder.weights.get(category, 1)


def _timers(case: Case, before: Standing, after: Standing) -> Iterator[Wake]:
    if case.points:
        yield end_of_strike(case)
    if after.restriction is not None and after.restriction != before.restriction:
        yield end_of_restriction(case, after.restriction)


def _placed(case: Case, rung: Rung) -> Case:
    """Return the case with its place on the ladder."""
    return replace(
        case,
        points=rung.strike.points,
        expires=rung.strike.expires,
        step=rung.kind,
        cites=tuple(int(each.rpartition("#")[2]) for each in rung.cites),
        restriction_until=rung.restricted_until,
    )


def _facts(scene: Scene, case: Case, rung: Rung, now: dt.datetime) -> list[Emit]:
    named = {
        "case_id": case.case_id,
        "chat_id": case.chat_id,
        "member_id": case.member_id,
        "community": scene.room.community,
    }
    facts: list[EventModel] = []
    if case.points:
        facts.append(
            MemberWarned(
                **named, points=case.points, total=rung.points, expires_at=case.expires, warned_at=now
            )
        )
    if case.restriction_until is not None:
        facts.append(MemberRestricted(**named, until=case.restriction_until, restricted_at=now))
    if case.step is StepKind.REMOVE:
        facts.append(MemberExpelled(**named, expelled_at=now))
    return [Emit(each, case.chat_id) for each in facts]


def _flagged(scene: Scene, case: Case, order: Order) -> tuple[Emit, ...]:
    if case.message_id is None or not case.grounds:
        return ()
    ground = case.grounds[0]
    fact = MessageFlagged(
        case_id=case.case_id,
        chat_id=case.chat_id,
        member_id=case.member_id,
        community=scene.room.community,
        message_id=case.message_id,
        rule=ground.rule or "none",
        check=ground.check,
        code=ground.code,
        category=category_of(ground).value,
        intent=WantedIntent(case.intent.value),
        policy_version=case.policy_version,
        flagged_at=order.now,
    )
    return (Emit(fact, case.chat_id),)


def _led_to(scene: Scene, case: Case) -> Scene:
    """Return the scene in which the message knows its case: the next report or edit of it finds it."""
    if scene.judged is not None and scene.judged.message_id == case.message_id:
        scene = replace(scene, judged=replace(scene.judged, case=case.case_id))
    if scene.target is not None and scene.target.message_id == case.message_id:
        scene = replace(scene, target=replace(scene.target, case=case.case_id))
    return scene
