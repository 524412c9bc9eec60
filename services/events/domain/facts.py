"""What is said of a webinar to other services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from services.events.domain.webinar import Webinar
from shared.contracts.base import EventModel
from shared.contracts.webinars import MAX_TITLE, OriginOfWebinar
from shared.decision import Emit

_COMMUNITY = "community:"


def of_webinar(webinar: Webinar) -> dict[str, Any]:
    """Return the fields by which every fact names its webinar."""
    return {
        "webinar_id": webinar.webinar_id,
        "chat_id": webinar.chat_id,
        "community": community_of(webinar.scope),
    }


def described(webinar: Webinar) -> dict[str, Any]:
    """Return the fields of a fact that tells a webinar whole."""
    return of_webinar(webinar) | {
        "number": webinar.number,
        "title": webinar.title[:MAX_TITLE],
        "starts_at": webinar.starts_at,
        "zone": webinar.zone,
        "minutes": webinar.minutes,
        "host": webinar.host,
        "speakers": webinar.speakers,
        "capacity": webinar.capacity,
        "series": webinar.series,
        "origin": origin_of(webinar),
    }


def origin_of(webinar: Webinar) -> OriginOfWebinar | None:
    """Return from what a webinar has come, as others are told."""
    origin = webinar.origin
    if origin is None:
        return None
    return OriginOfWebinar(kind=origin.kind, origin_id=origin.origin_id, title=origin.title)


def emit(webinar: Webinar, data: EventModel) -> Emit:
    """Return the fact, in order with the others of the webinar's chat."""
    return Emit(data, webinar.chat_id)


def community_of(scope: str) -> str | None:
    """Return the community of a scope; None for the scope of a single chat."""
    return scope.removeprefix(_COMMUNITY) if scope.startswith(_COMMUNITY) else None


def minutes(of: int) -> dt.timedelta:
    """Return that many minutes."""
    return dt.timedelta(minutes=of)
