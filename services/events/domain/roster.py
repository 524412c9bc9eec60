"""Which chats there are, to whom they belong, and who runs them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.events.domain.scene import Scene
from shared.chats import Movement
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind
from shared.contracts.members import ChatConfigured
from shared.decision import Decision


def decide_configured(scene: Scene, event: Envelope[ChatConfigured], now: dt.datetime) -> Decision[Scene]:
    """Return the scene in which the chat is what was told of it last, and its community knows it."""
    del now
    data = event.data
    chat = scene.chat.configured(data)
    community = scene.community
    if data.community and data.chat_kind is ChatKind.GROUP:
        community = replace(community, chats=community.chats | {data.chat_id})
    return Decision(replace(scene, chat=chat, community=community))


def decide_movement(scene: Scene, event: Envelope[Movement], now: dt.datetime) -> Decision[Scene]:
    """Return the scene after somebody came, went, rose or fell in a chat."""
    del now
    member, scope = scene.member, scene.chat.scope
    if scope not in member.scopes:
        scene = replace(scene, member=replace(member, scopes=member.scopes | {scope}))
    return Decision(replace(scene, chat=scene.chat.moved(event.data, member.now)))
