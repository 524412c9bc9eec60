"""When talk drifts off the group's topic: one friendly word to all, and never a strike."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.moderation.domain.policy.document import Policy
from services.moderation.domain.replying import language_of
from services.moderation.domain.room import Room
from shared.decision import Phrase, Say

ON_TOPIC = 0.5
"""From here on a message belongs to the topic."""

VOICES = 2
"""How many members it takes: one who thinks aloud is not the group's talk."""

VALID_FOR = dt.timedelta(minutes=2)
"""Later, the talk has gone on to something else."""


def drifted(
    room: Room, policy: Policy, member_id: str, on_topic: float | None, now: dt.datetime
) -> tuple[Room, tuple[Say, ...]]:
    """Return the room after a message, and the word to say where the talk has just drifted.

    Args:
        room: the chat.
        policy: says how many messages make a drift, and for how long no second word is said.
        member_id: who wrote.
        on_topic: how far the message belongs to the topic, from 0 to 1; None for what is too short to tell
            and counts neither way.
        now: when.
    """
    terms = policy.document.topic
    if on_topic is None:
        return room, ()
    if on_topic >= ON_TOPIC:
        return (replace(room, drifting=()) if room.drifting else room), ()
    drifting = (*room.drifting, member_id)[-terms.nudge_after :]
    room = replace(room, drifting=drifting)
    language = language_of(room, policy)
    sentence = terms.sentence.get(language or "") or terms.sentence.get(policy.document.language)
    quiet = room.nudged_at is not None and now - room.nudged_at < dt.timedelta(minutes=terms.quiet_minutes)
    if len(drifting) < terms.nudge_after or len(set(drifting)) < VOICES or quiet or not sentence:
        return room, ()
    nudge = Say(
        room.chat_id, Phrase("drift.nudge", {"topic": sentence.rstrip(" ।.!")}), language, valid_for=VALID_FOR
    )
    return replace(room, drifting=(), nudged_at=now), (nudge,)
