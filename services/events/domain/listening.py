"""What a message is to events: a command of theirs, or the answer to a question they asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, TypeAlias

from services.events.domain import (
    attending,
    calendars,
    calling,
    certificates,
    questions,
    rating,
    recordings,
    registering,
    reminding,
    speakers,
)
from services.events.domain.codes import Codes
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
    "question": questions.decide,
    "recording": recordings.decide,
    "rate": rating.decide_rate,
    "speaker": speakers.decide,
}


class Listener:
    """Decides on what is written, with the codes of the installation."""

    def __init__(self, codes: Codes, public_url: str) -> None:
        """Answer with links to where the public listener is reached, `public_url`."""
        self._answers: Mapping[str, Answer] = {
            **ANSWERS,
            "calendar": partial(calendars.decide, codes=codes, public_url=public_url),
            "present": partial(attending.decide_present, codes=codes),
            "code": partial(attending.decide_code, codes=codes),
            "certificate": partial(certificates.decide, codes=codes, public_url=public_url),
        }

    def decide_message(
        self, scene: Scene, event: Envelope[MessageReceived], now: dt.datetime
    ) -> Decision[Scene]:
        """Answer a command, or take an answer."""
        scene = _met(scene, event.data.chat_kind)
        spoken = parse_command(event.data.text or "")
        if spoken is None:
            answered = rating.decide_answer(scene, event, now) or calling.decide_answer(scene, event, now)
            return answered or Decision(scene)
        answer = self._answers.get(spoken.name) if isinstance(spoken, Command) else None
        return (
            answer(scene, spoken, event, now) if answer and isinstance(spoken, Command) else Decision(scene)
        )


def _met(scene: Scene, kind: ChatKind) -> Scene:
    """Return the scene in which it is known what the chat is, and where the member has been seen."""
    if scene.chat.kind is not kind or not scene.chat.known:
        scene = replace(scene, chat=replace(scene.chat, kind=kind, known=True))
    scope = scene.chat.scope
    if kind is ChatKind.DIRECT or scope in scene.member.scopes:
        return scene
    return replace(scene, member=replace(scene.member, scopes=scene.member.scopes | {scope}))
