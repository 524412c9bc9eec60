"""What the gateway says and is told: messages in, messages out, and what became of them."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field, StringConstraints

from shared.contracts.base import EventModel, OpenEnum

ChatId = Annotated[str, StringConstraints(pattern=r"^c_[0-9a-f]{20}$")]
"""A chat on any channel, chosen at random by the gateway."""

MemberId = Annotated[str, StringConstraints(pattern=r"^m_[0-9a-f]{20}$")]
"""A person, chosen at random by the gateway, whatever addresses they use."""

MessageId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
"""A message; the same message always has the same id, however often it is delivered."""

MAX_TEXT = 65_536
"""Longest text of a message in characters; what WhatsApp accepts from people is below this."""


class ChatKind(OpenEnum):
    """How many people a chat has."""

    GROUP = "group"
    DIRECT = "direct"
    UNKNOWN = "unknown"


class MessageKind(OpenEnum):
    """What a message consists of."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACTS = "contacts"
    BUTTON = "button"
    INTERACTIVE = "interactive"
    ORDER = "order"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


class SendClass(OpenEnum):
    """Why a message is sent; it decides what gives way when there is too much to say."""

    SAFETY = "safety"
    REPLY = "reply"
    REMINDER = "reminder"
    DIGEST = "digest"
    UNKNOWN = "unknown"


class _InChat(EventModel):
    chat_id: ChatId
    chat_kind: ChatKind


class MessageReceived(_InChat):
    """A member wrote something."""

    TYPE: ClassVar[str] = "message.received"

    message_id: MessageId
    member_id: MemberId
    sent_at: AwareDatetime = Field(description="When the member sent it, by the provider's clock.")
    kind: MessageKind
    text: str | None = Field(
        None, max_length=MAX_TEXT, description="Body, caption, button text or reply title, as it was written."
    )
    reply_to: MessageId | None = Field(None, description="The message this one answers.")
    forwarded: bool = False
    media_id: str | None = Field(None, description="The provider's id of the attachment.")
    unsupported_type: str | None = Field(
        None, max_length=64, description="The provider's name of a type we do not read."
    )


class ReactionChanged(_InChat):
    """A member put a reaction on a message, or took it away."""

    TYPE: ClassVar[str] = "reaction.changed"

    message_id: MessageId = Field(description="The message reacted to.")
    member_id: MemberId
    emoji: str | None = Field(None, max_length=64, description="None where the reaction was removed.")
    changed_at: AwareDatetime


class MemberJoined(_InChat):
    """Somebody came into a group."""

    TYPE: ClassVar[str] = "member.joined"

    member_id: MemberId
    joined_at: AwareDatetime


class MemberLeft(_InChat):
    """Somebody left a group or was removed from it."""

    TYPE: ClassVar[str] = "member.left"

    member_id: MemberId
    removed: bool = Field(description="True where the group's admin removed them.")
    left_at: AwareDatetime


class MessageSend(EventModel):
    """Command: write to a chat."""

    TYPE: ClassVar[str] = "message.send"

    chat_id: ChatId
    text: str = Field(min_length=1, max_length=4096)
    send_class: SendClass
    not_after: AwareDatetime = Field(description="Past this instant the message is dropped, with an event.")


class _OfSend(EventModel):
    send_id: MessageId = Field(description="The id of the message.send command.")
    chat_id: ChatId


class MessageAccepted(_OfSend):
    """The provider took a message; its outcome follows."""

    TYPE: ClassVar[str] = "message.accepted"

    accepted_at: AwareDatetime


class MessageFailed(_OfSend):
    """A message did not go out, or the provider could not deliver it."""

    TYPE: ClassVar[str] = "message.failed"

    code: str = Field(
        description="Our reason: expired, unknown_chat, window_closed, rejected, undeliverable, …"
    )
    provider_code: int | None = None
    failed_at: AwareDatetime


class DeliveryStatus(OpenEnum):
    """How far a message has come, as the provider reports it."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"
    UNKNOWN = "unknown"


class DeliveryReported(EventModel):
    """The provider reported how far one of our messages has come, for the chat or for one member of it."""

    TYPE: ClassVar[str] = "delivery.reported"

    send_id: MessageId | None = Field(None, description="The command's id, where the provider returned it.")
    provider_message: MessageId = Field(description="Stands for the provider's id of the message.")
    chat_id: ChatId
    member_id: MemberId | None = Field(None, description="The member concerned, in a group.")
    status: DeliveryStatus
    provider_codes: tuple[int, ...] = ()
    reported_at: AwareDatetime


class WebhookUnparsed(EventModel):
    """Signed input that no rule reads, kept whole; it holds addresses, so only the gateway may read it."""

    TYPE: ClassVar[str] = "webhook.unparsed"

    account: str
    reason: str
    raw: str = Field(description="The part of the body concerned, as JSON text.")


EVENTS: tuple[type[EventModel], ...] = (
    MessageReceived,
    ReactionChanged,
    MemberJoined,
    MemberLeft,
    MessageSend,
    MessageAccepted,
    MessageFailed,
    DeliveryReported,
    WebhookUnparsed,
)
