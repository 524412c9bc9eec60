"""What goes out, in our words: what a channel can do, what it is told to do, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from services.gateway.domain.items import Address
from shared.contracts.gateway import Choice, File, Template

UNSUPPORTED = "unsupported"
"""Code of an answer: the channel finds out only now that it has no way to do this."""

RATE_LIMITED = "rate_limited"
"""Code of an answer: the whole account is too fast."""

PAIR_LIMITED = "pair_rate_limited"
"""Code of an answer: this one chat was written to too often."""

SPAM_LIMITED = "spam_rate_limited"
"""Code of an answer: people have complained; what nobody asked for must stop for a while."""

RESTRICTED = "account_restricted"
"""Code of an answer: WhatsApp has warned the number and lets it begin no chat; going on gets it banned."""

WINDOW_CLOSED = "window_closed"
"""Code of an answer, and of a decision of ours: nothing but a template would be taken now."""

UNDELIVERABLE = "undeliverable"
"""Code of an answer: WhatsApp does not deliver to this person."""

OPTED_OUT = "opted_out"
"""Code of an answer, and of a decision of ours: this person wants no such messages."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a message goes: a group, or a person."""

    group: str | None = None
    person: Address | None = None


class Capability(StrEnum):
    """What a channel can do in a chat of one kind; whatever is not named it cannot."""

    TEXT = "text"
    FILES = "files"
    REPLIES = "replies"
    MENTIONS = "mentions"
    REACTIONS = "reactions"
    CHOICES = "choices"
    TEMPLATES = "templates"
    POLLS = "polls"
    CLIENT_IDS = "client_ids"
    """We choose the id of a message, so a second call with it can be told from a second message."""
    DELETE_OWN = "delete_own"
    DELETE_FOREIGN = "delete_foreign"
    REMOVE_MEMBER = "remove_member"
    ANSWER_JOIN = "answer_join"
    RESTRICT = "restrict"
    PIN = "pin"
    WINDOW = "window"
    """Outside 24 hours after the other side's last message it takes nothing but templates."""


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message as its provider knows it."""

    provider_id: str
    author: Address | None = None
    """Who wrote it; None for us, and where no name of theirs is known."""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send. What the channel cannot do there, the sender has already left out."""

    text: str
    """Those of `mentions` who are marked in it stand there by `shared.mentions`."""
    mark: str
    """Comes back with the statuses, so that they can be recognised."""
    client_id: str
    """What the message is to be called where the channel lets us choose."""
    reply_to: MessageRef | None = None
    mentions: tuple[Address, ...] = ()
    file: File | None = None
    choices: tuple[Choice, ...] = ()
    poll: tuple[str, ...] = ()
    many_answers: bool = False
    template: Template | None = None


@dataclass(frozen=True, slots=True)
class React:
    """Put a reaction on a message; None takes it away."""

    message: MessageRef
    emoji: str | None


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a message for everyone."""

    message: MessageRef


@dataclass(frozen=True, slots=True)
class Pin:
    """Pin a message for so many days; 0 unpins it."""

    message: MessageRef
    days: int


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a person from the group."""

    person: Address


@dataclass(frozen=True, slots=True)
class AnswerJoin:
    """Let somebody in who asks, or not."""

    request_id: str
    approved: bool
    person: Address | None = None
    """Who asks, where the request is known by them alone."""


@dataclass(frozen=True, slots=True)
class Restrict:
    """Let only admins write, or everybody."""

    admins_only: bool


Action: TypeAlias = React | Delete | Pin | Remove | AnswerJoin | Restrict


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will never take it."""

    code: str
    provider_code: int | None = None


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The provider did not take it and may later."""

    code: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody knows whether the provider took it; a status webhook may tell."""


Outcome: TypeAlias = Accepted | Refused | TryAgain | Unclear
