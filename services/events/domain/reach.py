"""Whom a reminder has reached, and why it has not reached the others."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum

from shared.contracts.envelope import Envelope
from shared.contracts.gateway import DeliveryReported, DeliveryStatus, MessageAccepted, MessageFailed
from shared.decision import Decision


class Reached(StrEnum):
    """How far something got."""

    WANTED = "wanted"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that was sent to one member about one webinar."""

    webinar_id: str
    member_id: str
    before_minutes: int
    """Which reminder it was."""
    at: dt.datetime
    reached: Reached = Reached.WANTED
    reason: str | None = None
    """Why it failed, as a stable code of the gateway."""
    late_seconds: float = 0.0
    """How late its turn came."""


_ARRIVED = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.PLAYED})


def decide_accepted(
    sent: Sent | None, event: Envelope[MessageAccepted], now: dt.datetime
) -> Decision[Sent | None]:
    """Note that the provider took it."""
    del event, now
    if sent is None or sent.reached is not Reached.WANTED:
        return Decision(sent)
    return Decision(replace(sent, reached=Reached.SENT))


def decide_failed(
    sent: Sent | None, event: Envelope[MessageFailed], now: dt.datetime
) -> Decision[Sent | None]:
    """Note that it could not be sent, and why."""
    del now
    if sent is None or sent.reached is Reached.DELIVERED:
        return Decision(sent)
    return Decision(replace(sent, reached=Reached.FAILED, reason=event.data.code), note="reminder_failed")


def decide_reported(
    sent: Sent | None, event: Envelope[DeliveryReported], now: dt.datetime
) -> Decision[Sent | None]:
    """Note that it has arrived, or that it will not."""
    del now
    if sent is None:
        return Decision(sent)
    if event.data.status in _ARRIVED:
        return Decision(replace(sent, reached=Reached.DELIVERED, reason=None))
    if event.data.status is DeliveryStatus.FAILED and sent.reached is not Reached.DELIVERED:
        return Decision(replace(sent, reached=Reached.FAILED, reason="provider"), note="reminder_failed")
    return Decision(sent)
