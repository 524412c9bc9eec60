"""What a message is to moderation: a command, an answer to a question, and always something to judge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from services.moderation.domain.cases.enforce import decide_judged
from services.moderation.domain.detectors.topic import on_topic, profile
from services.moderation.domain.judging.context import Context, Trust
from services.moderation.domain.judging.hearing import Spoken, context_of, hear
from services.moderation.domain.judging.judge import Detectors, judge
from services.moderation.domain.judging.message import Message
from services.moderation.domain.policy import acceptance, asking, showing
from services.moderation.domain.policy.changes import asks_for_change
from services.moderation.domain.review import appeals, orders, reports, why
from services.moderation.domain.scene import Scene
from shared.commands import Command, UnknownCommand, parse_command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageEdited, MessageReceived
from shared.decision import Decision

Answer: TypeAlias = Callable[[Scene, Command, Envelope[MessageReceived], dt.datetime], Decision[Scene]]

ANSWERS: Final[Mapping[str, Answer]] = {
    "help": showing.help_,
    "rules": showing.rules,
    "accept": lambda scene, _, event, now: acceptance.decide(scene, event, now),
    "why": why.decide,
    "appeal": appeals.decide,
    "report": reports.decide,
    "restrict": orders.decide_restrict,
    "pardon": orders.decide_pardon,
}
PROTECTED: Final = frozenset({"why", "appeal", "report", "restrict", "pardon", "strict", "lenient"})
"""Commands that are not judged: who appeals may quote what the appeal is about."""

QUESTION_MARKS: Final = frozenset("?؟")
QUESTION_OPEN_FOR: Final = dt.timedelta(minutes=10)
"""How long after an admin's question many short answers by one member are answers, and no flood."""


class Listener:
    """Decides on what is written, with the detectors of the installation."""

    def __init__(self, detectors: Detectors) -> None:
        self._detectors = detectors

    def decide_message(
        self, scene: Scene, event: Envelope[MessageReceived], now: dt.datetime
    ) -> Decision[Scene]:
        """Answer a command or a confirmation, and judge the message."""
        spoken = parse_command(event.data.text or "")
        answered = self._answered(scene, spoken, event, now)
        if isinstance(spoken, Command) and spoken.name in PROTECTED:
            return answered
        return _both(answered, self._judged(answered.state, event, now))

    def decide_edit(self, scene: Scene, event: Envelope[MessageEdited], now: dt.datetime) -> Decision[Scene]:
        """Judge a message again that was changed. A command is given once, as it was first written."""
        spoken = parse_command(event.data.text or "")
        if isinstance(spoken, Command) and spoken.name in PROTECTED:
            return Decision(scene)
        return self._judged(scene, event, now)

    def _answered(
        self,
        scene: Scene,
        spoken: Command | UnknownCommand | None,
        event: Envelope[MessageReceived],
        now: dt.datetime,
    ) -> Decision[Scene]:
        if isinstance(spoken, UnknownCommand):
            return showing.hint(scene, spoken, event, now)
        if spoken is None:
            if acceptance.is_acceptance(event.data.text):
                return acceptance.decide(scene, event, now)
            return asking.confirm(scene, event, now, detectors=self._detectors) or Decision(scene)
        if asks_for_change(spoken):
            return asking.decide(scene, spoken, event, now, detectors=self._detectors)
        answer = ANSWERS.get(spoken.name)
        return answer(scene, spoken, event, now) if answer else Decision(scene)

    def _judged(self, scene: Scene, event: Spoken, now: dt.datetime) -> Decision[Scene]:
        message = hear(scene, event)
        context = context_of(scene, message, now)
        verdict = judge(message, context, scene.policy, self._detectors)
        decision = decide_judged(
            scene,
            event,
            verdict,
            message=message,
            context=context,
            now=now,
            on_topic=_on_topic(scene, message, prompt_open=context.prompt_open),
        )
        return _asked(decision, message, context)


def _asked(decision: Decision[Scene], message: Message, context: Context) -> Decision[Scene]:
    """Return the decision after which short answers in a row are welcome, where an admin asks the group."""
    room = decision.state.room
    asks = context.trust is Trust.ADMIN and not message.edited and room.kind is not ChatKind.DIRECT
    if not asks or QUESTION_MARKS.isdisjoint(message.normal.text):
        return decision
    until = message.sent_at + QUESTION_OPEN_FOR
    if room.prompt_until is not None and room.prompt_until >= until:
        return decision
    return replace(decision, state=replace(decision.state, room=replace(room, prompt_until=until)))


def _on_topic(scene: Scene, message: Message, *, prompt_open: bool) -> float | None:
    topic = scene.policy.document.topic
    if not topic.within or (prompt_open and message.reply_to is not None):
        return None
    return on_topic(message.normal, profile(topic.within, topic.outside))


def _both(first: Decision[Scene], second: Decision[Scene]) -> Decision[Scene]:
    """Return what follows from both, where the second was decided on the state of the first."""
    if not (first.emit or first.say or first.wake or first.note):
        return second
    return replace(
        second,
        emit=(*first.emit, *second.emit),
        say=(*first.say, *second.say),
        wake=(*first.wake, *second.wake),
        note=first.note or second.note,
    )
