"""Pages of what may be long, and the keys by which requests are known again."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import Annotated, TypeAlias

from fastapi import Header
from pydantic import BaseModel, ConfigDict, Field

from shared.errors import Invalid

PAGE = 100
MAX_CURSOR = 256
NEXT = "Pass it as `after` to get the next page; null on the last one."

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


class PagedByTime(Paged):
    """What a list in an order by time is asked with."""

    after: str | None = Field(None, max_length=MAX_CURSOR, description="`next` of the page before.")


Place: TypeAlias = "tuple[dt.datetime, str]"
"""Where in an order by time a page begins: behind what has this time and this id."""


def cursor(at: dt.datetime, id_: str) -> str:
    """Return where a page that ends with this goes on."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}~{id_}".encode()).decode()


def place(after: str | None) -> Place | None:
    """Return where a page begins, None for the first.

    Raises:
        Invalid: it is no cursor of ours.
    """
    if after is None:
        return None
    try:
        since, separator, id_ = base64.b64decode(after, altchars=b"-_", validate=True).decode().partition("~")
        at = dt.datetime.fromisoformat(since)
    except (binascii.Error, ValueError):
        raise Invalid("`after` takes the `next` of the page before.") from None
    if at.tzinfo is None or not separator:
        raise Invalid("`after` takes the `next` of the page before.")
    return at, id_
