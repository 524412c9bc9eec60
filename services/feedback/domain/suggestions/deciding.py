"""What becomes of a suggestion: an admin decides in the chat, or a REST client; a no has a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from services.feedback.domain.replying import answer, reply
from services.feedback.domain.scene import Scene
from services.feedback.domain.suggestions.facts import fact
from services.feedback.domain.suggestions.suggestion import LONGEST_REASON, OPEN, Step, Suggestion
from services.feedback.domain.suggestions.telling import news, of
from shared.clock import as_stored
from shared.contracts.envelope import Envelope
from shared.contracts.feedback import SuggestionDecided, SuggestionStatus
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Instead, Phrase
from shared.errors import Conflict, Invalid

_STATUSES: Final[Mapping[SuggestionStatus, tuple[str, ...]]] = {
    SuggestionStatus.NEW: ("नया", "naya", "new"),
    SuggestionStatus.REVIEW: ("समीक्षा", "विचार", "samiksha", "vichar", "review"),
    SuggestionStatus.PLANNED: ("योजना", "yojana", "planned", "plan"),
    SuggestionStatus.DONE: ("पूरा", "पूर्ण", "लागू", "pura", "poora", "lagu", "done"),
    SuggestionStatus.DECLINED: ("अस्वीकृत", "अस्वीकार", "asweekrit", "aswikrit", "declined", "decline"),
}
STATUSES: Final = {word: status for status, words in _STATUSES.items() for word in words}
"""By what an admin writes."""


def decide_status(
    scene: Scene,
    suggestion: Suggestion,
    words: tuple[str, ...],
    event: Envelope[MessageReceived],
    now: dt.datetime,
) -> Decision[Scene]:
    """Give a suggestion the status that an admin has named, and tell whoever asked for news.

    Args:
        scene: around the message.
        suggestion: of which it is.
        words: the status, and the reason behind it.
        event: the message.
        now: the time.
    """
    status, reason = STATUSES[words[0].casefold()], " ".join(words[1:])[:LONGEST_REASON] or None
    if status is SuggestionStatus.DECLINED and reason is None:
        return answer(scene, event, Phrase("decision.why", of(suggestion)), "decision_refused")
    if status is suggestion.status:
        return answer(
            scene, event, Phrase("decision.same", of(suggestion)), "decision_repeated", private=True
        )
    done = _decided(
        scene, suggestion, Step(status, scene.member.now, as_stored(now), reason), now, by_member=True
    )
    after = done.state.suggestions.get(suggestion.suggestion_id) or suggestion
    said = reply(scene, event, Phrase("decision.noted", of(after, told=len(done.say))), private=True)
    if not scene.chat.direct:
        # The group hears of it in its own time: what is decided is news for those who asked alone.
        said = replace(said, instead=Instead(Phrase("decision.noted_here"), scene.chat.spoken))
    return replace(done, say=(said, *done.say))


@dataclass(frozen=True, slots=True)
class Wish:
    """What a REST client wants to become of a suggestion."""

    status: SuggestionStatus
    reason: str | None
    by: str


def decide_wanted(scene: Scene, suggestion: Suggestion, wish: Wish, now: dt.datetime) -> Decision[Scene]:
    """Give a suggestion the status that a REST client wants; one that it has stays as it is.

    Raises:
        Invalid: it is declined without a reason.
        Conflict: it is part of another one.
    """
    if wish.status is SuggestionStatus.DECLINED and not wish.reason:
        raise Invalid("Who has suggested something hears why it is declined: a reason is needed.")
    if suggestion.merged_into is not None:
        raise Conflict("This suggestion is part of another one.")
    if wish.status is suggestion.status:
        return Decision(scene, note="decision_repeated")
    return _decided(scene, suggestion, Step(wish.status, wish.by, as_stored(now), wish.reason), now)


def _decided(
    scene: Scene, suggestion: Suggestion, step: Step, now: dt.datetime, *, by_member: bool = False
) -> Decision[Scene]:
    after = suggestion.decided(step)
    name, voices = after.suggestion_id, scene.voices_on(after.suggestion_id)
    waiting = scene.community.suggestions - {name} | ({name} if after.status in OPEN else set())
    scene = replace(scene, community=replace(scene.community, suggestions=waiting)).with_suggestion(after)
    decided = fact(
        SuggestionDecided,
        after,
        member_id=voices.person_of(after.author),
        status=after.status,
        reason=step.reason,
        votes=after.votes,
        decided_by=step.by,
        decided_at=now,
        done_at=after.done_at,
    )
    key = "news.decided_for" if step.reason else "news.decided"
    phrase = Phrase(key, of(after, reason=step.reason or ""))
    # Nobody is written to about what nobody is to read.
    told = news(after, voices, phrase, but=step.by if by_member else None) if after.visible else ()
    return Decision(scene, emit=(decided,), say=told, note=f"suggestion_{after.status}")
