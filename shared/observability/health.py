"""Health that tells the truth: alive means the loops beat, ready means work can be done."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

STALLED_SECONDS = 60.0
"""A loop that has not beaten for this long is stuck and its process should be restarted."""


@dataclass
class Check:
    """One thing readiness depends on; starts failing until somebody says otherwise."""

    name: str
    problem: str | None = "starting"
    beaten: float | None = None
    seconds: float = field(default=STALLED_SECONDS)

    def ok(self) -> None:
        """Say that this part can do its work."""
        self.problem = None

    def failing(self, problem: str) -> None:
        """Say why this part cannot do its work; a short phrase without any user data."""
        self.problem = problem

    def beat(self) -> None:
        """Say that this part's loop went round."""
        self.beaten = time.monotonic()

    @property
    def stalled(self) -> bool:
        """Whether a loop that used to beat has stopped."""
        return self.beaten is not None and time.monotonic() - self.beaten > self.seconds


class Health:
    """All checks of one process."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._stopping = False

    def check(self, name: str) -> Check:
        """Return the check called `name`, made at its first mention."""
        return self._checks.setdefault(name, Check(name))

    def stopping(self) -> None:
        """Turn readiness off for good: the process is draining."""
        self._stopping = True

    def alive(self) -> dict[str, str]:
        """Return the stalled loops by name; empty when the process is alive."""
        return {each.name: "stalled" for each in self._checks.values() if each.stalled}

    def unready(self) -> dict[str, str]:
        """Return what keeps the process from being ready, by name; empty when it is ready."""
        problems = {each.name: each.problem for each in self._checks.values() if each.problem}
        return ({"process": "stopping"} if self._stopping else {}) | problems | self.alive()
