"""What follows from a verdict: from nothing but a line in the history to a case with its effect.

A message has one case and one strike at most, however often it is told, edited and told again, and in
whatever order.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from services.moderation.domain.cases.act import noted
from services.moderation.domain.cases.case import Case, CaseState, Ground
from services.moderation.domain.cases.holding import held_back
from services.moderation.domain.cases.opening import Opened, Order, Subject, carry_out, open_case
from services.moderation.domain.detectors.campaign import copies
from services.moderation.domain.history.campaigns import alert, is_offer, is_scam, remember
from services.moderation.domain.history.drift import drifted
from services.moderation.domain.history.judged import Hit, Judged
from services.moderation.domain.judging.context import Context, Trace, Trust
from services.moderation.domain.judging.hearing import Spoken, others, substantial, trace_of
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Intent, Verdict
from services.moderation.domain.members.standing import Person, Standing
from services.moderation.domain.review.cited import with_case
from services.moderation.domain.room import RECENT, policy_scope_of
from services.moderation.domain.scene import Scene
from shared.clock import as_stored
from shared.contracts.gateway import ChatKind, MessageEdited, MessageKind, MessageReceived
from shared.decision import Decision, Emit

MACHINE = "rule"
"""Who acts where no person does."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """A message, and all that was made of it."""

    event: Spoken
    verdict: Verdict
    message: Message
    context: Context
    trace: Trace
    now: dt.datetime


def decide_judged(
    scene: Scene,
    event: Spoken,
    verdict: Verdict,
    *,
    message: Message,
    context: Context,
    now: dt.datetime,
    on_topic: float | None = None,
) -> Decision[Scene]:
    """Return what follows from the verdict on a message that was written or changed.

    Args:
        scene: around the message; `judged` is its last judgement, with the case it led to.
        event: what told of it.
        verdict: of the policy in force.
        message: as it was judged.
        context: on which it was judged.
        now: when.
        on_topic: how far it belongs to the group's topic; None for what is too short to tell.
    """
    # What somebody writes to us alone reaches nobody who would have to be protected from it.
    if event.data.chat_kind is ChatKind.DIRECT:
        return Decision(scene)
    if _is_known(scene.judged, event):
        return Decision(scene, note="judged_before")
    verdict = held_back(verdict, message, context, scene.policy)
    heard = _Heard(event, verdict, message, context, trace_of(message, now, on_topic=on_topic), now)
    first, fine = scene.judged is None, verdict.intent in {Intent.ALLOW, Intent.NUDGE}
    counts = first and fine and verdict.exempt is None and substantial(message.normal)
    scene = _recorded(scene, heard, accepted=scene.standing.accepted + counts)
    campaign: tuple[Emit, ...] = ()
    if is_offer(message, verdict) and verdict.exempt is None:
        scene, campaign = remember(scene, heard.trace, now)
    decision = Decision(scene, emit=campaign, note=_note(verdict))
    if fine:
        return _fine(decision, heard) if first else _mended(decision, now)
    return _followed(decision, heard)


def _is_known(judged: Judged | None, event: Spoken) -> bool:
    """Whether this very thing has been judged: an original once, an edit by its time and text."""
    if judged is None:
        return False
    if isinstance(event.data, MessageReceived):
        # An edit may have come first; then its kind is what nobody has told yet.
        return judged.kind != MessageKind.UNKNOWN or judged.edits == 0
    same = judged.edited_at == as_stored(event.data.edited_at)
    return same and judged.text == (event.data.text or "")


def _known(scene: Scene, now: dt.datetime, accepted: int) -> tuple[Person, Standing]:
    """Return the author as known in this scope, no stranger any more, with so many accepted messages."""
    person, standing = scene.person, scene.standing
    if scene.room.scope not in person.scopes:
        person = replace(person, scopes=person.scopes | {scene.room.scope})
    if standing.since is None or standing.accepted != accepted:
        standing = replace(standing, since=standing.since or now, accepted=accepted)
    return person, standing


def _recorded(scene: Scene, heard: _Heard, accepted: int) -> Scene:
    """Return the scene with the judgement in the history and the message in the room's memory.

    Its author is known from then on, with `accepted` messages.
    """
    room, before = scene.room, scene.judged
    person, standing = _known(scene, heard.now, accepted)
    event, verdict, message, context = heard.event, heard.verdict, heard.message, heard.context
    row = Judged(
        message_id=message.message_id,
        chat_id=message.chat_id,
        scope=room.scope,
        member_id=message.member_id,
        seq=room.seq + 1,
        at=heard.now,
        sent_at=message.sent_at,
        kind=str(message.kind),
        text=message.normal.original,
        script=verdict.script,
        trust=context.trust,
        restricted=context.restricted,
        raid=context.raid,
        prompt_open=context.prompt_open,
        trace=heard.trace,
        offers=copies(message, context.offers) if is_offer(message, verdict) else (),
        policy_scope=policy_scope_of(room, scene.community),
        policy_version=scene.policy.version,
        intent=verdict.intent,
        hits=tuple(
            Hit(each.rule, each.finding.check, each.finding.code, each.shadow, each.finding.intent)
            for each in verdict.reasons
        ),
        exempt=verdict.exempt,
        forwarded=message.forwarded,
        often_forwarded=message.often_forwarded,
        reply_to=message.reply_to,
        attachment_sha256=message.attachment_sha256,
        mentions=message.mentions,
        edits=1 if isinstance(event.data, MessageEdited) else 0,
        edited_at=as_stored(event.data.edited_at) if isinstance(event.data, MessageEdited) else None,
    )
    recent = room.recent if before is None else others(room.recent, message.message_id)
    room = replace(room, seq=row.seq, recent=(*recent, heard.trace)[-RECENT:])
    if before is None:
        return replace(scene, room=room, judged=row, person=person, standing=standing)
    row = replace(row, case=before.case, edits=before.edits + 1, revoked=before.revoked)
    # What is newest is what everybody reads; an older wording that comes late is kept beside it.
    newest, other = (before, row) if _is_older(event, before) else (row, before)
    if isinstance(event.data, MessageReceived):
        newest = replace(newest, kind=row.kind, sent_at=row.sent_at)
    newest = replace(newest, edits=row.edits, case=before.case)
    name = f"{message.message_id}#{before.edits}"
    return replace(
        scene,
        room=room,
        judged=newest,
        person=person,
        standing=standing,
        earlier={**scene.earlier, name: replace(other, message_id=name)},
    )


def _is_older(event: Spoken, before: Judged) -> bool:
    if isinstance(event.data, MessageReceived):
        return True
    return before.edited_at is not None and as_stored(event.data.edited_at) < before.edited_at


def _fine(decision: Decision[Scene], heard: _Heard) -> Decision[Scene]:
    """Return what follows from a message that is fine: at most a word to all, where the talk drifts."""
    scene, trace = decision.state, heard.trace
    off_topic = 0.0 if heard.verdict.intent is Intent.NUDGE else None
    on_topic = off_topic if trace.on_topic is None else trace.on_topic
    room, nudge = drifted(scene.room, scene.policy, heard.message.member_id, on_topic, heard.now)
    if room is scene.room:
        return decision
    note = "nudged" if nudge else decision.note
    return replace(decision, state=replace(scene, room=room), say=nudge, note=note)


def _mended(decision: Decision[Scene], now: dt.datetime) -> Decision[Scene]:
    """Return what follows from an edit that is fine: what was wrong before stays a person's to weigh."""
    scene = decision.state
    case = _case_of(scene)
    if case is None:
        return decision
    return replace(decision, state=with_case(scene, noted(case, now, MACHINE, "edited")))


def _followed(decision: Decision[Scene], heard: _Heard) -> Decision[Scene]:
    """Return what follows from a message that breaks a rule, or may."""
    scene, case = decision.state, _case_of(decision.state)
    verdict, message, context = heard.verdict, heard.message, heard.context
    scam = is_scam(verdict)
    order = Order(
        by=MACHINE,
        now=heard.now,
        # A scam is told to all without naming anybody, a wave of them to nobody; and who is to be gone
        # already would be named with every message until they are.
        aloud=not (scam or context.raid or scene.standing.removed_by),
        newcomer=context.trust is Trust.NEW,
    )
    if case is None:
        opened = open_case(
            scene,
            order,
            about=scene.person,
            subject=Subject(message.message_id, message.normal.original, verdict.script),
            grounds=grounds_of(verdict),
            intent=verdict.intent,
        )
    else:
        opened = _again(scene, case, verdict, message, order)
    say = opened.say
    scene = opened.scene
    if scam and opened.emit:
        scene, alerts = alert(scene, opened.case, heard.trace, heard.now)
        if alerts:
            # The alert names the case before the group already.
            say = (*alerts, *(replace(each, instead=None) for each in say))
    return Decision(scene, emit=(*decision.emit, *opened.emit), say=say, wake=opened.wake, note=decision.note)


def _again(scene: Scene, case: Case, verdict: Verdict, message: Message, order: Order) -> Opened:
    """Return the case of a message that was judged before: it goes further where the message now does.

    What has its effect keeps it. What a person has found fine was another wording: this one is for a person
    to look at again, and is held where it would have to go.
    """
    edited = noted(case, order.now, order.by, "edited", grounds_of(verdict)[0].code)
    closed = case.state in {CaseState.DISMISSED, CaseState.OVERTURNED}
    wanted = Intent.HOLD if closed and verdict.intent is Intent.REMOVE else verdict.intent
    further = wanted.rank > case.intent.rank if case.state is CaseState.REVIEW else closed
    if case.evidence == message.normal.original and closed:
        further = False
    if not further:
        return Opened(with_case(scene, edited), edited)
    risen = replace(
        edited,
        state=CaseState.REVIEW,
        intent=wanted,
        grounds=grounds_of(verdict),
        script=verdict.script,
        evidence=message.normal.original,
        policy_scope=policy_scope_of(scene.room, scene.community),
        policy_version=scene.policy.version,
    )
    return carry_out(with_case(scene, risen), risen, order)


def grounds_of(verdict: Verdict) -> tuple[Ground, ...]:
    """Return the reasons of a verdict that are in force, as a case keeps them."""
    return tuple(
        Ground(
            rule=each.rule,
            number=each.number,
            check=each.finding.check,
            code=each.finding.code,
            score=each.finding.score,
            spans=each.finding.spans,
            category=each.finding.category,
        )
        for each in verdict.reasons
        if not each.shadow
    )


def _case_of(scene: Scene) -> Case | None:
    judged = scene.judged
    return scene.cases.get(judged.case) if judged is not None and judged.case is not None else None


def _note(verdict: Verdict) -> str:
    if verdict.exempt is not None:
        return "exempt"
    if verdict.intent is Intent.ALLOW and verdict.reasons:
        return "shadowed"
    return {
        Intent.ALLOW: "allowed",
        Intent.NUDGE: "allowed",
        Intent.REVIEW: "reviewed",
        Intent.HOLD: "held",
        Intent.REMOVE: "removed",
    }[verdict.intent]
