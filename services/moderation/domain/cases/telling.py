"""What a group and a member are told of a case: why, how far, until when, and how to ask a person.

The message itself is never repeated, and it is quoted only where it stays: a quotation would bring back what
has been taken away.
"""

from __future__ import annotations

import datetime as dt
import math

from services.moderation.domain.cases.case import Achieved, Case
from services.moderation.domain.members.ladder import Rung
from services.moderation.domain.policy.document import StepKind
from services.moderation.domain.replying import hint, language_of, rule_name
from services.moderation.domain.review.cited import standing_of
from services.moderation.domain.scene import Scene
from shared.contracts.actions import MemberRemove, MessageDelete
from shared.contracts.gateway import SendClass
from shared.decision import Parameter, Phrase, Say

VALID_FOR = dt.timedelta(hours=2)
"""A warning that comes much later is about something nobody remembers; `!क्यों` tells it at any time."""

LINKS = frozenset({"links"})
"""Checks whose finding is a link rather than what is said."""


def told_held(scene: Scene, case: Case, *, aloud: bool) -> tuple[Say, ...]:
    """Return the notice that a message waits for a person: no rule is named before somebody has looked."""
    key = "case.held_stays" if stays(case) else "case.held"
    return (_say(scene, case, Phrase(key, {"case": case.name}), aloud=aloud),)


def told_of_strike(
    scene: Scene, case: Case, rung: Rung | None, now: dt.datetime, *, aloud: bool
) -> tuple[Say, ...]:
    """Return what is said when a case gets its effect."""
    said = what_happened(scene, case)
    if rung is None:
        phrase = Phrase("case.no_strike", {"said": said, "case": case.name})
    elif not rung.strike.points:
        phrase = Phrase(
            "case.restricted_by_order", {"said": said, "hours": _hours(case, now), "case": case.name}
        )
    else:
        phrase = _strike(case, rung, said, now)
    return (_say(scene, case, phrase, aloud=aloud),)


def what_happened(scene: Scene, case: Case) -> Phrase:
    """Return what was done to the message, and by which rule; a person's order needs no rule."""
    ground = case.grounds[0] if case.grounds else None
    found = scene.policy.document.rule(ground.rule) if ground else None
    if ground is None or found is None:
        return Phrase("case.said.order" if case.message_id is None else "case.said.message_order")
    name = rule_name(scene.policy, ground.rule, language_of(scene.room, scene.policy))
    what = Phrase("case.what.link" if ground.check in LINKS else "case.what.message")
    key = "case.said.order_rule" if case.message_id is None else "case.said.stopped"
    if stays(case):
        key = "case.said.stays"
    named = {"number": found[0], "rule": name}
    return Phrase(key, named if case.message_id is None else {"what": what, **named})


def stays(case: Case) -> bool:
    """Whether the message is known to stay, because the channel cannot delete it."""
    return _cannot(case, MessageDelete.TYPE)


def _strike(case: Case, rung: Rung, said: Phrase, now: dt.datetime) -> Phrase:
    params: dict[str, Parameter] = {
        "said": said,
        "points": min(rung.points, rung.limit),
        "limit": rung.limit,
        "date": rung.strike.expires,
        "case": case.name,
    }
    if case.step is StepKind.REMOVE:
        key = "case.removed_by_hand" if _cannot(case, MemberRemove.TYPE) else "case.removed"
        return Phrase(key, {**params, "earlier": _earlier(case)})
    if case.restriction_until is not None:
        return Phrase("case.restricted", {**params, "earlier": _earlier(case), "hours": _hours(case, now)})
    return Phrase("case.warned", params)


def _earlier(case: Case) -> tuple[str | Phrase, ...]:
    """Return the line that cites earlier cases, and the break before it; nothing where there are none."""
    if not case.cites:
        return ()
    return ("", Phrase("case.earlier", {"cases": ", ".join(f"M{number}" for number in case.cites)}))


def _hours(case: Case, now: dt.datetime) -> int:
    if case.restriction_until is None:
        raise LookupError("The case restricts nobody.")
    return math.ceil((case.restriction_until - now) / dt.timedelta(hours=1))


def _cannot(case: Case, action: str) -> bool:
    return any(each.action == action and each.achieved is Achieved.NOTICE for each in case.steps)


def _in_a_wave(scene: Scene, case: Case) -> bool:
    """Whether so much goes on that a line for each message would be a flood of our own."""
    gone = standing_of(scene, case).removed_by
    return scene.room.raid_until is not None or gone not in {None, case.case_id}


def _say(scene: Scene, case: Case, phrase: Phrase, *, aloud: bool) -> Say:
    language = language_of(scene.room, scene.policy)
    if not aloud:
        return Say(
            case.chat_id,
            phrase,
            language,
            send_class=SendClass.SAFETY,
            valid_for=VALID_FOR,
            mentions=(case.member_id,),
            privately_to=case.member_id,
            instead=None if _in_a_wave(scene, case) else hint(scene, case),
        )
    return Say(
        case.chat_id,
        phrase,
        language,
        send_class=SendClass.SAFETY,
        valid_for=VALID_FOR,
        reply_to=case.message_id if stays(case) else None,
        mentions=(case.member_id,),
    )
