"""What the judge needs to know of a message, from the event that tells of it and what is known around it."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from operator import attrgetter
from typing import Final, TypeAlias

from services.moderation.domain.judging.context import Context, Trace
from services.moderation.domain.judging.message import Message
from services.moderation.domain.lexicon import words
from services.moderation.domain.scene import Scene
from services.moderation.domain.text import Normal, fold, normalise
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageEdited, MessageKind, MessageReceived

Spoken: TypeAlias = Envelope[MessageReceived] | Envelope[MessageEdited]
"""Something was written, or changed."""

LOOKED_BACK: Final = dt.timedelta(hours=1)
"""How long a chat's messages are looked back at for floods and copies, as far as they are remembered."""

OFFERS_FOR: Final = dt.timedelta(hours=6)
"""How long a community's offers are remembered: a campaign goes from chat to chat within hours."""

SUBSTANCE: Final = 2
"""How many words beyond small talk make a message that says something."""

_AT: Final = attrgetter("at")
_SMALL_TALK: Final = frozenset(fold(word) for word in words("small_talk"))


def hear(scene: Scene, event: Spoken) -> Message:
    """Return the message as it is to be judged.

    An edit tells of nothing but the text: how the message came is taken from when it was first judged.
    """
    data = event.data
    normal = normalise(data.text or "")
    if isinstance(data, MessageReceived):
        return Message(
            message_id=data.message_id,
            chat_id=data.chat_id,
            member_id=data.member_id,
            kind=data.kind,
            normal=normal,
            sent_at=data.sent_at,
            forwarded=data.forwarded,
            often_forwarded=data.often_forwarded,
            reply_to=data.reply_to,
            attachment_sha256=data.attachment.sha256 if data.attachment else None,
            mentions=len(data.mentions),
        )
    before = scene.judged
    return Message(
        message_id=data.message_id,
        chat_id=data.chat_id,
        member_id=before.member_id if before else data.member_id,
        # Of an edit that comes before what it changes nobody knows more than its text.
        kind=MessageKind(before.kind) if before else MessageKind.UNKNOWN,
        normal=normal,
        sent_at=before.sent_at if before else data.edited_at,
        forwarded=before.forwarded if before else False,
        often_forwarded=before.often_forwarded if before else False,
        reply_to=before.reply_to if before else None,
        attachment_sha256=before.attachment_sha256 if before else None,
        mentions=before.mentions if before else 0,
        edited=True,
    )


def context_of(scene: Scene, message: Message, now: dt.datetime) -> Context:
    """Return what is known around a message, the message itself left out: it may have been judged before."""
    room, offers = scene.room, scene.community.offers
    recent = room.recent
    if scene.judged is not None:
        recent, offers = others(recent, message.message_id), others(offers, message.message_id)
    return Context(
        now=now,
        trust=scene.standing.trust(scene.policy, now, admin=scene.admin),
        restricted=scene.standing.restricted(now),
        raid=room.raid_until is not None and room.raid_until > now,
        recent=after(recent, now - LOOKED_BACK),
        offers=after(offers, now - OFFERS_FOR),
        prompt_open=room.prompt_until is not None and room.prompt_until > now,
    )


def trace_of(message: Message, now: dt.datetime, *, on_topic: float | None = None) -> Trace:
    """Return what is remembered of a message; of a file without a word, its digest."""
    return Trace(
        message_id=message.message_id,
        chat_id=message.chat_id,
        member_id=message.member_id,
        at=now,
        exact=message.exact or (message.attachment_sha256 or ""),
        near=message.near,
        length=len(message.normal.text),
        on_topic=on_topic,
    )


def substantial(normal: Normal) -> bool:
    """Whether a text says something; greetings, thanks and nods do not, in however many words."""
    said = {
        word
        for word in normal.folded
        if len(word) > 1 and word not in _SMALL_TALK and not word.startswith("<")
    }
    return len(said) >= SUBSTANCE


def others(traces: tuple[Trace, ...], message_id: str) -> tuple[Trace, ...]:
    """Return the traces of other messages."""
    return tuple(each for each in traces if each.message_id != message_id)


def after(traces: tuple[Trace, ...], since: dt.datetime) -> tuple[Trace, ...]:
    """Return those of `traces`, which stand in order of time, that came after `since`."""
    if not traces or traces[0].at > since:
        return traces
    return traces[bisect_right(traces, since, key=_AT) :]
