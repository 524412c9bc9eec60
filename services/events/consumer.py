"""What events listens to."""

from __future__ import annotations

from functools import partial
from typing import Any

from services.events.domain import rating, recordings
from services.events.domain.codes import Codes
from services.events.domain.life import decide_due
from services.events.domain.listening import Listener
from services.events.domain.merging import decide_merged, decide_unmerged
from services.events.domain.reach import decide_accepted, decide_failed, decide_reported
from services.events.domain.registering import decide_offer_due
from services.events.domain.reminding import decide_reminder_due
from services.events.domain.repeating import decide_series_due
from services.events.domain.roster import decide_configured, decide_movement
from services.events.domain.telling import decide_news_due
from services.events.scenes import (
    Stores,
    around_message,
    around_movement,
    around_series,
    around_union,
    around_webinar,
)
from shared.chats import MOVEMENTS
from shared.contracts.gateway import (
    DeliveryReported,
    MessageAccepted,
    MessageFailed,
    MessageReceived,
)
from shared.contracts.members import (
    ChatConfigured,
    MemberMerged,
    MemberUnmerged,
)
from shared.contracts.webinars import (
    FeedbackDue,
    NewsDue,
    OfferDue,
    RecordingDue,
    ReminderDue,
    SeriesDue,
    WebinarDue,
)
from shared.stream.keys import NOBODY
from shared.stream.subscription import Handler, Subscription


def subscription(stores: Stores, listener: Listener, codes: Codes, public_url: str) -> Subscription:
    """Return the table of events; `public_url` is where members reach the public listener."""
    message, movement, webinar = around_message(stores), around_movement(stores), around_webinar(stores)
    union = around_union(stores)
    return Subscription(
        consumer="events",
        service="events",
        handlers=(
            Handler(MessageReceived, _itself, message, listener.decide_message),
            *(Handler(each, _itself, movement, decide_movement) for each in MOVEMENTS),
            Handler(ChatConfigured, _itself, movement, decide_configured),
            Handler(MemberMerged, _itself, union, decide_merged),
            Handler(MemberUnmerged, _itself, union, decide_unmerged),
            Handler(WebinarDue, _itself, webinar, partial(decide_due, codes=codes)),
            Handler(
                ReminderDue,
                _itself,
                webinar,
                partial(decide_reminder_due, codes=codes, public_url=public_url),
            ),
            Handler(NewsDue, _itself, webinar, decide_news_due),
            Handler(OfferDue, _itself, webinar, decide_offer_due),
            Handler(RecordingDue, _itself, webinar, recordings.decide_due),
            Handler(FeedbackDue, _itself, webinar, rating.decide_due),
            Handler(SeriesDue, _itself, around_series(stores), decide_series_due),
            Handler(MessageAccepted, lambda event: event.send_id, stores.sends, decide_accepted),
            Handler(MessageFailed, lambda event: event.send_id, stores.sends, decide_failed),
            Handler(DeliveryReported, lambda event: event.send_id or NOBODY, stores.sends, decide_reported),
        ),
    )


def _itself(event: Any) -> Any:
    """Return the event: the bundles take their keys from it."""
    return event
