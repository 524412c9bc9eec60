"""What the judge looks at: one message, and what several checks make of its text, worked out once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from services.moderation.domain.judging.learned import Features, features
from services.moderation.domain.signals import Reading, read
from services.moderation.domain.text import Normal, fingerprint
from shared.contracts.gateway import MessageKind


@dataclass(frozen=True)
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

    @cached_property
    def exact(self) -> str:
        """The digest of its text, by which a copy is known; empty where it has no words."""
        return fingerprint.exact(self.normal)

    @cached_property
    def near(self) -> int:
        """The hash of its text by which one that is nearly the same is known; 0 where it is too short."""
        return fingerprint.near(self.normal)

    @cached_property
    def reading(self) -> Reading:
        """What its text wants, as far as words tell."""
        return read(self.normal)

    @cached_property
    def features(self) -> Features:
        """Its text as the learned models see it."""
        return features(self.reading)
