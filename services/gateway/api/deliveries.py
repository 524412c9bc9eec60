"""Which messages went out, which did not, and why."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.gateway.domain.delivery import Delivery, Search, Stage
from shared.errors import Invalid
from shared.http.app import requires

READ = "gateway:read"
PAGE = 100
MAX_CURSOR = 256

ChatId = Annotated[
    str | None, Query(pattern=r"^c_[0-9a-f]{20}$", description="A chat, from GET /gateway/v1/chats.")
]
Reason = Annotated[
    str | None,
    Query(pattern=r"^[a-z0-9_]{1,64}$", description="The code of a failure, such as window_closed."),
]
Cursor = Annotated[str | None, Query(max_length=MAX_CURSOR, description="`next` of the page before.")]


class Sent(Protocol):
    """Where the API finds deliveries."""

    async def page(self, search: Search, after: tuple[dt.datetime, str] | None, limit: int) -> list[Delivery]:
        """Return up to `limit` deliveries that fit, the newest first, beginning behind `after`."""
        ...


class DeliveryLine(BaseModel):
    """What became of one command."""

    send_id: str = Field(description="The id of the command.")
    chat_id: str
    what: str = Field(description="The type of the command: message.send, or an action.")
    send_class: str | None = Field(description="Why a message was sent: safety, reply, reminder, digest.")
    stage: Stage
    reason: str | None = Field(description="Why it failed or was not sent.")
    attempts: int = Field(description="How often the provider was asked.")
    since: dt.datetime = Field(description="When the gateway met the command.")


class DeliveryPage(BaseModel):
    """Some deliveries, and where to go on."""

    deliveries: list[DeliveryLine]
    next: str | None = Field(description="Pass it as `after` to get the next page; null on the last one.")


def delivery_router(sent: Sent) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["gateway"], dependencies=[Depends(requires(READ))])

    @router.get("/deliveries", summary="What was sent and what was not, the newest first")
    async def list_deliveries(
        chat_id: ChatId = None,
        state: Annotated[Stage | None, Query(description="How far it has come.")] = None,
        reason: Reason = None,
        after: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> DeliveryPage:
        found = await sent.page(Search(chat_id, state, reason), _place(after), limit + 1)
        page = [_line(each) for each in found[:limit]]
        return DeliveryPage(deliveries=page, next=_cursor(page[-1]) if len(found) > limit else None)

    return router


def _line(delivery: Delivery) -> DeliveryLine:
    if delivery.since is None:
        raise ValueError("a delivery without a time has no place in a page")
    return DeliveryLine(
        send_id=delivery.send_id,
        chat_id=delivery.chat_id,
        what=delivery.what,
        send_class=delivery.send_class,
        stage=delivery.stage,
        reason=delivery.code,
        attempts=delivery.attempts,
        since=delivery.since,
    )


def _cursor(line: DeliveryLine) -> str:
    return base64.urlsafe_b64encode(f"{line.since.isoformat()}~{line.send_id}".encode()).decode()


def _place(cursor: str | None) -> tuple[dt.datetime, str] | None:
    if cursor is None:
        return None
    try:
        since, separator, send_id = (
            base64.b64decode(cursor, altchars=b"-_", validate=True).decode().partition("~")
        )
        at = dt.datetime.fromisoformat(since)
    except (binascii.Error, ValueError):
        raise Invalid("`after` takes the `next` of the page before.") from None
    if at.tzinfo is None or not separator:
        raise Invalid("`after` takes the `next` of the page before.")
    return at, send_id
