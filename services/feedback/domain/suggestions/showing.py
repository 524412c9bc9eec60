"""`!सुझाव`: what was suggested, one of it, or something new; an admin decides here too."""

from __future__ import annotations

import datetime as dt
from typing import Final

from services.feedback.domain.replying import answer
from services.feedback.domain.scene import Scene
from services.feedback.domain.suggestions.deciding import STATUSES, decide_status
from services.feedback.domain.suggestions.finding import number_in, numbered, open_ones
from services.feedback.domain.suggestions.making import decide_new
from services.feedback.domain.suggestions.suggestion import Suggestion
from services.feedback.domain.suggestions.telling import of
from services.feedback.domain.suggestions.uniting import decide_merge
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.feedback import SuggestionStatus
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Phrase

MERGE: Final = frozenset({"मिलाएँ", "मिलाएं", "मिलाओ", "milayen", "milaen", "milao", "merge"})
SHOWN: Final = 10
"""Suggestions in one answer."""
_MERGING: Final = 3
"""Words of `35 मिलाएँ 34`."""


def decide_suggestion(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Show suggestions, take one, or decide on one."""
    words = command.words
    if not words:
        return _all(scene, event)
    number = number_in(words[0])
    found = numbered(scene, number) if number is not None else None
    if len(words) == 1 and found is not None:
        return _one(scene, found, event)
    if isinstance(found, Suggestion) and _managing(words):
        return _managed(scene, found, words, event, now)
    return decide_new(scene, " ".join(words), event, now)


def _managing(words: tuple[str, ...]) -> bool:
    """Whether these words decide on a suggestion: «2 new sessions a week» suggests something."""
    word = words[1].casefold()
    if word in MERGE:
        return len(words) == _MERGING and number_in(words[2]) is not None
    status = STATUSES.get(word)
    return status is not None and (status is not SuggestionStatus.NEW or len(words) == len(("34", "नया")))


def _managed(
    scene: Scene,
    suggestion: Suggestion,
    words: tuple[str, ...],
    event: Envelope[MessageReceived],
    now: dt.datetime,
) -> Decision[Scene]:
    if scene.chat.direct:
        return answer(scene, event, Phrase("ask.in_group"), "decision_refused")
    if not scene.admin:
        return answer(scene, event, Phrase("ask.admins_only"), "decision_refused")
    if words[1].casefold() not in MERGE:
        return decide_status(scene, suggestion, words[1:], event, now)
    into = numbered(scene, number_in(words[2]) or 0)
    if isinstance(into, Phrase):
        return answer(scene, event, into, "merge_refused")
    return decide_merge(scene, suggestion, into, event, now)


def _all(scene: Scene, event: Envelope[MessageReceived]) -> Decision[Scene]:
    found = open_ones(scene)
    if not found:
        return answer(scene, event, Phrase("suggestion.none"), "suggestions_shown")
    lines = [Phrase("suggestion.line", of(each)) for each in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(Phrase("suggestion.more", {"n": len(found) - SHOWN}))
    return answer(scene, event, Phrase("suggestion.list", {"lines": tuple(lines)}), "suggestions_shown")


def _one(scene: Scene, found: Suggestion | Phrase, event: Envelope[MessageReceived]) -> Decision[Scene]:
    if isinstance(found, Phrase):
        return answer(scene, event, found, "suggestion_unknown")
    key = "suggestion.shown_with_reason" if found.reason else "suggestion.shown"
    return answer(scene, event, Phrase(key, of(found, reason=found.reason or "")), "suggestion_shown")
