"""What every detector is: a pure function with a name and settings of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding


class Settings(BaseModel):
    """What a policy can set for a detector; every field has a default and a description."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Detector(Protocol):
    """Looks for one kind of thing.

    A detector is made once, with whatever tables it needs, and used for all chats. It gives findings for what
    is there; whether the author is exempt and whether the rule is in force is not its business.
    """

    name: ClassVar[str]
    """As policies spell it."""
    category: ClassVar[Category]
    settings: ClassVar[type[Settings]]

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return what is found, the gravest first; nothing for a harmless message."""
        ...
