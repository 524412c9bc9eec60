"""One webhook of WAHA: its name, what it tells, and who we are in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.gateway.channels.waha import fields, ids
from services.gateway.channels.waha.fields import Part
from services.gateway.domain.items import Address


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook: WAHA sends a request for each event."""

    name: str
    payload: Part
    us: frozenset[Address]
    """Our own names, as far as the webhook says them."""
    at: dt.datetime | None
    """When WAHA sent it: for what carries no time of its own."""

    @classmethod
    def of(cls, name: str, document: Part) -> Event:
        """Return the event that `document` holds.

        Raises:
            KeyError: it tells nothing.
        """
        payload = document.get("payload")
        if not isinstance(payload, dict):
            raise KeyError("payload")
        return cls(name, payload, ours(document.get("me")), fields.instant(document.get("timestamp")))

    def others(self, people: tuple[Address, ...]) -> tuple[Address, ...]:
        """Return `people` without ourselves."""
        return tuple(each for each in people if each not in self.us)

    def ours(self, jid: str | None) -> bool:
        """Return whether `jid` is a name of ours."""
        return ids.address(jid) in self.us

    def required(self, *path: str) -> str:
        """Return the id at `path` of the payload.

        Raises:
            KeyError: there is none.
        """
        if (found := fields.identifier(self.payload, *path)) is None:
            raise KeyError(path[-1])
        return found

    def instant(self, *path: str) -> dt.datetime | None:
        """Return the time at `path` of the payload."""
        return fields.instant(fields.at(self.payload, *path))


def ours(me: object) -> frozenset[Address]:
    """Return our names, as `me` of a webhook or of a session gives them."""
    return frozenset(ids.people(*(fields.identifier(me, name) for name in ("id", "lid", "jid"))))
