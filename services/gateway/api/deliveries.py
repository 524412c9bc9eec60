"""Which messages went out, which did not, and why."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.gateway.domain.delivery import Delivery, Search, Stage
from services.gateway.domain.reasons import explained
from shared.errors import NotFound
from shared.http.app import requires
from shared.http.paging import NEXT, PagedByTime, cursor, place

READ = "gateway:read"
_ARRIVED = frozenset({Stage.DELIVERED, Stage.READ})


class Sent(Protocol):
    """Where the API finds deliveries."""

    async def page(self, search: Search, after: tuple[dt.datetime, str] | None, limit: int) -> list[Delivery]:
        """Return up to `limit` deliveries that fit, the newest first, beginning behind `after`."""
        ...

    async def find(self, send_id: str) -> Delivery | None:
        """Return the delivery of a send id."""
        ...


class DeliveryView(BaseModel):
    """What became of one command."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "send_id": "3f1c2d4e-0000-5000-8000-000000000001",
                    "chat_id": "c_4f1d0c9be2a7d3581f06",
                    "what": "message.send",
                    "send_class": "reminder",
                    "member_id": None,
                    "went_to": None,
                    "aloud": False,
                    "state": "failed",
                    "reason": "noise_budget",
                    "explanation": explained("noise_budget"),
                    "attempts": 0,
                    "since": "2026-11-05T13:00:00Z",
                    "attempted_at": None,
                    "delivered": 0,
                    "read": 0,
                    "failed": 0,
                }
            ]
        }
    )

    send_id: str = Field(description="The id of the command.")
    chat_id: str = Field(description="The chat it was meant for.")
    what: str = Field(description="The type of the command: message.send, or an action.")
    send_class: str | None = Field(description="Why a message was sent: safety, reply, reminder, digest.")
    member_id: str | None = Field(description="Who alone was to read it; null: everybody in the chat.")
    went_to: str | None = Field(
        description="The direct chat with this member that it was given to; null where it was none."
    )
    aloud: bool = Field(
        description="Whether it was said in the chat because there was no private way to this member."
    )
    state: Stage = Field(description="How far it has come; of a group, the furthest member counts.")
    reason: str | None = Field(description="The code of why it failed or was not sent.")
    explanation: str | None = Field(description="The reason in a sentence.")
    attempts: int = Field(description="How often the provider was asked; 0: it was never sent.")
    since: AwareDatetime | None = Field(description="When the gateway met the command.")
    attempted_at: AwareDatetime | None = Field(description="When the provider was last asked.")
    delivered: int = Field(description="Members of a group it has reached.")
    read: int = Field(description="Members of a group who have read it.")
    failed: int = Field(description="Members of a group it could not be delivered to.")


class DeliveryPage(BaseModel):
    """Some deliveries, and where to go on."""

    deliveries: list[DeliveryView]
    next: str | None = Field(description=NEXT)


class DeliveryQuery(PagedByTime):
    """Which deliveries; all that is said must fit."""

    chat_id: str | None = Field(
        None, pattern=r"^c_[0-9a-f]{20}$", description="A chat, from GET /gateway/v1/chats."
    )
    state: Stage | None = Field(None, description="How far it has come.")
    reason: str | None = Field(
        None, pattern=r"^[a-z0-9_]{1,64}$", description="The code of a failure, such as window_closed."
    )
    send_class: Literal["safety", "reply", "reminder", "digest"] | None = Field(
        None, description="Why a message was sent."
    )
    member_id: str | None = Field(None, pattern=r"^m_[0-9a-f]{20}$", description="Who alone was to read it.")


def delivery_router(sent: Sent) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/deliveries", tags=["gateway"], dependencies=[Depends(requires(READ))])

    @router.get("", summary="What was sent and what was not, the newest first")
    async def list_deliveries(wanted: Annotated[DeliveryQuery, Query()]) -> DeliveryPage:
        search = Search(wanted.chat_id, wanted.state, wanted.reason, wanted.send_class, wanted.member_id)
        found = await sent.page(search, place(wanted.after), wanted.limit + 1)
        page = found[: wanted.limit]
        return DeliveryPage(
            deliveries=[view(each) for each in page],
            next=_cursor(page[-1]) if len(found) > wanted.limit else None,
        )

    @router.get("/{send_id}", summary="What became of one message")
    async def get_delivery(
        send_id: Annotated[str, Path(description="The id of the command.")],
    ) -> DeliveryView:
        found = await sent.find(send_id)
        if found is None:
            raise NotFound("No message was sent under this id, or none has had its turn yet.")
        return view(found)

    return router


def view(delivery: Delivery) -> DeliveryView:
    """Return what is shown of a delivery."""
    stages = list(delivery.members.values())
    return DeliveryView(
        send_id=delivery.send_id,
        chat_id=delivery.chat_id,
        what=delivery.what,
        send_class=delivery.send_class,
        member_id=delivery.member_id,
        went_to=delivery.went_to,
        aloud=delivery.aloud,
        state=delivery.stage,
        reason=delivery.code,
        explanation=explained(delivery.code),
        attempts=delivery.attempts,
        since=delivery.since,
        attempted_at=delivery.attempted_at,
        delivered=sum(stage in _ARRIVED for stage in stages),
        read=stages.count(Stage.READ),
        failed=stages.count(Stage.FAILED),
    )


def _cursor(delivery: Delivery) -> str:
    if delivery.since is None:
        raise ValueError("a delivery without a time has no place in a page")
    return cursor(delivery.since, delivery.send_id)
