"""What the judge looks at: one message, and what is known around it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.moderation.domain.text import Normal
from shared.contracts.gateway import MessageKind


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is judged; an edited one is the whole message as it reads now."""

    message_id: str
    chat_id: str
    member_id: str
    kind: MessageKind
    normal: Normal
    """The text, or the caption, in all the forms that checks need; an empty one where there is none."""
    sent_at: dt.datetime
    forwarded: bool = False
    often_forwarded: bool = False
    reply_to: str | None = None
    attachment_sha256: str | None = None
    mentions: int = 0
    edited: bool = False
