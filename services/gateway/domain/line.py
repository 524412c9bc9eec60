"""An account as it is doing: whether its provider takes what it sends, and when it last heard anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """One account at its provider."""

    account: str
    channel: str
    up: bool | None = None
    """None until somebody has looked."""
    since: dt.datetime | None = None
    """Since when it is up, or down."""
    probed_at: dt.datetime | None = None
    webhook_at: dt.datetime | None = None
    """When a signed webhook last came."""
    accepted_at: dt.datetime | None = None
    """When the provider last took a message."""
    capabilities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What it can do, by kind of chat."""
