"""A chat as the gateway knows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shared.contracts.gateway import ChatKind
from shared.contracts.members import ChatConfigured


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an operator has said about a chat; None where nothing was said."""

    community: str | None = None
    language: str | None = None
    zone: str | None = None


UNCONFIGURED = Configuration()


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat on a channel."""

    chat_id: str
    channel: str
    account: str
    kind: str
    group: str | None
    member_id: str | None
    subject: str | None = None
    configuration: Configuration = UNCONFIGURED
    capabilities: tuple[str, ...] = ()
    """What the channel can do there, as it was last seen."""
    revision: int = 0
    """How often what is told of it has changed."""

    def told(self, now: dt.datetime) -> ChatConfigured:
        """Return the event that says all this, but for where the chat is."""
        return ChatConfigured(
            chat_id=self.chat_id,
            chat_kind=ChatKind(self.kind),
            community=self.configuration.community,
            subject=self.subject[:256] if self.subject else None,
            language=self.configuration.language,
            zone=self.configuration.zone,
            channel=self.channel,
            capabilities=self.capabilities,
            configured_at=now,
        )
