"""What a message is to feedback: a command of theirs, or the answer to a question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from services.feedback.domain.reviews.deciding import decide_review
from services.feedback.domain.scene import Scene
from services.feedback.domain.strategies.counting import with_active
from services.feedback.domain.suggestions.making import decide_answer
from services.feedback.domain.suggestions.showing import decide_suggestion
from services.feedback.domain.suggestions.voting import decide_vote
from services.feedback.domain.surveys.answering import decide_reply
from shared.commands import Command, parse_command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision

Answer: TypeAlias = Callable[[Scene, Command, Envelope[MessageReceived], dt.datetime], Decision[Scene]]
Reaction: TypeAlias = Callable[[Scene, Envelope[MessageReceived], dt.datetime], "Decision[Scene] | None"]

ANSWERS: Final[Mapping[str, Answer]] = {
    "suggest": decide_suggestion,
    "vote": decide_vote,
    "review": decide_review,
}
QUESTIONS: Final[tuple[Reaction, ...]] = (decide_answer, decide_reply)
"""Who may have asked something that a message answers, which is no command."""


def decide_message(scene: Scene, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Scene]:
    """Answer a command, or take the answer to a question; of anything else it is noted who writes where."""
    scene = _met(scene, event)
    spoken = parse_command(event.data.text or "")
    if isinstance(spoken, Command) and (answer := ANSWERS.get(spoken.name)) is not None:
        return answer(scene, spoken, event, now)
    for reaction in QUESTIONS:
        if (decision := reaction(scene, event, now)) is not None:
            return decision
    return Decision(scene)


def _met(scene: Scene, event: Envelope[MessageReceived]) -> Scene:
    """Return the scene in which it is known what the chat is, and who has been seen there."""
    message = event.data
    if scene.chat.kind is not message.chat_kind or not scene.chat.known:
        scene = replace(scene, chat=replace(scene.chat, kind=message.chat_kind, known=True))
    if scene.chat.direct:
        return scene
    community = scene.community.with_chat(message.chat_id)
    scene = replace(scene, community=community, member=scene.member.seen_in(scene.scope))
    return with_active(scene, event)
