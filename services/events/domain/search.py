"""Which webinars somebody asks for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.events.domain.webinar import Stage


@dataclass(frozen=True, slots=True)
class WebinarFilter:
    """What webinars have to be like; None and empty leave it open."""

    scope: str | None = None
    stages: frozenset[Stage] = frozenset()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    origin: str | None = None
    """The id of what they have come from."""
    latest_first: bool = False
