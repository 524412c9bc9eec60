"""`!इनाम @सदस्य <what>`: an admin promises something, and from then on everybody sees whether it came."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.rewards.domain.community import Community
from services.rewards.domain.numbering import item_id
from services.rewards.domain.prizes.prize import LONGEST, MOST_LISTED, MOST_PROMISED, PATIENCE, Prize, State
from services.rewards.domain.prizes.telling import aloud, news, of
from services.rewards.domain.replying import answer
from services.rewards.domain.scene import Scene
from shared.clock import as_stored
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.rewards import PrizeDue, PrizePromised
from shared.decision import Decision, Emit, Phrase, Wake
from shared.errors import Conflict


def decide_promise(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Promise what an admin promises to the one member they name."""
    mentions = event.data.mentions
    what = " ".join(each for each in command.words if not each.startswith("@"))
    if len(mentions) != 1 or not what or len(what) > LONGEST:
        return answer(scene, event, Phrase("prize.how", {"most": LONGEST}), "prize_refused")
    if _too_many(scene):
        return answer(scene, event, Phrase("prize.too_many", {"most": MOST_PROMISED}), "prize_refused")
    done = promised(scene, mentions[0], what, now, by=scene.member.now)
    first, *others = done.say
    return replace(done, say=(replace(first, reply_to=event.data.message_id), *others))


def promise_wanted(scene: Scene, member_id: str, what: str, now: dt.datetime) -> Decision[Scene]:
    """Promise what a REST client promises.

    Raises:
        Conflict: the community has promised too much that nobody has handed over.
    """
    if _too_many(scene):
        raise Conflict("Too many prizes of this community are promised and not handed over.")
    return promised(scene, member_id, what, now)


def promised(
    scene: Scene, member_id: str, what: str, now: dt.datetime, *, by: str | None = None
) -> Decision[Scene]:
    """Return the decision to promise something; the group and the member hear of it."""
    number, at = scene.community.next_number, as_stored(now)
    prize = Prize(
        item_id(scene.scope, number),
        scene.scope,
        number,
        scene.chat.chat_id,
        scene.person(member_id).now,
        what,
        at,
        at + PATIENCE,
        by,
        scene.chat.spoken,
    )
    community = replace(scene.community, next_number=number + 1)
    scene = listed(replace(scene, community=community), prize)
    told = {"scope": prize.scope, "prize_id": prize.prize_id, "member_id": prize.member_id}
    return Decision(
        scene,
        emit=(Emit(PrizePromised(**told, promised_at=now), prize.scope),),
        say=(
            aloud(scene, prize, "prize.promised"),
            news(prize, Phrase("prize.yours", of(prize)), privately_to=prize.member_id),
        ),
        wake=(Wake(timer_of(prize), prize.due_at, PrizeDue(**told), prize.scope, VALID_FOR),),
        note="prize_promised",
    )


VALID_FOR = dt.timedelta(days=30)
"""However late, the admins are reminded of what they have promised."""


def timer_of(prize: Prize) -> str:
    """Return the name of the timer by which the admins are reminded."""
    return f"prize/{prize.prize_id}"


def listed(scene: Scene, prize: Prize) -> Scene:
    """Return the scene with that prize on the list; of those handed over the latest stay on it."""
    scene = scene.with_prize(prize)
    home = scene.homes.get(prize.scope) or scene.community
    names = home.prizes | {prize.prize_id}
    there = [each for name in names if (each := scene.prizes.get(name)) is not None]
    open_ = {each.prize_id for each in there if each.state is State.PROMISED}
    over = sorted(
        (each for each in there if each.state is not State.PROMISED),
        key=lambda each: (each.changed_at, each.number),
    )
    kept = frozenset(open_ | {each.prize_id for each in over[-MOST_LISTED:]})
    return scene if kept == home.prizes else _with(scene, replace(home, prizes=kept))


def _with(scene: Scene, home: Community) -> Scene:
    if home.scope == scene.community.scope:
        return replace(scene, community=home)
    return replace(scene, homes={**scene.homes, home.scope: home})


def _too_many(scene: Scene) -> bool:
    names = scene.community.prizes
    waiting = [each for name in names if (each := scene.prizes.get(name)) and each.state is State.PROMISED]
    return len(waiting) >= MOST_PROMISED
