"""What others are told of a suggestion."""

from __future__ import annotations

from typing import Any

from services.feedback.domain.suggestions.suggestion import Suggestion
from shared.contracts.base import EventModel
from shared.decision import Emit


def fact(kind: type[EventModel], suggestion: Suggestion, **more: Any) -> Emit:
    """Return a fact about a suggestion, in order with all others of its scope."""
    data = kind(
        scope=suggestion.scope,
        suggestion_id=suggestion.suggestion_id,
        number=suggestion.number,
        chat_id=suggestion.chat_id,
        community=suggestion.community,
        **more,
    )
    return Emit(data, suggestion.scope)
