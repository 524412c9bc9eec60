"""Two members turn out to be one person, or one turns out to be two after all.

What they have said stays under the id under which they said it; only who stands behind that id changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from services.feedback.domain.member import Member
from services.feedback.domain.suggestions.suggestion import Suggestion
from services.feedback.domain.suggestions.voices import Voices
from services.feedback.domain.surveys.survey import Responses
from shared.contracts.envelope import Envelope
from shared.contracts.members import MemberMerged, MemberUnmerged
from shared.decision import Decision


@dataclass(frozen=True, slots=True)
class Union:
    """Two members, and all that they have said."""

    kept: Member
    """Who stays."""
    gone: Member
    """Who turns out to be the same, or to be somebody else again."""
    others: Mapping[str, Member] = field(default_factory=dict)
    """By id: those who turned out to be `gone` before, and whoever `kept` turned out to be."""
    suggestions: Mapping[str, Suggestion | None] = field(default_factory=dict)
    """Of which any of them has said something, by id."""
    voices: Mapping[str, Voices] = field(default_factory=dict)
    """What was said of these."""
    responses: Mapping[str, Responses] = field(default_factory=dict)
    """To the surveys that any of them was sent last."""


def decide_merged(union: Union, event: Envelope[MemberMerged], now: dt.datetime) -> Decision[Union]:
    """Let one member stand for all that was said under the ids of both."""
    del event, now
    kept, gone = union.kept, union.gone
    if kept.member_id in {gone.member_id, gone.merged_into}:
        return Decision(union)
    target = kept.now if kept.now != gone.member_id else kept.member_id
    heir = union.others.get(target, kept) if target != kept.member_id else replace(kept, merged_into=None)
    absorbed = {gone.member_id, *gone.absorbed} - {target}
    # Who was asked under either id is left alone under both.
    asked = max((each for each in (heir.asked_at, gone.asked_at) if each is not None), default=None)
    heir = replace(
        heir,
        scopes=heir.scopes | gone.scopes,
        absorbed=heir.absorbed | absorbed,
        asked_at=asked,
        survey=heir.survey or gone.survey,
    )
    others = {
        name: replace(each, merged_into=target) if name in absorbed else each
        for name, each in union.others.items()
    }
    union = _with(replace(union, gone=replace(gone, merged_into=target), others=others), heir)
    return Decision(_said_by(union, target, absorbed | {target}), note="members_merged")


def decide_unmerged(union: Union, event: Envelope[MemberUnmerged], now: dt.datetime) -> Decision[Union]:
    """Make two of one again: each has said what was said under the ids that are theirs."""
    del event, now
    kept, gone = union.kept, union.gone
    if gone.merged_into is None:
        return Decision(union)
    target = gone.merged_into
    heir = kept if target == kept.member_id else union.others.get(target, kept)
    theirs = frozenset({gone.member_id, *gone.absorbed})
    others = {
        name: replace(each, merged_into=gone.member_id) if name in gone.absorbed else each
        for name, each in union.others.items()
    }
    union = replace(union, gone=replace(gone, merged_into=None), others=others)
    union = _with(union, replace(heir, absorbed=heir.absorbed - theirs))
    return Decision(_said_by(union, gone.member_id, theirs), note="members_parted")


def _said_by(union: Union, person: str, ids: Collection[str]) -> Union:
    """Return the union in which that person stands behind `ids`; suggestions have the votes they have so."""
    voices = {name: each.standing_for(person, ids) for name, each in union.voices.items()}
    suggestions = {
        name: each if each is None or name not in voices else _counted(each, len(voices[name].supporters))
        for name, each in union.suggestions.items()
    }
    responses = {name: each.standing_for(person, ids) for name, each in union.responses.items()}
    return replace(union, voices=voices, suggestions=suggestions, responses=responses)


def _counted(suggestion: Suggestion, votes: int) -> Suggestion:
    return suggestion if suggestion.votes == votes else replace(suggestion, votes=votes)


def _with(union: Union, heir: Member) -> Union:
    if heir.member_id == union.kept.member_id:
        return replace(union, kept=heir)
    return replace(union, others={**union.others, heir.member_id: heir})
