"""Where the webhooks of each account go, and what proves whose they are."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, field
from typing import Protocol

from services.simulator.domain import signature
from services.simulator.domain.redelivery import Redelivery
from services.simulator.domain.waha import signature as waha


class Hook(Protocol):
    """The webhook of one account."""

    @property
    def url(self) -> str:
        """Where it is."""
        ...

    @property
    def redelivery(self) -> Redelivery:
        """How often, and after how long, what is refused comes again."""
        ...

    def headers(self, signed: bytes | None, now: dt.datetime) -> dict[str, str]:
        """Return the headers of a request whose signature is that of `signed`; None: it has none."""
        ...

    def taken(self, status: int | None) -> bool:
        """Tell whether the provider is content with this answer."""
        ...


@dataclass(frozen=True, slots=True)
class CloudApiHook:
    """What Meta calls."""

    url: str
    secret: bytes = field(repr=False)
    redelivery: Redelivery = field(default_factory=Redelivery)

    def headers(self, signed: bytes | None, now: dt.datetime) -> dict[str, str]:
        """Return the headers of a request; see `Hook`."""
        del now
        proof = {} if signed is None else {signature.HEADER: signature.sign(self.secret, signed)}
        return {"user-agent": "facebookexternalua", **proof}

    def taken(self, status: int | None) -> bool:
        """Return whether it is 200: anything else is a refusal to WhatsApp, even 204."""
        return status == 200  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class WahaHook:
    """What a WAHA server calls."""

    url: str
    key: bytes = field(repr=False)
    redelivery: Redelivery = field(
        default_factory=lambda: Redelivery((2, 4, 8, 16, 32, 64, 128, 256), kept=dt.timedelta(hours=1))
    )

    def headers(self, signed: bytes | None, now: dt.datetime) -> dict[str, str]:
        """Return the headers of a request; see `Hook`."""
        told = {
            waha.REQUEST_HEADER: secrets.token_hex(13),
            waha.TIME_HEADER: str(round(now.timestamp() * 1000)),
        }
        if signed is not None:
            told |= {waha.HEADER: waha.sign(self.key, signed), waha.ALGORITHM_HEADER: waha.ALGORITHM}
        return told

    def taken(self, status: int | None) -> bool:
        """Return whether it is any success."""
        return status is not None and status // 100 == 2  # noqa: PLR2004
