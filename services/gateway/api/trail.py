"""The trail of a message: what became of it, station by station."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.gateway.api.deliveries import DeliveryView, view
from services.gateway.domain.chat import Chat
from services.gateway.domain.delivery import Delivery
from services.gateway.domain.hop import Detour, Hop, What, in_order, reports_of
from shared.contracts.topics import INBOUND, OUTBOUND
from shared.errors import NotFound
from shared.http.app import requires
from shared.observability.tracing import place_in_trace, root_traceparent

TRACE = "ops:trace"

MOST_HOPS = 1000
"""Of one message: ten answers to a group in which every phone reports every stage are a quarter of that."""


class Hops(Protocol):
    """Where the API finds hops."""

    async def of(self, correlation_id: str, limit: int) -> list[Hop]:
        """Return up to `limit` hops of a trip, the oldest first."""
        ...


class SentMessages(Protocol):
    """Where the API finds deliveries."""

    async def find_all(self, send_ids: Sequence[str]) -> list[Delivery]:
        """Return the deliveries of those of `send_ids` that have one."""
        ...


class Chats(Protocol):
    """Where the API finds chats."""

    async def chat(self, chat_id: str) -> Chat | None:
        """Return the chat with this id."""
        ...


class DetourView(BaseModel):
    """Who could not handle a record, and why."""

    consumer: str
    reason: str | None = Field(description="A stable code.")
    attempts: int | None = Field(description="How often it had been tried.")


class HopView(BaseModel):
    """One station: a record on the log."""

    at: AwareDatetime = Field(description="When it happened; of a retry, when it is due.")
    what: What
    by: str = Field(description="The service or consumer that says so.", examples=["moderation.rules"])
    type: str = Field(description="Type of the event.", examples=["message.send"])
    event_id: str
    causation_id: str | None = Field(description="The event that this one follows from.")
    topic: str = Field(examples=[OUTBOUND.name])
    partition: int
    offset: int
    span: str | None = Field(description="The span of the trace that it follows from.")
    set_aside: DetourView | None = None
    retry: DetourView | None = None


class TrailView(BaseModel):
    """The trail of one message."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "message_id": "5f0a3c52-6f0e-5c1d-9d53-1b8a2f6f7c10",
                    "trace_id": "5f0a3c526f0e5c1d9d531b8a2f6f7c10",
                    "complete": True,
                    "hops": [
                        {
                            "at": "2026-11-05T06:30:00.120000Z",
                            "what": "received",
                            "by": "gateway",
                            "type": "message.received",
                            "event_id": "5f0a3c52-6f0e-5c1d-9d53-1b8a2f6f7c10",
                            "causation_id": None,
                            "topic": INBOUND.name,
                            "partition": 7,
                            "offset": 1204,
                            "span": "9d531b8a2f6f7c10",
                            "set_aside": None,
                            "retry": None,
                        }
                    ],
                    "messages": [],
                }
            ]
        }
    )

    message_id: str
    trace_id: str = Field(description="Under which a collector of traces knows it.")
    complete: bool = Field(description=f"False where there are more than {MOST_HOPS} hops.")
    hops: list[HopView] = Field(description="In the order in which they happened.")
    messages: list[DeliveryView] = Field(description="What was said because of it, and what became of that.")


def trail_router(hops: Hops | None, messages: SentMessages, chats: Chats) -> APIRouter:
    """Return the route; without `hops` it says that none are kept."""
    router = APIRouter(prefix="/v1", tags=["operations"], dependencies=[Depends(requires(TRACE))])

    @router.get("/trace/{message_id}", summary="What became of one message, station by station")
    async def get_trail(
        message_id: Annotated[
            str,
            Path(
                description="The id of the `message.received`, which is the correlation id of what follows.",
                max_length=128,
                pattern=r"^[A-Za-z0-9_.:-]+$",
            ),
        ],
    ) -> TrailView:
        if hops is None:
            raise NotFound("The trails of messages are not kept here: GATEWAY_TRACE_DAYS is 0.")
        found = await hops.of(message_id, MOST_HOPS + 1)
        if not found:
            raise NotFound("No message of this id has passed lately.")
        shown = in_order(found[:MOST_HOPS])
        sent = await messages.find_all([hop.event_id for hop in shown if hop.what is What.SAID])
        said = await _reports(sent, chats)
        place = place_in_trace(root_traceparent(message_id))
        return TrailView(
            message_id=message_id,
            trace_id=place[0] if place else "",
            complete=len(found) <= MOST_HOPS,
            hops=[_hop(hop, said) for hop in shown],
            messages=[view(delivery) for delivery in sent],
        )

    return router


async def _reports(sent: Sequence[Delivery], chats: Chats) -> Mapping[str, What]:
    known: dict[str, What] = {}
    for delivery in sent:
        if (chat := await chats.chat(delivery.where)) is not None:
            known |= reports_of(delivery, chat)
    return known


def _hop(hop: Hop, reports: Mapping[str, What]) -> HopView:
    return HopView(
        at=hop.at.astimezone(dt.UTC),
        what=reports.get(hop.event_id, hop.what) if hop.what is What.REPORTED else hop.what,
        by=hop.by,
        type=hop.type,
        event_id=hop.event_id,
        causation_id=hop.causation_id,
        topic=hop.topic,
        partition=hop.partition,
        offset=hop.offset,
        span=hop.span,
        set_aside=_detour(hop.set_aside),
        retry=_detour(hop.retried),
    )


def _detour(detour: Detour | None) -> DetourView | None:
    if detour is None:
        return None
    return DetourView(consumer=detour.consumer, reason=detour.reason, attempts=detour.attempts)
