"""Thanks: a command in answer to a message or with a name behind it, or a reaction to a message."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from services.rewards.domain import settling
from services.rewards.domain.booking import Occasion
from services.rewards.domain.claiming import claim_id, claimed
from services.rewards.domain.periods import day_of, week_of
from services.rewards.domain.replying import answer, reply
from services.rewards.domain.rules import THANKS
from services.rewards.domain.scene import Scene
from services.rewards.domain.week import Claim, week_key
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageReceived, ReactionChanged
from shared.decision import Decision, Phrase

THANKFUL: Final = frozenset("🙏❤💯👏")
"""Reactions that are thanks, where a community lets them; those of any skin."""

_ANSWERS: Final[Mapping[str, str]] = {
    settling.EARNED: "thanks.given",
    settling.TWICE: "thanks.twice",
    settling.PAIR_LIMIT: "thanks.pair_limit",
    settling.NEWCOMER: "thanks.newcomer",
    settling.DAY_LIMIT: "thanks.day_limit",
    settling.ACTION_LIMIT: "thanks.day_limit",
}


def decide_thanks(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Thank the author of the message that is answered, or who is named; it says what came of it."""
    del command, now
    message = event.data
    if scene.chat.direct:
        return answer(scene, event, Phrase("ask.in_group"), "thanks_refused")
    if message.reply_to is None and len(message.mentions) != 1:
        return answer(scene, event, Phrase("thanks.how"), "thanks_refused")
    thanked = thanked_by(scene, message)
    if thanked is None:
        return answer(scene, event, Phrase("thanks.unknown"), "thanks_refused")
    earner = scene.people[thanked].now if thanked in scene.people else thanked
    if earner == scene.member.now:
        return answer(scene, event, Phrase("thanks.self"), "thanks_refused")
    about = message.reply_to
    key = (scene.member.now, about or message.message_id)
    claim = Claim(
        claim_id(THANKS, *key),
        THANKS,
        thanked,
        message.sent_at,
        day_of(message.sent_at, scene.zone),
        event.id,
        scene.chat.chat_id,
        scene.member.now,
        message.member_id,
        about,
    )
    week = week_key(scene.scope, week_of(claim.day), earner)
    if (known := scene.weeks.get(week)) is not None and claim.claim_id in known.claims:
        return answer(scene, event, Phrase("thanks.twice"), "thanks_repeated")
    done = claimed(scene, claim, earner, Occasion(event.id, event.time), "claimed_thanks")
    booked = done.state.weeks[week].booked[claim.claim_id]
    rules = scene.community.rules_at(claim.at)
    phrase = Phrase(
        _ANSWERS.get(booked.reason, "thanks.courtesy") if not booked.points else "thanks.given",
        {"points": booked.points, "limit": rules.pair_limit, "days": rules.newcomer_days},
    )
    return replace(done, say=(reply(scene, event, phrase, mentions=(earner,)),))


def decide_reaction(scene: Scene, event: Envelope[ReactionChanged], now: dt.datetime) -> Decision[Scene]:
    """Take a thankful reaction as thanks, where the community does, and take it back with the reaction."""
    del now
    reaction, post = event.data, scene.posts.get(event.data.message_id)
    if post is None or post.author is None or reaction.chat_kind is ChatKind.DIRECT:
        return Decision(scene, note="reaction_ignored")
    author = scene.people[post.author].now if post.author in scene.people else post.author
    made = claim_id(THANKS, scene.member.now, reaction.message_id, "reaction")
    before = next((each for each in scene.weeks.values() if made in each.claims), None)
    thankful = _is_thankful(reaction.emoji) and scene.community.rules_at(reaction.changed_at).reactions
    if before is None and (not thankful or author == scene.member.now):
        return Decision(scene, note="reaction_ignored")
    if before is not None:
        claim = replace(
            before.claims[made], stands=thankful, as_of=reaction.changed_at, void=frozenset(), source=event.id
        )
    else:
        claim = Claim(
            made,
            THANKS,
            post.author,
            reaction.changed_at,
            day_of(reaction.changed_at, scene.zone),
            event.id,
            scene.chat.chat_id,
            scene.member.now,
            reaction.member_id,
            reaction.message_id,
            as_of=reaction.changed_at,
        )
    earner = author if before is None else before.member_id
    return claimed(scene, claim, earner, Occasion(event.id, event.time), "claimed_reaction")


def thanked_by(scene: Scene, message: MessageReceived) -> str | None:
    """Return the id under which they were told of whom a message thanks, None where that is not known."""
    if message.reply_to is None:
        return next(iter(message.mentions), None)
    post = scene.posts.get(message.reply_to)
    return post.author if post is not None else None


def _is_thankful(emoji: str | None) -> bool:
    # What makes it red, or a hand brown, is a mark of its own behind the sign.
    return any(letter in THANKFUL for letter in unicodedata.normalize("NFKC", emoji or "")[:1])
