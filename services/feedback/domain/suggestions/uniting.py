"""Two suggestions turn out to be the same: everybody who was for either is for one of them, once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.feedback.domain.replying import answer
from services.feedback.domain.scene import Scene
from services.feedback.domain.suggestions.facts import fact
from services.feedback.domain.suggestions.suggestion import Suggestion
from services.feedback.domain.suggestions.telling import of
from shared.clock import as_stored
from shared.contracts.envelope import Envelope
from shared.contracts.feedback import SuggestionMerged
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Phrase
from shared.errors import Conflict


def decide_merge(
    scene: Scene, suggestion: Suggestion, into: Suggestion, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Make one suggestion part of another as an admin wants it."""
    try:
        done = merge_wanted(scene, suggestion, into, scene.member.now, now)
    except Conflict:
        return answer(scene, event, Phrase("merge.impossible"), "merge_refused")
    after = done.state.suggestions.get(into.suggestion_id) or into
    said = answer(
        done.state, event, Phrase("merge.done", of(after, gone=suggestion.number)), "merge_said"
    ).say
    return replace(done, say=said)


def merge_wanted(
    scene: Scene, suggestion: Suggestion, into: Suggestion, by: str, now: dt.datetime
) -> Decision[Scene]:
    """Make one suggestion part of another; nobody is written to, for nothing was decided.

    Raises:
        Conflict: they are the same, of two communities, or one of them is not open.
    """
    if suggestion.merged_into == into.suggestion_id:
        return Decision(scene, note="merge_repeated")
    if suggestion.suggestion_id == into.suggestion_id or suggestion.scope != into.scope:
        raise Conflict("A suggestion becomes part of another one of the same community.")
    if not (suggestion.open and into.open):
        raise Conflict("Only suggestions that may still be supported are made one.")
    at, gone = as_stored(now), replace(suggestion, merged_into=into.suggestion_id)
    merged = {
        number: into.number if target == gone.number else target
        for number, target in scene.community.merged.items()
    }
    community = replace(
        scene.community,
        suggestions=scene.community.suggestions - {gone.suggestion_id},
        merged={**merged, str(gone.number): into.number},
    )
    voices = scene.voices_on(into.suggestion_id).joined_by(scene.voices_on(gone.suggestion_id), at)
    scene = replace(scene, community=community).with_suggestion(gone).with_voices(voices)
    told = fact(
        SuggestionMerged,
        gone,
        into_id=into.suggestion_id,
        into_number=into.number,
        votes=len(voices.supporters),
        merged_by=by,
        merged_at=now,
    )
    return Decision(scene, emit=(told,), note="suggestions_merged")
