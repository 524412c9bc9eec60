"""What a message is to events: a command of theirs, or the answer to a question they asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from services.events.domain import calling, registering, reminding
from services.events.domain.scene import Scene
from shared.commands import Command, parse_command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageReceived
from shared.decision import Decision

Answer: TypeAlias = Callable[[Scene, Command, Envelope[MessageReceived], dt.datetime], Decision[Scene]]

ANSWERS: Final[Mapping[str, Answer]] = {
    "session": calling.decide,
    "join": registering.decide_join,
    "leave": registering.decide_leave,
    "remind": reminding.decide_wish,
}


def decide_message(scene: Scene, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Scene]:
    """Answer a command, or take an answer."""
    scene = _met(scene, event.data.chat_kind)
    spoken = parse_command(event.data.text or "")
    if spoken is None:
        return calling.decide_answer(scene, event, now) or Decision(scene)
    answers = ANSWERS.get(spoken.name) if isinstance(spoken, Command) else None
    return answers(scene, spoken, event, now) if answers and isinstance(spoken, Command) else Decision(scene)


def _met(scene: Scene, kind: ChatKind) -> Scene:
    """Return the scene in which it is known what the chat is, and where the member has been seen."""
    if scene.chat.kind is not kind or not scene.chat.known:
        scene = replace(scene, chat=replace(scene.chat, kind=kind, known=True))
    scope = scene.chat.scope
    if kind is ChatKind.DIRECT or scope in scene.member.scopes:
        return scene
    return replace(scene, member=replace(scene.member, scopes=scene.member.scopes | {scope}))
