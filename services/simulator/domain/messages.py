"""A message, who has got it and who has read it."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.simulator.domain.people import other_side


class Status(enum.StrEnum):
    """How far a message has come."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


_RANK = {Status.SENT: 1, Status.FAILED: 2, Status.DELIVERED: 3, Status.READ: 4}


def advance(have: Status, new: Status) -> Status:
    """Return the later of two statuses: reports arrive in any order and a message never goes backwards.

    What somebody has received has not failed, whichever of the two reports comes first.
    """
    return max(have, new, key=_RANK.__getitem__)


class Kind(enum.StrEnum):
    """What a message is, as far as the simulator treats kinds differently."""

    TEXT = "text"
    REACTION = "reaction"
    """Its text is the emoji, its `reply_to` the message reacted to; it is not a line of the conversation."""
    NOTE = "note"
    """A grey line that WhatsApp itself shows, such as somebody joining."""
    PIN = "pin"
    """Its text is `pin` or `unpin`, its `reply_to` the message; shown as a grey line."""
    OTHER = "other"
    """Media and everything else: `payload` holds it in WhatsApp's shape."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was said in a chat."""

    id: str
    chat: str
    seq: int
    """Its place among everything that was ever said, across chats: the cursor of the script API."""
    author: str
    at: dt.datetime
    kind: Kind
    text: str
    type: str = "text"
    """WhatsApp's name for the kind."""
    reply_to: str | None = None
    opaque: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    receipts: Mapping[str, Status] = field(default_factory=dict)
    """How far it has come for each participant other than its author."""
    reactions: Mapping[str, str] = field(default_factory=dict)
    history: bool = False
    """Belongs to the past that the demo world was created with: nobody was told of it."""
    failure: int | None = None
    """The error code with which WhatsApp gave it up."""
    forwarded: bool = False
    edited: bool = False
    deleted: bool = False
    """Its author took it back, or an admin: what it said is gone."""
    votes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of a poll, what each voter has chosen."""

    @property
    def ticks(self) -> Status:
        """What the author sees beside it: the status that everybody has reached."""
        if Status.FAILED in self.receipts.values():
            return Status.FAILED
        return min(self.receipts.values(), key=_RANK.__getitem__, default=Status.SENT)

    def reached(self, who: Iterable[str], status: Status) -> Message:
        """Return the message after `who` reported `status`; people it was not addressed to are ignored."""
        moved = {each: advance(self.receipts[each], status) for each in who if each in self.receipts}
        return replace(self, receipts={**self.receipts, **moved})

    def missing(self, status: Status) -> tuple[str, ...]:
        """Return who has not reached `status` yet."""
        return tuple(each for each, have in self.receipts.items() if advance(have, status) is not have)

    def reacted(self, who: str, emoji: str) -> Message:
        """Return the message after `who` put `emoji` on it; an empty emoji takes theirs away."""
        others = {each: had for each, had in self.reactions.items() if each != who}
        return replace(self, reactions={**others, who: emoji} if emoji else others)

    def renumbered(self, old: str, new: str) -> Message:
        """Return the message after somebody has taken another number."""

        def known(who: str) -> str:
            return new if who == old else who

        return replace(
            self,
            chat=self.chat.replace(old, new, 1) if other_side(self.chat) == old else self.chat,
            author=known(self.author),
            receipts={known(who): status for who, status in self.receipts.items()},
            reactions={known(who): emoji for who, emoji in self.reactions.items()},
            votes={known(who): chosen for who, chosen in self.votes.items()},
        )
