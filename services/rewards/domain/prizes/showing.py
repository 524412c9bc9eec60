"""`!इनाम`: what was promised and is still to come, and what has come; for everybody to see."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.rewards.domain.prizes.finding import on_list
from services.rewards.domain.prizes.handing import GIVEN, decide_given
from services.rewards.domain.prizes.promising import decide_promise
from services.rewards.domain.prizes.telling import of, who
from services.rewards.domain.replying import answer, reply
from services.rewards.domain.scene import Scene
from services.rewards.domain.wording import Mentions
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Phrase

SHOWN: Final = 20
"""Lines of the list in a chat."""


def decide_prize(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Show the list; an admin promises, and says what was handed over."""
    if not command.words:
        return _list(scene, event)
    if scene.chat.direct:
        return answer(scene, event, Phrase("ask.in_group"), "prize_refused")
    if not scene.admin:
        return answer(scene, event, Phrase("ask.admins_only"), "prize_refused")
    decide = decide_given if command.words[0].casefold() in GIVEN else decide_promise
    return decide(scene, command, event, now)


def _list(scene: Scene, event: Envelope[MessageReceived]) -> Decision[Scene]:
    found = on_list(scene)
    if not found:
        return answer(scene, event, Phrase("prize.none"), "prizes_shown")
    mentions = Mentions()
    lines = [
        Phrase(f"prize.line_{each.state}", of(each, who=who(scene, each, mentions))) for each in found[:SHOWN]
    ]
    if len(found) > SHOWN:
        lines.append(Phrase("prize.more", {"n": len(found) - SHOWN}))
    said = reply(scene, event, Phrase("prize.list", {"lines": tuple(lines)}))
    return Decision(scene, say=(replace(said, mentions=tuple(mentions.members)),), note="prizes_shown")
