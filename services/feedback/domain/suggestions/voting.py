"""`!वोट 34`: a member is for a suggestion, not for it any more, or wants to hear what becomes of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.feedback.domain.replying import answer, reply
from services.feedback.domain.scene import Scene
from services.feedback.domain.suggestions.facts import fact
from services.feedback.domain.suggestions.finding import number_in, numbered, open_ones
from services.feedback.domain.suggestions.suggestion import Suggestion
from services.feedback.domain.suggestions.telling import of
from services.feedback.domain.suggestions.voices import MOST, MOST_FOLLOWERS, Voices, Word
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.feedback import SuggestionSupported
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Phrase

OFF: Final = frozenset({"बंद", "band", "off", "हटाएँ", "हटाएं", "hatayen", "withdraw", "stop", "वापस", "vapas"})
NEWS: Final = frozenset({"खबर", "ख़बर", "khabar", "news", "updates", "update"})
SHOWN: Final = 5
"""Lines of each list in a chat."""


def decide_vote(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Take what a member says of a suggestion; without a number, show what they and many are for."""
    del now
    if not command.words:
        return _shown(scene, event)
    first, *others = (each.casefold() for each in command.words)
    number, words = number_in(first), frozenset(others)
    if number is None or len(others) > len(words) or not words <= OFF | NEWS:
        return answer(scene, event, Phrase("vote.how"), "vote_refused")
    found = numbered(scene, number)
    if not isinstance(found, Suggestion):
        return answer(scene, event, found, "vote_refused")
    off, news = bool(words & OFF), bool(words & NEWS)
    if off and news:
        return _without_news(scene, found, event)
    return _withdrawn(scene, found, event) if off else supported(scene, found, event, news=news)


def supported(
    scene: Scene,
    suggestion: Suggestion,
    event: Envelope[MessageReceived],
    *,
    news: bool = False,
) -> Decision[Scene]:
    """Return the decision that a member is for a suggestion; with `news`, they hear what becomes of it."""
    if not suggestion.open:
        return answer(scene, event, Phrase("vote.over", of(suggestion)), "vote_refused")
    voices, person = scene.voices_on(suggestion.suggestion_id), scene.member.now
    if scene.member.member_id not in voices.voices and len(voices.voices) >= MOST:
        return answer(scene, event, Phrase("vote.full", of(suggestion)), "vote_refused")
    if news and person not in voices.followers and len(voices.followers) >= MOST_FOLLOWERS:
        return answer(scene, event, Phrase("vote.news_full", of(suggestion)), "vote_refused")
    word = _word(event, yes=True)
    after = voices.heard(scene.member.member_id, person, support=word, news=word if news else None)
    if person in after.followers:
        key = "vote.taken_with_news"
    else:
        key = "vote.repeated" if person in voices.supporters else "vote.taken"
    return _counted(scene, suggestion, after, event, key)


def _withdrawn(scene: Scene, suggestion: Suggestion, event: Envelope[MessageReceived]) -> Decision[Scene]:
    """Withdraw a vote, and with it the wish for news; who made the suggestion still hears of it."""
    voices, word = scene.voices_on(suggestion.suggestion_id), _word(event, yes=False)
    theirs = voices.person_of(suggestion.author) == scene.member.now
    after = voices.heard(
        scene.member.member_id, scene.member.now, support=word, news=None if theirs else word
    )
    return _counted(scene, suggestion, after, event, "vote.withdrawn")


def _without_news(scene: Scene, suggestion: Suggestion, event: Envelope[MessageReceived]) -> Decision[Scene]:
    voices = scene.voices_on(suggestion.suggestion_id)
    after = voices.heard(scene.member.member_id, scene.member.now, news=_word(event, yes=False))
    scene = _kept(scene, after)
    return answer(scene, event, Phrase("vote.no_news", of(suggestion)), "news_declined")


def _counted(
    scene: Scene, suggestion: Suggestion, after: Voices, event: Envelope[MessageReceived], key: str
) -> Decision[Scene]:
    """Return the decision after which these voices stand; others hear of it where the votes have changed."""
    person = scene.member.now
    before = person in scene.voices_on(suggestion.suggestion_id).supporters
    scene, is_for = _kept(scene, after), person in after.supporters
    suggestion = replace(suggestion, votes=len(after.supporters))
    changed = fact(
        SuggestionSupported,
        suggestion,
        member_id=person,
        withdrawn=not is_for,
        votes=suggestion.votes,
        supported_at=event.data.sent_at,
    )
    return Decision(
        scene,
        emit=(changed,) if is_for is not before else (),
        say=(reply(scene, event, Phrase(key, of(suggestion))),),
        note="vote_taken" if is_for else "vote_withdrawn",
    )


def _kept(scene: Scene, voices: Voices) -> Scene:
    return replace(scene.with_voices(voices), member=scene.member.spoke_of(voices.suggestion_id))


def _shown(scene: Scene, event: Envelope[MessageReceived]) -> Decision[Scene]:
    found, person = open_ones(scene), scene.member.now
    if not found:
        return answer(scene, event, Phrase("suggestion.none"), "votes_shown")
    mine = [each for each in found if person in scene.voices_on(each.suggestion_id).supporters]
    lines = [_line(each) for each in found[:SHOWN]]
    shown = [Phrase("vote.top", {"lines": tuple(lines)})]
    if mine:
        shown.insert(0, Phrase("vote.mine", {"lines": tuple(_line(each) for each in mine[:SHOWN])}))
    return answer(scene, event, Phrase("list.lines", {"lines": tuple(shown)}), "votes_shown")


def _line(suggestion: Suggestion) -> Phrase:
    return Phrase("suggestion.line", of(suggestion))


def _word(event: Envelope[MessageReceived], *, yes: bool) -> Word:
    return Word(event.data.sent_at, event.data.message_id, yes=yes)
