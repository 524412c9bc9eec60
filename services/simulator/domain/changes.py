from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from services.simulator.domain.dialect import CLOUD_API
from services.simulator.domain.files import File
from services.simulator.domain.messages import Message
from services.simulator.domain.people import Group, Member


@dataclass(frozen=True, slots=True)
class Webhook:
    """A notification that the gateway has not acknowledged yet."""

    id: int
    lane: str
    """Webhooks of one lane are sent one after the other; a chat is a lane."""
    body: bytes
    created: dt.datetime
    about: str | None = None
    """The message it carries, or whose status it tells."""
    attempts: int = 0
    account: str = CLOUD_API
    """Which of the accounts it tells."""


@dataclass(slots=True)
class Changes:
    """What acts did to the world: to be written down, announced and sent.

    Of one thing the later state replaces the earlier.
    """

    members: dict[str, Member | None] = field(default_factory=dict)
    """None: they have another number now."""
    groups: dict[str, Group] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    webhooks: dict[int, Webhook | None] = field(default_factory=dict)
    """None: it is done with."""
    files: dict[str, File | None] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    """Which of the messages are new."""

    def __bool__(self) -> bool:
        return bool(self.members or self.groups or self.messages or self.webhooks or self.files)

    @property
    def chats(self) -> set[str]:
        """The chats in which something changed."""
        return {each.chat for each in self.messages.values()} | set(self.groups)

    def add(self, later: Changes) -> None:
        """Take in what happened after this."""
        self.members |= later.members
        self.groups |= later.groups
        self.messages |= later.messages
        self.webhooks |= later.webhooks
        self.files |= later.files
        self.said += later.said
