"""Pages of what may be long: how much of it, and where to go on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

PAGE = 100
NEXT = "Pass it as `after` to get the next page; null on the last one."


class Paged(BaseModel):
    """What every list is asked with. A name that is misspelt is refused: it would answer another question."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(PAGE, ge=1, le=PAGE, description="The most to be shown on one page.")
