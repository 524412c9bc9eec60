"""Admins change the rules in the chat: what would be different is repeated, and holds once they say yes."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.moderation.domain.judging.judge import Detectors
from services.moderation.domain.policy.acceptance import in_force
from services.moderation.domain.policy.changes import (
    Change,
    NoSuchRule,
    NoSuchValue,
    change_in,
    change_of,
    changed,
    token_of,
)
from services.moderation.domain.policy.checking import check
from services.moderation.domain.policy.difference import differences
from services.moderation.domain.policy.publishing import Publishing, WouldHitAgain, publish, shortened
from services.moderation.domain.replying import answer, language_of, reply
from services.moderation.domain.scene import Scene
from shared.commands import Command, says_only
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Phrase
from shared.errors import Invalid

YES = ("हाँ", "हां", "haan", "han", "yes")
NO = ("नहीं", "nahin", "nahi", "no")

OPEN_FOR = dt.timedelta(minutes=10)
"""A yes that comes later may answer something else."""


def decide(
    scene: Scene,
    command: Command,
    envelope: Envelope[MessageReceived],
    now: dt.datetime,
    *,
    detectors: Detectors,
) -> Decision[Scene]:
    """Return the question whether an admin means what would be different, or why that cannot be."""
    if not scene.admin:
        return answer(scene, envelope, Phrase("ask.admins_only"), "change_refused")
    change = change_of(command)
    if change is None:
        return answer(scene, envelope, Phrase("ask.how"), "change_unknown")
    changes = _changes(scene, change, detectors)
    if isinstance(changes, Phrase):
        return answer(scene, envelope, changes, "change_impossible")
    if not changes:
        return answer(scene, envelope, Phrase("ask.nothing"), "change_nothing")
    # What is confirmed is what was shown: a change of the rules in between makes the question void.
    asked = f"{scene.room.chat_id} {in_force(scene)} {token_of(change)}"
    standing = replace(scene.standing, asked=asked, asked_at=now)
    say = reply(scene, envelope, Phrase("ask.confirm", {"changes": shortened(changes)}))
    return Decision(replace(scene, standing=standing), say=(say,), note="change_asked")


def confirm(
    scene: Scene, envelope: Envelope[MessageReceived], now: dt.datetime, *, detectors: Detectors
) -> Decision[Scene] | None:
    """Return what follows from a message that answers an open question; None for one that answers none.

    A yes puts the change into force as the chat's own policy, a no withdraws it; whatever else is said
    leaves the question open.
    """
    waiting, text = _waiting(scene, now), envelope.data.text or ""
    if waiting is None or not (says_only(text, YES) or says_only(text, NO)):
        return None
    closed = replace(scene, standing=replace(scene.standing, asked=None, asked_at=None))
    if says_only(text, NO):
        return answer(closed, envelope, Phrase("ask.cancelled"), "change_cancelled")
    if not scene.admin:
        return answer(closed, envelope, Phrase("ask.admins_only"), "change_refused")
    version, change = waiting
    if version != in_force(scene):
        return answer(closed, envelope, Phrase("ask.outdated"), "change_outdated")
    return _publish(closed, change, envelope, now, detectors)


def _publish(
    scene: Scene,
    change: Change,
    envelope: Envelope[MessageReceived],
    now: dt.datetime,
    detectors: Detectors,
) -> Decision[Scene]:
    examples = {each.case: each for each in scene.examples.get(scene.room.scope, ())}
    publishing = Publishing(scene.community, scene.room, versions=scene.versions, regressions=examples)
    try:
        decision = publish(
            publishing,
            changed(scene.policy.document, change, detectors),
            detectors=detectors,
            actor=scene.person.now,
            expected_version=None,
            now=now,
        )
    except WouldHitAgain as error:
        cases = ", ".join(each.case.rpartition("#")[2] for each in error.examples)
        return answer(scene, envelope, Phrase("ask.would_hit_again", {"cases": cases}), "change_refused")
    except (Invalid, NoSuchRule, NoSuchValue):
        return answer(scene, envelope, Phrase("ask.impossible"), "change_impossible")
    published = decision.state
    scene = replace(scene, room=published.room or scene.room, versions=published.versions)
    # What members notice is a notice to all of them, and answers the admin too.
    done = reply(scene, envelope, Phrase("ask.done", {"version": published.version}))
    says = tuple(replace(say, reply_to=envelope.data.message_id) for say in decision.say) or (done,)
    return Decision(scene, emit=decision.emit, say=says, note=decision.note)


def _changes(scene: Scene, change: Change, detectors: Detectors) -> tuple[Phrase, ...] | Phrase:
    """Return what would be different, or why it cannot be."""
    old = scene.policy.document
    try:
        new = changed(old, change, detectors)
        check(new, detectors)
    except NoSuchRule:
        return Phrase("ask.no_such_rule", {"rules": len(old.rules)})
    except (NoSuchValue, Invalid):
        return Phrase("ask.impossible")
    return differences(old, new, language_of(scene.room, scene.policy), detectors=detectors)


def _waiting(scene: Scene, now: dt.datetime) -> tuple[str, Change] | None:
    asked, at = scene.standing.asked, scene.standing.asked_at
    if asked is None or at is None or now - at > OPEN_FOR:
        return None
    chat_id, _, rest = asked.partition(" ")
    version, _, token = rest.partition(" ")
    return (version, change_in(token)) if chat_id == scene.room.chat_id else None
