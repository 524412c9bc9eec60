"""The ids of everybody, every chat and every message that a webhook speaks of."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from services.gateway.domain.items import Address, Place
from shared.contracts.gateway import ChatKind
from shared.ids import deterministic_id

MESSAGE = "message"
"""What ids of messages are made with: it alone takes a provider's id in any spelling."""

_LINKED_DEVICE_ID = re.compile(r"(true|false)_([^_]*@[^_]*)_([^_]+)(?:_(.*))?", re.DOTALL)
"""Whether it is ours, its chat, its own id, and in a group its author: some events tell its own id alone."""


class Where(Protocol):
    """The chat that a message is in."""

    @property
    def chat_id(self) -> str:
        """The chat."""
        ...

    @property
    def chat_kind(self) -> ChatKind:
        """How many people it has."""
        ...

    @property
    def message_id(self) -> str | None:
        """The message itself, where it was asked for by its own id alone."""
        ...


def message_key(channel: str, provider_id: str) -> str:
    """Return what a message is known by, of all the ways in which its provider names it.

    On a linked device the sender chooses a message's own id, so it counts only together with chat and
    author: somebody who takes another one's must not be taken for the repetition of it.
    """
    found = _LINKED_DEVICE_ID.fullmatch(provider_id) if channel == "waha" else None
    if found is None:
        return provider_id
    ours, chat, own, author = found.groups()
    return f"{chat}/{own}" if ours == "true" or not author else f"{chat}/{own}/{author}"


def bare_key(channel: str, provider_id: str) -> str | None:
    """Return the message's own id, by which alone some events name it; None where there is no other name."""
    found = _LINKED_DEVICE_ID.fullmatch(provider_id) if channel == "waha" else None
    return found[3] if found else None


def is_bare(channel: str, provider_id: str) -> bool:
    """Return whether `provider_id` is a message's own id alone, which others may have chosen too."""
    return channel == "waha" and _LINKED_DEVICE_ID.fullmatch(provider_id) is None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The ids of everybody and every chat that a webhook speaks of."""

    channel: str
    account: str
    members: Mapping[Address, str]
    chats: Mapping[str, str]
    """By group id or, for a direct chat, by `member_id`."""
    messages: Mapping[str, Where] = field(default_factory=dict)
    """The chats of messages that are spoken of without them, by `message_id`."""

    def member(self, addresses: tuple[Address, ...]) -> str:
        """Return the member behind `addresses`; the first, most reliable one decides."""
        return self.members[addresses[0]]

    def chat(self, place: Place, person: tuple[Address, ...]) -> str:
        """Return the chat at `place`."""
        return self.chats[place.group if place.group is not None else self.member(person)]

    def id(self, kind: str, *natural_key: str) -> str:
        """Return the deterministic id of something on this account."""
        if kind == MESSAGE:
            natural_key = tuple(message_key(self.channel, each) for each in natural_key)
        return deterministic_id(kind, self.channel, self.account, *natural_key)

    def alias(self, provider_id: str) -> str | None:
        """Return the id that a message seems to have where only its own id is told; None where that is it."""
        bare = bare_key(self.channel, provider_id)
        return None if bare is None else self.id(MESSAGE, bare)


def stamp(at: dt.datetime | None) -> str:
    """Return `at` as a part of a natural key."""
    return at.isoformat() if at else ""
