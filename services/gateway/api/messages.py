"""Sends a message at the request of a REST client."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.gateway.domain.chat import Chat
from shared.asked import Asked, asked
from shared.clock import Clock
from shared.contracts.gateway import (
    ChatId,
    Choice,
    File,
    MemberId,
    MessageId,
    MessageSend,
    SendClass,
    Template,
)
from shared.errors import Invalid, NotFound
from shared.http.app import requires
from shared.http.keys import Actor
from shared.http.paging import Key

SEND = "messages:send"
DELIVERIES = "deliveries"
"""Relative to where messages are handed in, so that it holds wherever the service is mounted."""

VALID_FOR = dt.timedelta(hours=1)
LONGEST_VALID = dt.timedelta(days=7)

Option = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Chats(Protocol):
    """Where the API finds chats."""

    async def chat(self, chat_id: str) -> Chat | None:
        """Return the chat with this id."""
        ...


class HandsIn(Protocol):
    """Where the API hands messages in."""

    async def take(self, key: str, asked: Asked, send: MessageSend) -> bool:
        """Hand in `send` unless it was handed in before under this key; return whether it was not."""
        ...


class SendBody(BaseModel):
    """A message to send. What the channel cannot do is left out, as in the command message.send."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    chat_id: ChatId
    text: str = Field(min_length=1, max_length=4096, description="The body, the caption, or the question.")
    send_class: SendClass = Field(description="reminder and digest respect opt-outs and the noise budget.")
    not_after: AwareDatetime | None = Field(
        None, description="Past this instant it is not sent any more; an hour from now where nothing is said."
    )
    reply_to: MessageId | None = None
    mentions: tuple[MemberId, ...] = Field(
        (),
        max_length=32,
        description="In the text, U+FDD0 stands for the first of them, U+FDD1 for the next.",
    )
    file: File | None = None
    choices: tuple[Choice, ...] = Field((), max_length=10)
    poll: tuple[Option, ...] = Field((), max_length=12)
    many_answers: bool = False
    fallback: Template | None = None
    member_id: MemberId | None = Field(
        None,
        description="Who alone is to read it: it goes to a direct chat that they have begun; chat_id is "
        "where they are known from.",
    )
    aloud: bool = Field(
        False,
        description="Whether it may be said in the group where there is no direct way to that member just "
        "now.",
    )


class SendView(BaseModel):
    """Under which id the message is followed."""

    send_id: str = Field(description="See GET /gateway/v1/deliveries/{send_id}.")
    chat_id: str


def message_router(chats: Chats, desk: HandsIn, clock: Clock) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["gateway"])

    @router.post("/messages:send", summary="Send a message to a chat", status_code=202)
    async def send_message(
        body: SendBody, key: Key, response: Response, actor: Annotated[Actor, Depends(requires(SEND))]
    ) -> SendView:
        if body.send_class is SendClass.UNKNOWN:
            raise Invalid("send_class is one of safety, reply, reminder and digest.")
        send = _command(body, clock.now())
        if await chats.chat(body.chat_id) is None:
            raise NotFound("There is no such chat.")
        # Two clients that choose the same key mean two messages.
        wanted = asked(actor.id, key, body.model_dump_json(exclude_defaults=True).encode())
        await desk.take(wanted.id, wanted, send)
        response.headers["Location"] = f"{DELIVERIES}/{wanted.id}"
        return SendView(send_id=wanted.id, chat_id=body.chat_id)

    return router


def _command(body: SendBody, now: dt.datetime) -> MessageSend:
    not_after = body.not_after or now + VALID_FOR
    if not_after > now + LONGEST_VALID:
        raise Invalid("not_after lies more than seven days ahead.")
    if body.aloud and body.member_id is None:
        raise Invalid("aloud is said of a message to one member: member_id is missing.")
    try:
        body.text.encode()
    except UnicodeEncodeError:
        raise Invalid("The text is not valid Unicode.") from None
    given = body.model_dump(exclude={"not_after"}, exclude_unset=True)
    return MessageSend.model_validate({**given, "not_after": not_after})
