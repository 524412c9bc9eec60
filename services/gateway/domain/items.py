"""What a webhook contains, in our words: each channel's parser yields these and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from shared.contracts.gateway import (
    Attachment,
    ChatKind,
    DeliveryStatus,
    Location,
    MessageKind,
    Order,
    Product,
)


class AddressKind(StrEnum):
    """How a channel names a person."""

    PHONE = "phone"
    BUSINESS_SCOPED = "bsuid"
    PARENT_BUSINESS_SCOPED = "parent_bsuid"
    HIDDEN = "lid"
    """WhatsApp's own id of somebody whose number a linked device is not shown."""
    OTHER = "jid"
    """Any other name a linked device uses."""

    # Of every address again and again: an enum's own is written in Python, and says the same.
    __hash__ = str.__hash__


class Address(NamedTuple):
    """One name of a person on a channel; a person may have several.

    A tuple, because it is the key by which everything about a person is looked up.
    """

    kind: AddressKind
    value: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happened: a group by its id, or the direct chat with a person."""

    kind: ChatKind
    group: str | None = None


@dataclass(frozen=True, slots=True)
class MediaRef:
    """Where the provider keeps a file: under an id of its own, or at an address."""

    id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message from a person."""

    provider_id: str
    place: Place
    sender: tuple[Address, ...]
    """What the channel says of the author, the most reliable name first."""
    sent_at: dt.datetime | None
    kind: MessageKind
    type_name: str
    """The provider's own name of the type."""
    name: str | None = None
    """As the sender chose to be called: for display on the channel only, never identity, never published."""
    text: str | None = None
    reply_to: str | None = None
    forwarded: bool = False
    media_id: str | None = None
    error_codes: tuple[int | str, ...] = ()
    media: MediaRef | None = None
    attachment: Attachment | None = None
    location: Location | None = None
    choice: str | None = None
    form: str | None = None
    mentions: tuple[Address, ...] = ()
    often_forwarded: bool = False
    from_advertisement: bool = False
    order: Order | None = None
    referred_product: Product | None = None


@dataclass(frozen=True, slots=True)
class IncomingEdit:
    """A person changed a message."""

    provider_id: str
    target: str
    """The message as it was first sent."""
    place: Place
    sender: tuple[Address, ...]
    text: str | None
    at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class IncomingRevoke:
    """A message was deleted for everyone; a provider may say no more than which."""

    target: str
    place: Place | None
    """None where only the message is named: then it has to be looked up."""
    by: tuple[Address, ...]
    at: dt.datetime | None
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class IncomingVote:
    """A person's whole choice in a poll; `options` is None where it could not be read."""

    poll: str
    place: Place
    sender: tuple[Address, ...]
    options: tuple[str, ...] | None
    at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Passed:
    """Something that is none of our business, such as a story or somebody's presence."""

    reason: str
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class IncomingReaction:
    """A reaction of a person, or its removal (emoji None)."""

    provider_id: str
    place: Place
    sender: tuple[Address, ...]
    target: str
    emoji: str | None
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class SystemNotice:
    """The provider tells of a change to a person, such as a new number."""

    provider_id: str
    subtype: str
    sender: tuple[Address, ...]
    text: str | None
    sent_at: dt.datetime | None
    moved_to: tuple[Address, ...] = ()
    """The names by which the same person is known from now on."""
    moved_from: tuple[Address, ...] = ()
    """Names that hold no more, where the notice says which, beside those of `sender`."""


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """How far one of our messages has come."""

    provider_id: str
    status: DeliveryStatus
    place: Place
    recipient: Address | None
    """The person concerned; in a group, None where the status is about the whole group."""
    reported_at: dt.datetime | None
    mark: str | None = None
    """What was put into the message to recognise it by."""
    error_codes: tuple[int | str, ...] = ()
    also: tuple[Address, ...] = ()
    """Further names of the recipient."""


@dataclass(frozen=True, slots=True)
class GroupChange:
    """Something happened to a group."""

    field: str
    type: str
    group: str | None
    at: dt.datetime | None
    subject: str | None = None
    present: tuple[Address, ...] = ()
    """Who was there already when we came."""
    added: tuple[Address, ...] = ()
    removed: tuple[Address, ...] = ()
    failed: tuple[Address, ...] = ()
    promoted: tuple[Address, ...] = ()
    demoted: tuple[Address, ...] = ()
    person: Address | None = None
    """Who asks to join."""
    initiated_by: str | None = None
    request_id: str | None = None
    join_request_id: str | None = None
    error_codes: tuple[int | str, ...] = ()
    names: tuple[tuple[Address, ...], ...] = ()
    """All names of those people above who are given more than one; the first is the one they have above."""
    asked: bool = False
    """Whether people are named as somebody typed them in, which those who act for themselves are not."""
    unread: object = None
    """The whole change, where it says something that no rule reads."""


@dataclass(frozen=True, slots=True)
class Echo:
    """A message of our own that the channel shows us again; it must never reach a service."""

    provider_id: str
    type_name: str


@dataclass(frozen=True, slots=True)
class ProviderError:
    """An error that belongs to no message."""

    code: int | str


@dataclass(frozen=True, slots=True)
class Unread:
    """Something no rule reads."""

    reason: str
    raw: object


Item: TypeAlias = (
    IncomingMessage
    | IncomingReaction
    | IncomingEdit
    | IncomingRevoke
    | IncomingVote
    | Passed
    | SystemNotice
    | StatusUpdate
    | GroupChange
    | Echo
    | ProviderError
    | Unread
)
