"""How events answers a command, and in which language."""

from __future__ import annotations

import re

from services.events.domain.scene import Scene
from services.events.domain.webinar import Webinar
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Moment, Parameter, Phrase, Say

MAX_NUMBER = 9
"""Digits of a session's number: a longer one is a phone number, and names nothing."""

_NUMBER = re.compile(r"#?(\d{1,9})(?!\d)")


def answer(
    scene: Scene, event: Envelope[MessageReceived], phrase: Phrase, note: str, *, private: bool = False
) -> Decision[Scene]:
    """Return the decision to say `phrase` to whoever gave a command, and to change nothing."""
    return Decision(scene, say=(reply(scene, event, phrase, private=private),), note=note)


def reply(scene: Scene, event: Envelope[MessageReceived], phrase: Phrase, *, private: bool = False) -> Say:
    """Return an answer to a command, where it was given; `private`: to be read by who gave it alone."""
    chat, message_id = scene.chat.chat_id, event.data.message_id
    if not private or scene.direct:
        return Say(chat, phrase, scene.language, reply_to=message_id)
    return Say(chat, phrase, scene.language, privately_to=scene.member.now)


def of(webinar: Webinar, **more: Parameter) -> dict[str, Parameter]:
    """Return what texts about a webinar are filled with."""
    return {"title": webinar.title, "when": when(webinar), "number": webinar.number, **more}


def when(webinar: Webinar) -> Moment:
    """Return when a webinar starts, as it was agreed."""
    return Moment(webinar.starts_at, webinar.zone)


def number_in(text: str) -> int | None:
    """Return the session that a command names first in what follows its name, None where it names none."""
    found = _NUMBER.match(text.strip())
    return int(found[1]) if found and int(found[1]) else None
