"""An account as it is doing: whether its provider takes what it sends, and when it last heard anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Line:
    """One account at its provider."""

    account: str
    channel: str
    up: bool | None = None
    """None until somebody has looked."""
    since: dt.datetime | None = None
    """Since when it is up, or down."""
    reason: str | None = None
    """Why it is down."""
    slowed: str | None = None
    """Why it sends less than it could."""
    slowed_until: dt.datetime | None = None
    probed_at: dt.datetime | None = None
    webhook_at: dt.datetime | None = None
    """When a signed webhook last came."""
    accepted_at: dt.datetime | None = None
    """When the provider last took a message."""
    capabilities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What it can do, by kind of chat."""

    @property
    def trouble(self) -> str | None:
        """The code of what keeps it from sending, or from sending as much as it could."""
        return self.reason if self.up is False else self.slowed

    def turned(self, now: dt.datetime, reason: str | None) -> Line:
        """Return this line after its provider took something, or refused it for `reason`."""
        up = reason is None
        since = self.since if self.up is up else now
        return replace(self, up=up, since=since, reason=reason)

    def slower(self, reason: str, until: dt.datetime) -> Line:
        """Return this line slowed until then, unless it is slowed for longer already."""
        if self.slowed_until is not None and until <= self.slowed_until:
            return self
        return replace(self, slowed=reason, slowed_until=until)

    def at(self, now: dt.datetime) -> Line:
        """Return this line as it is now: what slowed it may be over."""
        if self.slowed_until is not None and now < self.slowed_until:
            return self
        return replace(self, slowed=None, slowed_until=None)
