"""What happened, step by step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

from tests.simulation.loop import BEGINNING, LIFE


class Trace:
    """Lines with the time and the process, and a digest of them all."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.lines: list[str] = []

    def add(self, what: str) -> None:
        """Write down `what` as something the present process did."""
        life = LIFE.get()
        name = "world" if life is None else life.name
        self.lines.append(f"{self._now() - BEGINNING:11.6f} {name:<6} {what}")

    @property
    def digest(self) -> str:
        """What two runs have in common only if everything happened alike."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()

    def log(self, logger: object, name: str, event: MutableMapping[str, Any]) -> str:
        """Take in a line of the log, and let it go no further."""
        what = event.pop("event")
        known = " ".join(f"{key}={event[key]}" for key in sorted(event) if key not in {"module", "exc_info"})
        if event.get("exc_info"):
            known += f" {event['exc_info']!r}"
        self.add(f"{name} {what} {known}")
        raise structlog.DropEvent
