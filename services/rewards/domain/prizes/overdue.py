"""What was promised and did not come is a task for the admins: each of them is told, once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.rewards.domain.prizes.prize import PATIENCE, State
from services.rewards.domain.prizes.telling import news, of
from services.rewards.domain.scene import Scene
from shared.clock import as_stored
from shared.contracts.envelope import Envelope
from shared.contracts.rewards import PrizeDue
from shared.decision import Decision, Instead, Phrase


def decide_due(scene: Scene, event: Envelope[PrizeDue], now: dt.datetime) -> Decision[Scene]:
    """Remind every admin of the group privately; where none can be reached so, the group reads of a task."""
    prize = scene.prizes.get(event.data.prize_id)
    if prize is None or prize.state is not State.PROMISED or prize.reminded_at is not None:
        return Decision(scene, note="prize_due_before")
    phrase = Phrase("prize.overdue", of(prize, days=PATIENCE.days))
    admins = sorted({scene.person(each).now for each in scene.chat.admins})
    said = [news(prize, phrase, privately_to=each) for each in admins]
    aloud = Phrase("prize.overdue_aloud", of(prize, days=PATIENCE.days))
    # Once is enough in the group: only the word to one of them may be said there instead.
    said[:1] = [replace(each, instead=Instead(aloud, prize.language)) for each in said[:1]] or [
        news(prize, aloud)
    ]
    return Decision(
        scene.with_prize(replace(prize, reminded_at=as_stored(now))),
        say=tuple(said),
        note="prize_overdue",
    )
