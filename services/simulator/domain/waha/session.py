"""The session of a simulated WAHA server: one number that it drives."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

ENGINE = "NOWEB"
"""What drives it: the engine that deletes a member's message, and needs no browser."""

VERSION = "2026.8.2"
JOIN_REQUESTS_SINCE = (2026, 8, 2)
"""The version from which on WAHA tells who asks to come into a group, and lets them be answered."""

WORKING = "WORKING"
STATUSES = ("STOPPED", "STARTING", "SCAN_QR_CODE", WORKING, "FAILED")


@dataclass(frozen=True, slots=True)
class Session:
    """A number, and how it is called."""

    name: str
    phone: str
    push_name: str
    base_url: str
    """Where the server is reached; what it says of files begins with this."""

    @property
    def jid(self) -> str:
        """Our own name."""
        return f"{self.phone}@c.us"

    @property
    def lid(self) -> str:
        """The name under which groups know us."""
        digest = hashlib.sha256(f"lid {self.phone}".encode()).digest()
        return f"{10**14 + int.from_bytes(digest[:8]) % 10**14}@lid"

    @property
    def me(self) -> dict[str, Any]:
        """What every webhook says of us; the hidden id comes with the device that it belongs to."""
        user, _, server = self.lid.partition("@")
        return {"id": self.jid, "lid": f"{user}:3@{server}", "pushName": self.push_name}

    def described(self, status: str) -> dict[str, Any]:
        """Return what the server says of the session."""
        return {
            "name": self.name,
            "status": status,
            "config": {},
            "me": self.me if status == WORKING else None,
            "engine": {"engine": ENGINE},
        }


def knows_join_requests(version: str) -> bool:
    """Return whether a server of `version`, such as 2026.8.2, knows who asks to come into a group."""
    return tuple(map(int, version.split("."))) >= JOIN_REQUESTS_SINCE
