"""What is known around a message when it is judged."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Trust(StrEnum):
    """How far a member has come; rules for newcomers and the weight of reports depend on it."""

    NEW = "new"
    MEMBER = "member"
    TRUSTED = "trusted"
    EXPERT = "expert"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """From 0, the newest."""
        return tuple(Trust).index(self)


@dataclass(frozen=True, slots=True)
class Trace:
    """What is remembered of a recent message: enough to see floods and copies, and no text."""

    message_id: str
    chat_id: str
    member_id: str
    at: dt.datetime
    exact: str
    """Digest of the masked, normalised text or of the file; empty where there is neither."""
    near: int
    """63-bit SimHash of the masked text's words; 0 where there are too few of them."""
    length: int
    """Characters of the normalised text."""
    on_topic: float | None = None
    """From 0 (off) to 1 (on topic); None for what is too short to say."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a pure judge may know beside the message."""

    now: dt.datetime
    trust: Trust = Trust.MEMBER
    restricted: bool = False
    """Whether the author is restricted just now: links and media are held."""
    raid: bool = False
    """Whether the chat is being overrun: newcomers are held back."""
    recent: tuple[Trace, ...] = ()
    """The chat's last messages, oldest first, this one not among them."""
    offers: tuple[Trace, ...] = ()
    """Messages like an offer from all chats of the community, oldest first: what a campaign is seen by."""
    prompt_open: bool = False
    """Whether a question of the admin's is open, so that many short answers in a row are welcome."""
