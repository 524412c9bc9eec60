"""What texts about suggestions are filled with, and who hears of a decision."""

from __future__ import annotations

import datetime as dt
from typing import Final

from services.feedback.domain.suggestions.suggestion import Suggestion
from services.feedback.domain.suggestions.voices import Voices
from shared.contracts.gateway import SendClass
from shared.decision import Parameter, Phrase, Say
from shared.ids import deterministic_id

HEARD_FOR: Final = dt.timedelta(days=2)
"""A channel that is down for so long keeps the news from nobody."""


def of(suggestion: Suggestion, **more: Parameter) -> dict[str, Parameter]:
    """Return what texts about a suggestion are filled with."""
    return {
        "number": suggestion.number,
        "text": suggestion.text,
        "votes": suggestion.votes,
        "status": Phrase(f"status.{suggestion.status}"),
        **more,
    }


def news(
    suggestion: Suggestion, voices: Voices, phrase: Phrase, *, but: str | None = None
) -> tuple[Say, ...]:
    """Return the word to whoever asked for news of a suggestion, each alone and once.

    Args:
        suggestion: as it is after the decision.
        voices: who has asked for news.
        phrase: what to say.
        but: who has decided, and knows.
    """
    return tuple(
        Say(
            suggestion.chat_id,
            phrase,
            suggestion.language,
            send_class=SendClass.REMINDER,
            valid_for=HEARD_FOR,
            privately_to=person,
            event_id=deterministic_id(
                "suggestion-news", suggestion.suggestion_id, str(suggestion.decisions), person
            ),
        )
        for person in sorted(voices.followers)
        if person != but
    )
