"""One station of a message's trip, as the headers of a record tell of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.gateway.domain.chat import Chat
from services.gateway.domain.delivery import Delivery
from services.gateway.domain.facts import report_id
from shared.contracts.gateway import (
    DeliveryReported,
    DeliveryStatus,
    MemberJoined,
    MemberLeft,
    MessageAccepted,
    MessageEdited,
    MessageFailed,
    MessageReceived,
    MessageRevoked,
    MessageSend,
    PollVoted,
    ReactionChanged,
)
from shared.contracts.members import (
    JoinRequested,
    JoinWithdrawn,
    MemberDemoted,
    MemberPresent,
    MemberPromoted,
)


class What(StrEnum):
    """What happened at a station; in the order of a trip."""

    RECEIVED = "received"
    DECIDED = "decided"
    SAID = "said"
    """A service wants something said."""
    RETRIED = "retried"
    """A consumer could not handle it for now and tries again."""
    SET_ASIDE = "set_aside"
    """A consumer gave it up; it lies on the dead-letter topic."""
    ACCEPTED = "accepted"
    """The provider has taken it."""
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"
    REPORTED = "reported"
    """The provider says how far it has come, in words that the headers alone do not tell."""


ORDER = tuple(What)

_BY_TYPE = {
    MessageReceived.TYPE: What.RECEIVED,
    ReactionChanged.TYPE: What.RECEIVED,
    MemberJoined.TYPE: What.RECEIVED,
    MemberLeft.TYPE: What.RECEIVED,
    MessageEdited.TYPE: What.RECEIVED,
    MessageRevoked.TYPE: What.RECEIVED,
    PollVoted.TYPE: What.RECEIVED,
    MemberPresent.TYPE: What.RECEIVED,
    MemberPromoted.TYPE: What.RECEIVED,
    MemberDemoted.TYPE: What.RECEIVED,
    JoinRequested.TYPE: What.RECEIVED,
    JoinWithdrawn.TYPE: What.RECEIVED,
    MessageSend.TYPE: What.SAID,
    MessageAccepted.TYPE: What.ACCEPTED,
    MessageFailed.TYPE: What.FAILED,
    DeliveryReported.TYPE: What.REPORTED,
}


@dataclass(frozen=True, slots=True)
class Detour:
    """Why a record is not where its kind belongs."""

    consumer: str
    """Who could not handle it."""
    reason: str | None
    attempts: int | None


@dataclass(frozen=True, slots=True)
class Hop:
    """A record about a message: ids, names of types and of our own programs, and nothing else."""

    topic: str
    partition: int
    offset: int
    correlation_id: str
    event_id: str
    type: str
    source: str
    at: dt.datetime
    causation_id: str | None = None
    span: str | None = None
    """Its place in the trace."""
    set_aside: Detour | None = None
    retried: Detour | None = None

    @property
    def what(self) -> What:
        """What happened here."""
        if self.set_aside is not None:
            return What.SET_ASIDE
        if self.retried is not None:
            return What.RETRIED
        return _BY_TYPE.get(self.type, What.DECIDED)

    @property
    def by(self) -> str:
        """Who says so: a service, or one of its consumers."""
        detour = self.set_aside or self.retried
        return detour.consumer if detour else self.source.removeprefix("/chaupal/")


def in_order(hops: list[Hop]) -> list[Hop]:
    """Return `hops` as they followed on each other; those of one instant in the order of any trip."""
    return sorted(hops, key=lambda hop: (hop.at, ORDER.index(hop.what), hop.topic, hop.partition, hop.offset))


def reports_of(delivery: Delivery, chat: Chat) -> Mapping[str, What]:
    """Return what each report about `delivery` says, by the report's id.

    The id of a report follows from what it says, so it need not be read again to know that.
    """
    if delivery.provider_id is None:
        return {}
    return {
        report_id(chat.channel, chat.account, delivery.provider_id, status, member): What(status)
        for status in DeliveryStatus
        if status is not DeliveryStatus.UNKNOWN
        for member in ("", *delivery.members)
    }
