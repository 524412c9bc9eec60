"""Follows moderation: what is removed nobody reads here either, and a mistake is as if it had never been."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TypeAlias

from services.feedback.domain.post import DELETED, WITHDRAWN, Post
from services.feedback.domain.scene import Scene
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageRevoked
from shared.contracts.moderation import (
    CaseDismissed,
    CaseOverturned,
    CaseUpheld,
    MessageFlagged,
    WantedIntent,
)
from shared.decision import Decision

AgainstMessage: TypeAlias = MessageFlagged | CaseUpheld
InFavour: TypeAlias = CaseOverturned | CaseDismissed


def decide_against(scene: Scene, event: Envelope[AgainstMessage], now: dt.datetime) -> Decision[Scene]:
    """Hide what a message suggests that is removed, or that a person has judged to break a rule."""
    del now
    case = event.data
    if case.message_id is None or (
        isinstance(case, MessageFlagged) and case.intent is not WantedIntent.REMOVE
    ):
        return Decision(scene, note="case_ignored")
    return _weighed(scene, case.message_id, void=frozenset({case.case_id}))


def decide_in_favour(scene: Scene, event: Envelope[InFavour], now: dt.datetime) -> Decision[Scene]:
    """Show again what was hidden by a mistake; the removal of its message was part of that."""
    del now
    case = event.data
    if case.message_id is None:
        return Decision(scene, note="case_ignored")
    return _weighed(scene, case.message_id, lifted=frozenset({case.case_id, DELETED}))


def decide_revoked(scene: Scene, event: Envelope[MessageRevoked], now: dt.datetime) -> Decision[Scene]:
    """Hide what a message suggests that was deleted; for good where its author has deleted it."""
    del now
    why = WITHDRAWN if event.data.member_id in scene.member.ids and _theirs(scene, event) else DELETED
    return _weighed(scene, event.data.message_id, void=frozenset({why}))


def _theirs(scene: Scene, event: Envelope[MessageRevoked]) -> bool:
    post = scene.posts.get(event.data.message_id)
    suggestion = scene.suggestions.get(post.suggestion_id or "") if post is not None else None
    return suggestion is not None and suggestion.author in scene.member.ids


def _weighed(
    scene: Scene, message_id: str, *, void: frozenset[str] = frozenset(), lifted: frozenset[str] = frozenset()
) -> Decision[Scene]:
    post = scene.posts.get(message_id) or Post(message_id)
    post = replace(post, void=post.void | void, lifted=post.lifted | lifted)
    scene, suggestion = scene.with_post(post), scene.suggestions.get(post.suggestion_id or "")
    if suggestion is None:
        return Decision(scene)
    return Decision(
        scene.with_suggestion(replace(suggestion, void=post.void, lifted=post.lifted)),
        note="suggestion_weighed",
    )
