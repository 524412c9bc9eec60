"""Which chats there are, to whom they belong, and who runs them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TypeAlias

from services.events.domain.scene import Scene
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MemberJoined, MemberLeft
from shared.contracts.members import ChatConfigured, MemberDemoted, MemberPresent, MemberPromoted
from shared.decision import Decision

Movement: TypeAlias = MemberJoined | MemberLeft | MemberPresent | MemberPromoted | MemberDemoted


def decide_configured(scene: Scene, event: Envelope[ChatConfigured], now: dt.datetime) -> Decision[Scene]:
    """Return the scene in which the chat is what was told of it last, and its community knows it."""
    del now
    data = event.data
    chat = replace(
        scene.chat,
        kind=data.chat_kind,
        community=data.community,
        language=data.language,
        zone=data.zone,
        subject=data.subject,
        known=True,
    )
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
    match event.data:
        case MemberPromoted():
            admins = scene.chat.admins | {member.now}
        case MemberDemoted() | MemberLeft():
            admins = scene.chat.admins - {member.now, member.member_id}
        case _:
            admins = scene.chat.admins
    return Decision(replace(scene, chat=replace(scene.chat, admins=admins)))
