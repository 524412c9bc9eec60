"""What the gateway says and is told: messages in, messages out, and what became of them."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from shared.contracts.base import PART, EventModel, OpenEnum

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


class Attachment(BaseModel):
    """What is known of a file without fetching it; the gateway serves it at `/v1/media/<message_id>`."""

    model_config = PART

    mime_type: str | None = Field(None, max_length=128)
    filename: str | None = Field(None, max_length=256)
    sha256: str | None = Field(None, max_length=128, description="As the provider gives it.")
    voice: bool = Field(False, description="Recorded on the spot.")
    animated: bool = False


class Location(BaseModel):
    """A place on earth that somebody shared."""

    model_config = PART

    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)
    name: str | None = Field(None, max_length=1024)
    address: str | None = Field(None, max_length=1024)


MAX_ORDERED = 100
"""Most kinds of goods of one order that are told."""

ProductId = Annotated[str, StringConstraints(min_length=1, max_length=256)]
"""How the owner of a catalogue calls something in it."""


class Product(BaseModel):
    """Something out of a catalogue."""

    model_config = PART

    product_id: ProductId
    catalog_id: str | None = Field(None, max_length=256, description="The provider's id of the catalogue.")


class OrderItem(BaseModel):
    """One kind of goods in an order, as the customer's device states it: nobody has checked its price."""

    model_config = PART

    product_id: ProductId
    quantity: int = Field(1, ge=1, le=1_000_000)
    price: str | None = Field(
        None, pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$", description="Of one piece, as a decimal number."
    )
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="By ISO 4217.")


class Order(BaseModel):
    """What somebody wants to buy out of a catalogue of ours."""

    model_config = PART

    catalog_id: str | None = Field(None, max_length=256, description="The provider's id of the catalogue.")
    items: tuple[OrderItem, ...] = Field((), max_length=MAX_ORDERED)
    complete: bool = Field(True, description="False where some items are too many or cannot be read.")


class InChat(EventModel):
    """Something that happened in a chat."""

    chat_id: ChatId
    chat_kind: ChatKind


class MessageReceived(InChat):
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
    attachment: Attachment | None = None
    location: Location | None = None
    choice: str | None = Field(
        None, max_length=256, description="The id of the button or list row that was chosen, as we gave it."
    )
    form: str | None = Field(
        None, max_length=MAX_TEXT, description="What a flow returned: JSON as the provider's text, unchecked."
    )
    mentions: tuple[MemberId, ...] = Field((), max_length=1024)
    often_forwarded: bool = Field(False, description="The provider calls it forwarded many times.")
    from_advertisement: bool = Field(False, description="It began with a click on an advertisement.")
    order: Order | None = None
    referred_product: Product | None = Field(None, description="The product on whose page it was written.")


class MessageEdited(InChat):
    """A member changed what they had written."""

    TYPE: ClassVar[str] = "message.edited"

    message_id: MessageId = Field(description="The message that was changed.")
    member_id: MemberId
    text: str | None = Field(None, max_length=MAX_TEXT, description="As it reads now.")
    edited_at: AwareDatetime


class MessageRevoked(InChat):
    """A message was deleted for everyone, by its author or an admin."""

    TYPE: ClassVar[str] = "message.revoked"

    message_id: MessageId = Field(description="The message that was deleted.")
    member_id: MemberId | None = Field(None, description="Who deleted it, where the provider says so.")
    revoked_at: AwareDatetime


class PollVoted(InChat):
    """A member chose in a poll; each vote is their whole choice and replaces an earlier one."""

    TYPE: ClassVar[str] = "poll.voted"

    message_id: MessageId = Field(description="The poll.")
    member_id: MemberId
    options: tuple[Annotated[str, StringConstraints(max_length=256)], ...] = Field(
        description="What they chose, in its words; none where the vote was taken back.", max_length=64
    )
    voted_at: AwareDatetime


class ReactionChanged(InChat):
    """A member put a reaction on a message, or took it away."""

    TYPE: ClassVar[str] = "reaction.changed"

    message_id: MessageId = Field(description="The message reacted to.")
    member_id: MemberId
    emoji: str | None = Field(None, max_length=64, description="None where the reaction was removed.")
    changed_at: AwareDatetime


class MemberJoined(InChat):
    """Somebody came into a group."""

    TYPE: ClassVar[str] = "member.joined"

    member_id: MemberId
    joined_at: AwareDatetime


class MemberLeft(InChat):
    """Somebody left a group or was removed from it."""

    TYPE: ClassVar[str] = "member.left"

    member_id: MemberId
    removed: bool = Field(description="True where the group's admin removed them.")
    left_at: AwareDatetime


class SendKind(OpenEnum):
    """What kind of file is sent."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"
    UNKNOWN = "unknown"


class File(BaseModel):
    """A file to send, by a link that the provider fetches or by the provider's own id of it."""

    model_config = PART

    kind: SendKind
    link: str | None = Field(None, max_length=2048, pattern=r"^https://")
    provider_media: str | None = Field(None, max_length=256)
    filename: str | None = Field(None, max_length=256)


class Choice(BaseModel):
    """Something to choose: a button, or a row of a list."""

    model_config = PART

    id: str = Field(min_length=1, max_length=200)
    title: str = Field(min_length=1, max_length=24)
    description: str | None = Field(None, max_length=72)


class Template(BaseModel):
    """A message that the provider has approved, for when it takes no other."""

    model_config = PART

    name: str = Field(min_length=1, max_length=512)
    language: str = Field(min_length=2, max_length=16)
    parameters: tuple[str, ...] = Field((), max_length=32)


class MessageSend(EventModel):
    """Command: write to a chat.

    What a channel cannot do is left out, never refused: choices become lines of the text, mentions a word
    that names nobody.
    """

    TYPE: ClassVar[str] = "message.send"

    chat_id: ChatId
    text: str = Field(
        min_length=1,
        max_length=4096,
        description="The body, the caption, or the question. U+FDD0 stands for the first of `mentions`, "
        "U+FDD1 for the next, and so on.",
    )
    send_class: SendClass
    not_after: AwareDatetime = Field(description="Past this instant the message is dropped, with an event.")
    reply_to: MessageId | None = Field(None, description="The message it answers.")
    mentions: tuple[MemberId, ...] = Field((), max_length=32)
    file: File | None = None
    choices: tuple[Choice, ...] = Field(
        (), max_length=10, description="Up to three are buttons, more a list."
    )
    poll: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = Field(
        (), max_length=12, description="The options of a poll whose question is the text."
    )
    many_answers: bool = Field(False, description="Whether several options of the poll may be chosen.")
    fallback: Template | None = Field(None, description="What is sent instead outside the 24 h window.")
    member_id: MemberId | None = Field(
        None,
        description="Who alone is to read it: it goes to them directly; the chat is where they are known "
        "from.",
    )
    aloud: bool = Field(
        False,
        description="Whether it may be said in the chat where there is no direct way to that member just "
        "now.",
    )
    aloud_text: str | None = Field(
        None,
        min_length=1,
        max_length=4096,
        description="What is said there then, in place of `text`; it names nobody and answers nothing.",
    )


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
        description="Our reason: expired, unknown_chat, window_closed, no_private_way, rejected, …"
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
    MessageEdited,
    MessageRevoked,
    PollVoted,
    ReactionChanged,
    MemberJoined,
    MemberLeft,
    MessageSend,
    MessageAccepted,
    MessageFailed,
    DeliveryReported,
    WebhookUnparsed,
)
