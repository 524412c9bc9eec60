"""How feedback answers a command, and in which language."""

from __future__ import annotations

from services.feedback.domain.scene import Scene
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Phrase, Say


def answer(
    scene: Scene, event: Envelope[MessageReceived], phrase: Phrase, note: str, *, private: bool = False
) -> Decision[Scene]:
    """Return the decision to say `phrase` to whoever gave a command, and to change nothing."""
    return Decision(scene, say=(reply(scene, event, phrase, private=private),), note=note)


def reply(scene: Scene, event: Envelope[MessageReceived], phrase: Phrase, *, private: bool = False) -> Say:
    """Return an answer to a command, where it was given; `private`: to be read by who gave it alone."""
    chat, message_id = scene.chat.chat_id, event.data.message_id
    if not private or scene.chat.direct:
        return Say(chat, phrase, scene.chat.spoken, reply_to=message_id)
    return Say(chat, phrase, scene.chat.spoken, privately_to=scene.member.now)
