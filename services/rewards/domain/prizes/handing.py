"""`!इनाम दिया 5` by an admin, and `!मिला 5` by who has it: both have to say so, each for themselves."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.rewards.domain.numbering import number_in
from services.rewards.domain.prizes.finding import numbered
from services.rewards.domain.prizes.prize import Prize, State
from services.rewards.domain.prizes.promising import listed, timer_of
from services.rewards.domain.prizes.telling import news, of
from services.rewards.domain.replying import answer, reply
from services.rewards.domain.scene import Scene
from shared.clock import as_stored
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.rewards import PrizeConfirmed, PrizeDelivered
from shared.decision import Cancel, Decision, Emit, Instead, Phrase

GIVEN: Final = frozenset({"दिया", "दी", "दिए", "दे", "दिये", "diya", "di", "diye", "de", "given", "delivered"})


def decide_given(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Note that an admin has handed a prize over, and ask who should have it."""
    number = next((each for each in map(number_in, command.words[1:]) if each is not None), None)
    prize = numbered(scene, number)
    if prize is None:
        return answer(scene, event, Phrase("prize.unknown"), "prize_refused")
    if prize.state is not State.PROMISED:
        return answer(scene, event, Phrase("prize.given_before", of(prize)), "prize_given_before")
    done = delivered(scene, prize, now)
    return replace(done, say=(reply(scene, event, Phrase("prize.given", of(prize))), *done.say))


def delivered(scene: Scene, prize: Prize, now: dt.datetime) -> Decision[Scene]:
    """Return the decision that a prize was handed over; what was before stays so."""
    if prize.state is not State.PROMISED:
        return Decision(scene, note="prize_given_before")
    prize = prize.delivered(as_stored(now))
    fact = PrizeDelivered(
        scope=prize.scope, prize_id=prize.prize_id, member_id=prize.member_id, delivered_at=now
    )
    asked = news(prize, Phrase("prize.ask", of(prize)), privately_to=scene.person(prize.member_id).now)
    return Decision(
        listed(scene, prize),
        emit=(Emit(fact, prize.scope),),
        say=(replace(asked, instead=Instead(Phrase("prize.ask_aloud", of(prize)), prize.language)),),
        wake=(Cancel(timer_of(prize)),),
        note="prize_given",
    )


def decide_received(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Note that a member has their prize, also where nobody has said yet that it was handed over."""
    number = next((each for each in map(number_in, command.words) if each is not None), None)
    prize = numbered(scene, number, mine=True)
    if prize is None:
        return answer(scene, event, Phrase("prize.not_yours"), "prize_refused", private=True)
    said = (reply(scene, event, Phrase("prize.confirmed", of(prize)), private=True),)
    if prize.state is State.CONFIRMED:
        return Decision(scene, say=said, note="prize_confirmed_before")
    prize = prize.confirmed(as_stored(now))
    fact = PrizeConfirmed(
        scope=prize.scope, prize_id=prize.prize_id, member_id=prize.member_id, confirmed_at=now
    )
    return Decision(
        listed(scene, prize),
        emit=(Emit(fact, prize.scope),),
        say=said,
        wake=(Cancel(timer_of(prize)),),
        note="prize_confirmed",
    )
