"""`!सुझाव <text>`: a member suggests something; what is like it already is shown before it is saved."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from services.feedback.domain.member import Asked
from services.feedback.domain.post import Post
from services.feedback.domain.replying import answer, reply
from services.feedback.domain.scene import Scene
from services.feedback.domain.suggestions.facts import fact
from services.feedback.domain.suggestions.finding import numbered, open_ones
from services.feedback.domain.suggestions.matching import most_like
from services.feedback.domain.suggestions.suggestion import (
    LONGEST,
    MOST_OPEN,
    MOST_OPEN_EACH,
    Suggestion,
    scope_in,
    suggestion_id,
)
from services.feedback.domain.suggestions.telling import of
from services.feedback.domain.suggestions.voices import Word
from services.feedback.domain.suggestions.voting import supported
from shared.commands import says_only
from shared.contracts.envelope import Envelope
from shared.contracts.feedback import SuggestionMade
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Phrase

YES: Final = ("हाँ", "हां", "haan", "han", "yes")
NEW: Final = ("नया", "नयी", "नई", "naya", "nayi", "nai", "new")

OPEN_FOR: Final = dt.timedelta(minutes=10)
"""A yes that comes later may answer something else."""
FEWEST_LETTERS: Final = 5

_LETTER: Final = re.compile(r"[^\W\d_]")
_LINK: Final = re.compile(
    r"(?:https?|ftp|upi|tg)://|www\.|(?<![\w@])(?:[\w-]+\.)+"
    r"(?:com|org|net|in|co|io|me|ly|app|dev|info|link|site|shop|online|xyz|top|live|gl|gg)(?!\w)",
    re.IGNORECASE,
)
_LONG_NUMBER: Final = re.compile(r"(?:\d[\s\-().]?){8,}")
"""A phone number, an account, a code: what nobody is to read in a list that we repeat."""


def decide_new(
    scene: Scene, text: str, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Save a suggestion, or ask whether it is another one than what it is like, or say why not."""
    if scene.chat.direct:
        return answer(scene, event, Phrase("ask.in_group"), "suggestion_refused")
    if refused := _refused(scene, text):
        return answer(scene, event, refused, "suggestion_refused")
    waiting = open_ones(scene)
    like = most_like(text, {each.suggestion_id: each.text for each in waiting})
    if like is None:
        return _made(scene, text, event.data.message_id, event, now)
    asked = Asked(scene.chat.chat_id, now, text, event.data.message_id, like)
    scene = replace(scene, member=replace(scene.member, asked=asked))
    found = next(each for each in waiting if each.suggestion_id == like)
    return answer(scene, event, Phrase("suggestion.like", of(found)), "suggestion_alike")


def decide_answer(scene: Scene, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Scene] | None:
    """Return what follows from a word on whether a suggestion is new; None for any other message."""
    asked, text = scene.member.asked, event.data.text or ""
    if asked is None or asked.chat_id != scene.chat.chat_id or now - asked.at > OPEN_FOR:
        return None
    closed = replace(scene, member=replace(scene.member, asked=None))
    if says_only(text, NEW):
        if refused := _refused(closed, asked.text):
            return answer(closed, event, refused, "suggestion_refused")
        return _made(closed, asked.text, asked.message_id, event, now)
    if not says_only(text, YES):
        return None
    number = int(asked.suggestion_id.rpartition("S")[2])
    found = numbered(closed, number) if scope_in(asked.suggestion_id) == scene.scope else None
    if not isinstance(found, Suggestion):
        return answer(
            closed, event, found or Phrase("suggestion.unknown", {"number": number}), "vote_refused"
        )
    return supported(closed, found, event)


def _refused(scene: Scene, text: str) -> Phrase | None:
    if len(_LETTER.findall(text)) < FEWEST_LETTERS:
        return Phrase("suggestion.how")
    if len(text) > LONGEST:
        return Phrase("suggestion.too_long", {"most": LONGEST})
    if _LINK.search(text) or _LONG_NUMBER.search(text):
        return Phrase("suggestion.no_links")
    if len(scene.community.suggestions) >= MOST_OPEN:
        return Phrase("suggestion.full")
    if (
        sum(1 for each in _open(scene.suggestions.values()) if each.author in scene.member.ids)
        >= MOST_OPEN_EACH
    ):
        return Phrase("suggestion.too_many", {"most": MOST_OPEN_EACH})
    return None


def _open(suggestions: Iterable[Suggestion | None]) -> Iterable[Suggestion]:
    return (each for each in suggestions if each is not None and each.open)


def _made(
    scene: Scene, text: str, message_id: str, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    community, member = scene.community, scene.member
    post = scene.posts.get(message_id) or Post(message_id)
    new = Suggestion(
        suggestion_id(scene.scope, community.next_suggestion),
        scene.scope,
        community.next_suggestion,
        scene.chat.chat_id,
        text,
        member.member_id,
        message_id,
        event.data.sent_at,
        scene.chat.community,
        scene.chat.spoken,
        # What is said of a message may be heard before the message.
        void=post.void,
        lifted=post.lifted,
    )
    community = replace(
        community,
        next_suggestion=community.next_suggestion + 1,
        suggestions=community.suggestions | {new.suggestion_id},
    )
    word = Word(event.data.sent_at, message_id, yes=True)
    scene = replace(scene, community=community, member=member.spoke_of(new.suggestion_id))
    scene = scene.with_post(replace(post, suggestion_id=new.suggestion_id)).with_suggestion(new)
    voices = scene.voices_on(new.suggestion_id).heard(member.member_id, member.now, support=word, news=word)
    return Decision(
        scene.with_voices(voices),
        emit=(fact(SuggestionMade, new, member_id=member.now, made_at=now),),
        say=(reply(scene, event, Phrase("suggestion.made", of(new))),),
        note="suggestion_made",
    )
