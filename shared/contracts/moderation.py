"""What moderation says: which rules hold in a chat."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, Field

from shared.contracts.base import EventModel
from shared.contracts.gateway import ChatId


class PolicyChanged(EventModel):
    """An admin published new rules for a chat; earlier versions stay readable."""

    TYPE: ClassVar[str] = "policy.changed"

    chat_id: ChatId
    version: int = Field(ge=1)
    languages: tuple[str, ...]
    changed_by: str = Field(description="The id of the API key or the member_id that made the change.")
    changed_at: AwareDatetime


EVENTS: tuple[type[EventModel], ...] = (PolicyChanged,)
