"""What events listens to."""

from __future__ import annotations

from typing import Any

from services.events.domain.life import decide_due
from services.events.domain.listening import decide_message
from services.events.domain.reach import decide_accepted, decide_failed, decide_reported
from services.events.domain.registering import decide_offer_due
from services.events.domain.reminding import decide_reminder_due
from services.events.domain.repeating import decide_series_due
from services.events.domain.roster import decide_configured, decide_movement
from services.events.domain.telling import decide_news_due
from services.events.scenes import (
    NOBODY,
    Stores,
    around_message,
    around_movement,
    around_series,
    around_webinar,
)
from shared.contracts.gateway import (
    DeliveryReported,
    MemberJoined,
    MemberLeft,
    MessageAccepted,
    MessageFailed,
    MessageReceived,
)
from shared.contracts.members import ChatConfigured, MemberDemoted, MemberPresent, MemberPromoted
from shared.contracts.webinars import NewsDue, OfferDue, ReminderDue, SeriesDue, WebinarDue
from shared.stream.subscription import Handler, Subscription

MOVEMENTS: tuple[type[Any], ...] = (MemberJoined, MemberLeft, MemberPresent, MemberPromoted, MemberDemoted)


def subscription(stores: Stores) -> Subscription:
    """Return the table of events."""
    message, movement, webinar = around_message(stores), around_movement(stores), around_webinar(stores)
    return Subscription(
        consumer="events",
        service="events",
        handlers=(
            Handler(MessageReceived, _itself, message, decide_message),
            *(Handler(each, _itself, movement, decide_movement) for each in MOVEMENTS),
            Handler(ChatConfigured, _itself, movement, decide_configured),
            Handler(ReminderDue, _itself, webinar, decide_reminder_due),
            Handler(WebinarDue, _itself, webinar, decide_due),
            Handler(SeriesDue, _itself, around_series(stores), decide_series_due),
            Handler(OfferDue, _itself, webinar, decide_offer_due),
            Handler(NewsDue, _itself, webinar, decide_news_due),
            Handler(MessageAccepted, lambda event: event.send_id, stores.sends, decide_accepted),
            Handler(MessageFailed, lambda event: event.send_id, stores.sends, decide_failed),
            Handler(DeliveryReported, lambda event: event.send_id or NOBODY, stores.sends, decide_reported),
        ),
    )


def _itself(event: Any) -> Any:
    """Return the event: the bundles take their keys from it."""
    return event
