"""What all event models have in common."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict


class EventModel(BaseModel):
    """The data of an event or a command.

    A consumer ignores fields it does not know, so that a newer producer does not stop it; a producer's
    unknown field is a type error, found by mypy.
    """

    # hide_input_in_errors: a validation error is logged, and its input is a member's text.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    TYPE: ClassVar[str]
    """`<entity>.<past participle>` for an event, `<entity>.<verb>` for a command."""

    VERSION: ClassVar[int] = 1
    """Rises with a change that an older consumer cannot read; the old version stays beside the new one."""


class OpenEnum(StrEnum):
    """An enum that reads a value it does not know as `UNKNOWN`: newer producers may say more than we know."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        del value
        return cls("unknown")
