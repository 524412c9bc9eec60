"""The gateway's REST API: which chats there are, and what became of a message."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.gateway.domain.chat import Chat
from services.gateway.domain.delivery import Delivery, Stage
from shared.errors import NotFound
from shared.http.app import requires

READ = "gateway:read"
PAGE = 100


class Chats(Protocol):
    """Where the API finds chats."""

    async def page_of_chats(self, after: str | None, limit: int) -> list[Chat]:
        """Return up to `limit` chats behind `after`."""
        ...


class SentMessages(Protocol):
    """Where the API finds deliveries."""

    async def find(self, send_id: str) -> Delivery | None:
        """Return the delivery of a send id."""
        ...


class ChatView(BaseModel):
    """A chat, without any address."""

    chat_id: str
    account: str = Field(description="The WhatsApp account through which we are in it.")
    kind: str = Field(description="group or direct")
    subject: str | None = Field(description="What the group is called, where the provider has said so.")


class ChatPage(BaseModel):
    """Some chats, and where to go on."""

    chats: list[ChatView]
    next: str | None = Field(description="Pass it as `after` to get the next page; null on the last one.")


class DeliveryView(BaseModel):
    """What became of a message."""

    send_id: str
    chat_id: str
    stage: Stage
    attempts: int
    code: str | None = Field(description="Why it failed.")
    delivered: int = Field(description="Members of a group it has reached.")
    read: int = Field(description="Members of a group who have read it.")


def chat_router(chats: Chats, messages: SentMessages) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["gateway"], dependencies=[Depends(requires(READ))])

    @router.get("/chats", summary="The chats this installation is in")
    async def list_chats(
        after: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> ChatPage:
        found = await chats.page_of_chats(after, limit + 1)
        page = found[:limit]
        return ChatPage(
            chats=[
                ChatView(chat_id=each.chat_id, account=each.account, kind=each.kind, subject=each.subject)
                for each in page
            ],
            next=page[-1].chat_id if len(found) > limit else None,
        )

    @router.get("/deliveries/{send_id}", summary="What became of one message")
    async def get_delivery(send_id: str) -> DeliveryView:
        found = await messages.find(send_id)
        if found is None:
            raise NotFound("No message was sent under this id.")
        return view(found)

    return router


def view(delivery: Delivery) -> DeliveryView:
    """Return what is shown of a delivery."""
    stages = list(delivery.members.values())
    return DeliveryView(
        send_id=delivery.send_id,
        chat_id=delivery.chat_id,
        stage=delivery.stage,
        attempts=delivery.attempts,
        code=delivery.code,
        delivered=sum(stage in {Stage.DELIVERED, Stage.READ} for stage in stages),
        read=stages.count(Stage.READ),
    )
