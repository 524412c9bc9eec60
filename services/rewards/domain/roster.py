"""Which chats there are, to whom they belong, and who is in them since when."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.rewards.domain.account import Account
from services.rewards.domain.booking import Occasion, book
from services.rewards.domain.scene import Scene
from shared.chats import Movement
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MemberJoined, MemberLeft
from shared.contracts.members import ChatConfigured, MemberPresent
from shared.decision import Decision

LONG_AGO: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Since when somebody is there of whom nobody knows since when."""


def decide_configured(scene: Scene, event: Envelope[ChatConfigured], now: dt.datetime) -> Decision[Scene]:
    """Return the scene in which the chat is what was told of it last, and its community knows it."""
    del now
    chat = scene.chat.configured(event.data)
    community = scene.community
    if event.data.chat_kind is ChatKind.GROUP:
        community = replace(community.with_chat(chat.chat_id), zone=chat.zone or community.zone)
    return Decision(replace(scene, chat=chat, community=community))


def decide_movement(scene: Scene, event: Envelope[Movement], now: dt.datetime) -> Decision[Scene]:
    """Return the scene after somebody came, went, rose or fell in a chat.

    Whose coming is heard of late was a newcomer when they gave thanks: what they gave is settled again.
    """
    del now
    movement, member = event.data, scene.member.seen_in(scene.scope)
    before = scene.account(member.now)
    account = _moved(before, movement, event.time)
    scene = replace(scene, chat=scene.chat.moved(movement, member.now), member=member).with_account(account)
    joined = account.joined_at
    if joined is None or joined == before.joined_at:
        return Decision(scene)
    weeks = [
        replace(week, newcomers={**week.newcomers, member.now: joined})
        for key, week in scene.weeks.items()
        if key in member.given and week.claims
    ]
    return book(scene, weeks, Occasion(event.id, event.time), "member_moved")


def _moved(account: Account, movement: Movement, at: dt.datetime) -> Account:
    since: dt.datetime | None
    match movement:
        case MemberJoined():
            since = movement.joined_at
        case MemberPresent():
            since = LONG_AGO
        case _:
            since = None
    # Who has been here before is no newcomer for coming again.
    joined = min((each for each in (account.joined_at, since) if each is not None), default=None)
    account = replace(account, joined_at=joined)
    if account.moved_at is not None and at < account.moved_at:
        return account
    return replace(account, here=not isinstance(movement, MemberLeft), moved_at=at)
