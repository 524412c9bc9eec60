"""Pages of what may be long, and the ids and keys that requests carry."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import Annotated, TypeAlias

from fastapi import Header
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.moderation.domain.cases.search import Place
from shared.errors import Invalid

PAGE = 100
MAX_CURSOR = 256
NEXT = "Pass it as `after` to get the next page; null on the last one."

CASE_PATTERN = r"^(community:[A-Za-z0-9_-]{1,64}|chat:c_[0-9a-f]{20})#[0-9]{1,9}$"

CaseId: TypeAlias = Annotated[str, StringConstraints(pattern=CASE_PATTERN)]
CasePath: TypeAlias = Annotated[
    str,
    PathParameter(
        pattern=CASE_PATTERN,
        examples=["community:seo-batch-7#1043"],
        description="A case: its scope, `#` (in a path `%23`) and its number.",
    ),
]
Key: TypeAlias = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the client for this one request: the same key never does it a second time.",
    ),
]


class Paged(BaseModel):
    """What every list is asked with. A name that is misspelt is refused: it would answer another question."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(PAGE, ge=1, le=PAGE, description="The most to be shown on one page.")
    after: str | None = Field(None, max_length=MAX_CURSOR, description="`next` of the page before.")


def cursor(at: dt.datetime, case_id: str) -> str:
    """Return where a page that ends with this case goes on."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}~{case_id}".encode()).decode()


def place(after: str | None) -> Place | None:
    """Return where a page begins, None for the first.

    Raises:
        Invalid: it is no cursor of ours.
    """
    if after is None:
        return None
    try:
        since, separator, case_id = (
            base64.b64decode(after, altchars=b"-_", validate=True).decode().partition("~")
        )
        at = dt.datetime.fromisoformat(since)
    except (binascii.Error, ValueError):
        raise Invalid("`after` takes the `next` of the page before.") from None
    if at.tzinfo is None or not separator:
        raise Invalid("`after` takes the `next` of the page before.")
    return Place(at, case_id)
