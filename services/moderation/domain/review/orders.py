"""What admins order by chat: `!रोको @सदस्य 24h` and `!माफ़ M1043`."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.moderation.domain.cases.act import Act, Grounds
from services.moderation.domain.cases.case import CaseState, Ground
from services.moderation.domain.cases.opening import Order, Subject, open_case
from services.moderation.domain.durations import duration_in
from services.moderation.domain.judging.context import Trust
from services.moderation.domain.judging.judge import EXEMPT
from services.moderation.domain.judging.verdict import Category, Intent
from services.moderation.domain.replying import answer, reply
from services.moderation.domain.review.appeals import without_name
from services.moderation.domain.review.cited import named
from services.moderation.domain.review.reviews import dismiss, reverse
from services.moderation.domain.scene import Scene
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Phrase
from shared.errors import Conflict, Forbidden

DEFAULT = dt.timedelta(hours=24)
SHORTEST, LONGEST = dt.timedelta(minutes=5), dt.timedelta(days=90)

POINTS = 1
"""Of a person's order: it counts in the same ladder as a rule's first warning."""

GROUND = Ground("order", 0, "order", "ordered", 1.0, category=Category.ABUSE)

MAX_WORDS = 1000


def decide_restrict(
    scene: Scene, command: Command, envelope: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Restrict a member at an admin's word, as a case like any other; 24 hours where none are named.

    The member is who is mentioned, or who wrote the message that the command answers: then that is the case's
    message, and it goes. Nobody restricts an admin or an expert, and the attempt is noted.
    """
    if not scene.admin:
        return answer(scene, envelope, Phrase("order.not_admin"), "order_not_admin")
    about, standing = scene.other, scene.other_standing
    if about is None or standing is None:
        return answer(scene, envelope, Phrase("order.whom"), "order_without_member")
    if standing.trust(scene.policy, now, admin=about.now in scene.admins) in EXEMPT:
        return answer(scene, envelope, Phrase("order.exempt"), "order_refused_exempt")
    length = duration_in(command.args) or (None if _has_number(command) else DEFAULT)
    if length is None or not SHORTEST <= length <= LONGEST:
        return answer(scene, envelope, Phrase("order.how_long"), "order_without_time")
    order = Order(
        by=scene.person.now,
        now=now,
        points=POINTS,
        until=now + length,
        act=Act(scene.person.now, Grounds.HARMFUL),
        newcomer=standing.trust(scene.policy, now, admin=False) is Trust.NEW,
    )
    opened = open_case(
        scene, order, about=about, subject=_subject(scene), grounds=(GROUND,), intent=Intent.REMOVE
    )
    return opened.decision("order_restricted")


def decide_pardon(
    scene: Scene, command: Command, envelope: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Take a case back at an admin's word; what follows the number is what the member is told.

    A case that waits is dismissed, an appealed one takes words and another admin than who decided it.
    """
    if not scene.admin:
        return answer(scene, envelope, Phrase("order.not_admin"), "order_not_admin")
    case = named(scene, command.args)
    if case is None or case.scope != scene.room.scope:
        return answer(scene, envelope, Phrase("order.which"), "order_unknown_case")
    about = {"case": case.name}
    words = without_name(command.args)[:MAX_WORDS] or None
    if case.state is CaseState.APPEALED and words is None:
        return answer(scene, envelope, Phrase("order.needs_words", about), "order_without_words")
    act = Act(scene.person.now, Grounds.PARDON, words)
    try:
        if case.state is CaseState.REVIEW:
            decision = dismiss(scene, case, act, now)
        elif case.effective:
            decision = reverse(scene, case, act, now, reviewers=scene.admins)
        else:
            return answer(scene, envelope, Phrase("order.nothing_left", about), "order_nothing_left")
    except (Conflict, Forbidden):
        return answer(scene, envelope, Phrase("order.other_reviewer", about), "order_other_reviewer")
    done = reply(scene, envelope, Phrase("order.pardoned", about))
    return replace(decision, say=(*decision.say, done))


def _has_number(command: Command) -> bool:
    """Whether the command tries to say how long: then what it says must be understood."""
    return any(word[:1].isdigit() for word in command.words)


def _subject(scene: Scene) -> Subject:
    """Return the message that the order answers, unless that has a case of its own already."""
    target = scene.target
    if target is None or target.case is not None:
        return Subject()
    return Subject(target.message_id.partition("#")[0], target.text, target.script)
