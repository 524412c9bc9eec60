"""A chat as the gateway knows it."""

from __future__ import annotations

from dataclasses import dataclass


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
