"""How fast each account may send, by what its provider grants or puts up with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from services.gateway.domain.pacing import Pace
from services.gateway.settings import GatewaySettings, WahaAccount

PAIR_BURST = 45.0
"""Messages to one person that Meta lends before it counts."""

BRIDGE_PER_SECOND = 1.0
"""A person writes no faster."""


def paces(settings: GatewaySettings) -> dict[str, Pace]:
    """Return the pace of each account."""
    official = Pace(
        settings.sends_per_second,
        # What a quarter of a second grants may go out at once: it is never seen as more than a second's.
        burst=max(1.0, settings.sends_per_second / 4),
        pair_seconds=settings.pair_seconds,
        pair_burst=PAIR_BURST,
    )
    bridge = Pace(
        BRIDGE_PER_SECOND,
        jitter_seconds=settings.bridge_jitter_seconds,
        per_hour=settings.bridge_per_hour,
        first_per_hour=settings.bridge_first_per_hour,
        warmup_days=settings.bridge_warmup_days,
    )
    return {
        name: official if account.channel == "cloud_api" else bridge
        for name, account in settings.accounts.items()
    }


def began(settings: GatewaySettings, seen: Mapping[str, dt.datetime]) -> dict[str, dt.datetime]:
    """Return when each account began to send: what its settings say, else when we first saw it send."""
    said = {
        name: dt.datetime.combine(account.in_use_since, dt.time(), dt.UTC)
        for name, account in settings.accounts.items()
        if isinstance(account, WahaAccount) and account.in_use_since is not None
    }
    return {**seen, **said}
