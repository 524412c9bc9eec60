"""Which chats there are, to whom they belong, and who is in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.feedback.domain.scene import Scene
from shared.chats import Movement
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MemberLeft
from shared.contracts.members import ChatConfigured
from shared.decision import Decision


def decide_configured(scene: Scene, event: Envelope[ChatConfigured], now: dt.datetime) -> Decision[Scene]:
    """Return the scene in which the chat is what was told of it last, and its community knows it."""
    del now
    chat = scene.chat.configured(event.data)
    community = scene.community
    if event.data.chat_kind is ChatKind.GROUP:
        community = replace(community.with_chat(chat.chat_id), zone=chat.zone or community.zone)
    return Decision(replace(scene, chat=chat, community=community))


def decide_movement(scene: Scene, event: Envelope[Movement], now: dt.datetime) -> Decision[Scene]:
    """Return the scene after somebody came, went, rose or fell in a chat."""
    del now
    member = scene.member.seen_in(scene.scope)
    if isinstance(event.data, MemberLeft) and scene.community.chats <= {event.data.chat_id}:
        # Of several groups of a community, they may be in another one.
        member = scene.member.gone_from(scene.scope)
    chat = scene.chat.moved(event.data, member.now)
    return Decision(replace(scene, chat=chat, member=member))
