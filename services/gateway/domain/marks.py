"""The mark an outbound message carries to the provider and back, by which its statuses are recognised."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MARK = re.compile(f"({_UUID})[.]({_UUID})")


@dataclass(frozen=True, slots=True)
class Mark:
    """Which command a message was sent for, and what started the trip that led to it."""

    send_id: str
    correlation_id: str

    def __str__(self) -> str:
        return f"{self.send_id}.{self.correlation_id}"

    @classmethod
    def read(cls, text: str | None) -> Mark | None:
        """Return the mark that `text` is, None where somebody else has marked the message or nobody has."""
        found = _MARK.fullmatch(text or "")
        return cls(found[1], found[2]) if found else None


def client_id(send_id: str) -> str:
    """Return what the message of a command is called where a channel lets us choose: always the same.

    It has the form of the ids that WhatsApp's own clients choose.
    """
    return "3EB0" + hashlib.sha256(send_id.encode()).hexdigest()[:18].upper()
