"""The mark an outbound message carries to the provider and back, by which its statuses are recognised."""

from __future__ import annotations

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
