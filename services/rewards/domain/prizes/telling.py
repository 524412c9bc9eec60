"""What is said of a prize: in the group without the name of who wants none said, and to members alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.rewards.domain.prizes.prize import Prize
from services.rewards.domain.scene import Scene
from services.rewards.domain.wording import Mentions
from shared.contracts.gateway import SendClass
from shared.decision import Parameter, Phrase, Say

HEARD_FOR: Final = dt.timedelta(days=2)
"""A channel that is down for so long keeps the news from nobody."""


def news(prize: Prize, phrase: Phrase, *, privately_to: str | None = None) -> Say:
    """Return a piece of news for the group, or for a member of it alone."""
    return Say(
        prize.chat_id,
        phrase,
        prize.language,
        send_class=SendClass.REMINDER,
        valid_for=HEARD_FOR,
        privately_to=privately_to,
    )


def aloud(scene: Scene, prize: Prize, key: str) -> Say:
    """Return news for the group that names whose the prize is, if they let themselves be named."""
    mentions = Mentions()
    phrase = Phrase(key, of(prize, who=who(scene, prize, mentions)))
    return replace(news(prize, phrase), mentions=tuple(mentions.members))


def who(scene: Scene, prize: Prize, mentions: Mentions) -> Phrase:
    """Return what names whose a prize is in a text that everybody reads."""
    person = scene.person(prize.member_id)
    return Phrase("who.hidden") if person.private else mentions.who(person.now)


def of(prize: Prize, **more: Parameter) -> dict[str, Parameter]:
    """Return what texts about a prize are filled with."""
    return {"number": prize.number, "what": prize.what, **more}
