"""What a message is to rewards: a command of theirs, or something that somebody may be thanked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from services.rewards.domain.contests.choosing import decide_choice
from services.rewards.domain.contests.entering import decide_entry
from services.rewards.domain.contests.showing import decide_contest
from services.rewards.domain.nominating import decide_nomination, decide_veto
from services.rewards.domain.post import Post
from services.rewards.domain.prizes.handing import decide_received
from services.rewards.domain.prizes.showing import decide_prize
from services.rewards.domain.scene import Scene
from services.rewards.domain.showing import decide_board, decide_points, decide_private
from services.rewards.domain.sources.thanks import decide_thanks
from shared.commands import Command, parse_command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision

Answer: TypeAlias = Callable[[Scene, Command, Envelope[MessageReceived], dt.datetime], Decision[Scene]]

ANSWERS: Final[Mapping[str, Answer]] = {
    "thanks": decide_thanks,
    "nominate": decide_nomination,
    "veto": decide_veto,
    "points": decide_points,
    "board": decide_board,
    "private": decide_private,
    "contest": decide_contest,
    "enter": decide_entry,
    "choose": decide_choice,
    "prize": decide_prize,
    "received": decide_received,
}


def decide_message(scene: Scene, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Scene]:
    """Answer a command; of anything else it is only noted whose it is, for it may be thanked for."""
    scene = _met(scene, event)
    spoken = parse_command(event.data.text or "")
    if isinstance(spoken, Command) and (answer := ANSWERS.get(spoken.name)) is not None:
        return answer(scene, spoken, event, now)
    return Decision(scene)


def _met(scene: Scene, event: Envelope[MessageReceived]) -> Scene:
    """Return the scene in which it is known what the chat is, and whose message this is."""
    message = event.data
    if scene.chat.kind is not message.chat_kind or not scene.chat.known:
        scene = replace(scene, chat=replace(scene.chat, kind=message.chat_kind, known=True))
    if scene.chat.direct:
        return scene
    community = scene.community.with_chat(message.chat_id)
    member = scene.member.seen_in(scene.scope)
    post = scene.posts.get(message.message_id) or Post(message.message_id)
    if post.author is None:
        scene = scene.with_post(replace(post, author=message.member_id, chat_id=message.chat_id))
    return replace(scene, community=community, member=member)
