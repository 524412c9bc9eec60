"""What all event models have in common."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


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


PART: Final = EventModel.model_config
"""How the parts of an event read, which are models too: a consumer ignores what it does not know."""


class OpenEnum(StrEnum):
    """An enum that reads a value it does not know as `UNKNOWN`: newer producers may say more than we know."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        del value
        return cls("unknown")

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        reference = handler(core_schema)
        # Not `enum`: a validator that took the list for complete would refuse what a newer producer says.
        schema = handler.resolve_ref_schema(reference)
        schema["x-extensible-enum"] = schema.pop("enum")
        return reference
