"""Named points at which a test can make the process fail at the exact bad moment.

Off unless `FAULTS` is set, for example `FAULTS=after_txn_before_commit:kill9@2`: the second time that point
is reached, the process kills itself. `mid_batch:sleep=2@1+` is two seconds every time from the first.
"""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

POINTS = frozenset(
    {
        "after_poll",
        "mid_batch",
        "in_txn",
        "after_txn_before_commit",
        "after_send_before_delete",
        "after_http_before_record",
        "in_drain",
    }
)

Hook = Callable[[str], None]
"""Called with the name of every point that is reached; what it raises comes out of that point."""


class InjectedFault(BaseException):
    """Raised by a fault point told to: no handler of errors makes the best of it, the process ends."""


@dataclass(slots=True)
class _Planned:
    """What happens at one point; `sleep` and `hang` block the thread, for that is what a stuck process is."""

    action: Literal["kill9", "raise", "sleep", "hang"]
    seconds: float
    first: int
    last: float
    reached: int = 0

    def happen(self, point: str) -> None:
        self.reached += 1
        if not self.first <= self.reached <= self.last:
            return
        match self.action:
            case "kill9":
                os.kill(os.getpid(), signal.SIGKILL)
            case "sleep":
                time.sleep(self.seconds)
            case "hang":
                while True:
                    time.sleep(3600)
            case "raise":
                raise InjectedFault(point)


class Plan:
    """What `FAULTS` asks for, as a hook."""

    def __init__(self, text: str) -> None:
        self._points = dict(_parse(part) for part in text.split(","))

    def __call__(self, point: str) -> None:
        """Do what is planned for `point`, if anything is."""
        if (planned := self._points.get(point)) is not None:
            planned.happen(point)


def _parse(part: str) -> tuple[str, _Planned]:
    point, _, rest = part.partition(":")
    told, _, nth = rest.partition("@")
    action, has_seconds, seconds = told.partition("=")
    if point not in POINTS or bool(has_seconds) != (action == "sleep"):
        raise ValueError(f"FAULTS names an unknown point or action: {part}")
    first = int(nth.removesuffix("+") or 1)
    last = math.inf if nth.endswith("+") else first
    match action:
        case "kill9" | "raise" | "sleep" | "hang":
            return point, _Planned(action, float(seconds or 0), first, last)
    raise ValueError(f"FAULTS names an unknown point or action: {part}")


_hook: Hook | None = Plan(os.environ["FAULTS"]) if os.environ.get("FAULTS") else None


def fault(point: str) -> None:
    """Fail here if a test has asked for it."""
    if _hook is not None:
        _hook(point)


def install(hook: Hook) -> None:
    """Call `hook` at every point of this process from now on, instead of what `FAULTS` asks for."""
    global _hook  # noqa: PLW0603 - a point must cost next to nothing while nobody asks
    _hook = hook


def uninstall() -> None:
    """Let every point be passed again as if it were not there."""
    global _hook  # noqa: PLW0603
    _hook = None
