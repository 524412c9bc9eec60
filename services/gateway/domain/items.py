"""What a webhook contains, in our words: each channel's parser yields these and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from shared.contracts.gateway import ChatKind, DeliveryStatus, MessageKind


class AddressKind(StrEnum):
    """How a channel names a person."""

    PHONE = "phone"
    BUSINESS_SCOPED = "bsuid"
    PARENT_BUSINESS_SCOPED = "parent_bsuid"


@dataclass(frozen=True, slots=True)
class Address:
    """One name of a person on a channel; a person may have several."""

    kind: AddressKind
    value: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happened: a group by its id, or the direct chat with a person."""

    kind: ChatKind
    group: str | None = None


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


@dataclass(frozen=True, slots=True)
class GroupChange:
    """Something happened to a group."""

    field: str
    type: str
    group: str | None
    at: dt.datetime | None
    subject: str | None = None
    added: tuple[Address, ...] = ()
    removed: tuple[Address, ...] = ()
    failed: tuple[Address, ...] = ()
    person: Address | None = None
    """Who asks to join."""
    initiated_by: str | None = None
    request_id: str | None = None
    join_request_id: str | None = None
    error_codes: tuple[int | str, ...] = ()


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
    | SystemNotice
    | StatusUpdate
    | GroupChange
    | Echo
    | ProviderError
    | Unread
)
