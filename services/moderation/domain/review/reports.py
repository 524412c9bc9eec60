"""`!रिपोर्ट` in reply to a message: members point at what is wrong, and nobody learns who did."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from services.moderation.domain.cases.act import noted
from services.moderation.domain.cases.case import Case, CaseState, Ground
from services.moderation.domain.cases.opening import Opened, Order, Subject, hold, open_case
from services.moderation.domain.cases.wanted import possible
from services.moderation.domain.history.judged import Judged
from services.moderation.domain.judging.context import Trust
from services.moderation.domain.judging.judge import EXEMPT
from services.moderation.domain.judging.verdict import Intent
from services.moderation.domain.replying import reply
from services.moderation.domain.review.cited import with_case
from services.moderation.domain.review.credibility import REMEMBERED, discredited, joint, weight
from services.moderation.domain.room import Report
from services.moderation.domain.scene import Scene
from shared.commands import Command
from shared.contracts.actions import MessageDelete
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import REPLY_VALID_FOR, Decision, Emit, Phrase

HOUR = dt.timedelta(hours=1)

GROUND = Ground("reports", 0, "reports", "reported", 1.0)
"""What a case stands on that members have opened; which rule it breaks is for a reviewer to say."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A report, as it was taken."""

    scene: Scene
    key: str
    """The text that tells the reporter what became of it."""
    opened: Opened | None = None
    """What follows from it, where anything does."""

    @property
    def note(self) -> str:
        """The code of what was decided."""
        return self.key.replace(".", "_")


def decide(
    scene: Scene, command: Command, envelope: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Take a report and thank for it where nobody else reads.

    The command stands in the group as an answer to the message, for its author to see: it goes, where the
    channel can delete it.
    """
    del command
    taken = report(scene, now)
    told = reply(taken.scene, envelope, Phrase(taken.key), private=True, aloud=False)
    opened = taken.opened
    return Decision(
        taken.scene,
        emit=(*(opened.emit if opened else ()), *_hidden(scene, envelope, now)),
        say=(told, *(opened.say if opened else ())),
        wake=opened.wake if opened else (),
        note=taken.note,
    )


def decide_request(scene: Scene, now: dt.datetime) -> Decision[Scene]:
    """Take a report that a REST client hands in for a member; the member hears nothing."""
    taken = report(scene, now)
    if taken.opened is None:
        return Decision(taken.scene, note=taken.note)
    return replace(taken.opened.decision(taken.note), state=taken.scene)


def report(scene: Scene, now: dt.datetime) -> Taken:
    """Return what becomes of a report by `scene.person` of the message `scene.target`.

    Every report that weighs anything, or might, brings the message before a person. From the weight of as
    many trusted members as the policy says it is held until then; an admin's or an expert's never is.
    """
    target = scene.target
    lately = tuple(each for each in scene.standing.reported_at if now - each < HOUR)
    refused = _refused(scene, lately)
    if target is None or refused is not None:
        return Taken(scene, refused or "report.needs_reply")
    case = _known(scene)
    scene = replace(scene, standing=replace(scene.standing, reported_at=(*lately, now)))
    if case is not None and case.state is not CaseState.REVIEW:
        return Taken(scene, "report.decided")
    if discredited(scene.standing):
        # Thanked like anybody: whoever learns that they are not heard comes back under another name.
        return Taken(scene, "report.thanks")
    opened = _held(_with_reporter(scene, case, now) if case else _opened(scene, target, now), now)
    return Taken(opened.scene, "report.thanks", opened)


def _refused(scene: Scene, lately: tuple[dt.datetime, ...]) -> str | None:
    """Return the key of the text that says why a report is not taken, None where it is."""
    case, reporter = _known(scene), scene.person.now
    if scene.target is None or scene.other is None:
        return "report.needs_reply"
    if reporter in {scene.target.member_id, scene.other.now}:
        return "report.own"
    if case is not None and reporter in case.reporters:
        return "report.again"
    return "report.too_many" if len(lately) >= scene.policy.document.reports.per_hour else None


def _known(scene: Scene) -> Case | None:
    """Return the case that the message has already."""
    target = scene.target
    return scene.cases.get(target.case) if target is not None and target.case is not None else None


def _opened(scene: Scene, target: Judged, now: dt.datetime) -> Opened:
    if scene.other is None:
        raise LookupError("Nobody wrote the message.")
    weights = {scene.person.now: _weight(scene, now)}
    order = Order(
        by="reports",
        now=now,
        aloud=False,
        newcomer=target.trust is Trust.NEW,
        reporters=tuple(weights),
        weights=weights,
    )
    opened = open_case(
        scene,
        order,
        about=scene.other,
        subject=Subject(target.message_id.partition("#")[0], target.text, target.script),
        grounds=(GROUND,),
        intent=Intent.REVIEW,
    )
    return replace(opened, scene=_remembered(opened.scene, opened.case))


def _with_reporter(scene: Scene, case: Case, now: dt.datetime) -> Opened:
    reporter = scene.person.now
    joined = replace(
        case,
        reporters=(*case.reporters, reporter),
        weights={**case.weights, reporter: _weight(scene, now)},
    )
    joined = noted(joined, now, reporter, "reported")
    return Opened(_remembered(with_case(scene, joined), joined), joined)


def _held(opened: Opened, now: dt.datetime) -> Opened:
    scene, case = opened.scene, opened.case
    enough = (
        joint(case.weights, case.case_id, scene.community.reported) >= scene.policy.document.reports.reporters
    )
    if case.intent is not Intent.REVIEW or not enough or _exempt(scene, now):
        return opened
    return opened.and_then(hold(scene, case, Order(by="reports", now=now)))


def _exempt(scene: Scene, now: dt.datetime) -> bool:
    """Whether the message is by somebody whom rules never punish."""
    author, standing = scene.other, scene.other_standing
    if author is None or standing is None:
        return True
    return standing.trust(scene.policy, now, admin=author.now in scene.admins) in EXEMPT


def _weight(scene: Scene, now: dt.datetime) -> float:
    return weight(scene.standing, scene.policy, now, admin=scene.admin)


def _remembered(scene: Scene, case: Case) -> Scene:
    reported = (*scene.community.reported, Report(case.case_id, scene.person.now))[-REMEMBERED:]
    return replace(scene, community=replace(scene.community, reported=reported))


def _hidden(scene: Scene, envelope: Envelope[MessageReceived], now: dt.datetime) -> tuple[Emit, ...]:
    if not possible(scene, MessageDelete.TYPE) or scene.room.channel is None:
        return ()
    chat_id = scene.room.chat_id
    command = MessageDelete(
        chat_id=chat_id, not_after=now + REPLY_VALID_FOR, message_id=envelope.data.message_id
    )
    return (Emit(command, chat_id),)
