"""Texts as messages that can be judged: nobody's, in no chat, with nothing around them."""

from __future__ import annotations

import datetime as dt

from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.message import Message
from services.moderation.domain.text import normalise
from shared.contracts.gateway import MessageKind

_NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

CONTEXT = Context(now=_NOW)
"""A member of some time, nobody before them."""


def message_of(text: str) -> Message:
    """Return a text as a message to be judged."""
    return Message("m", "c", "a", MessageKind.TEXT, normalise(text), _NOW)
