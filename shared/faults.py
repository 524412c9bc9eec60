"""Named points at which a test can make the process fail at the exact bad moment.

Off unless `FAULTS` is set, for example `FAULTS=after_txn_before_commit:kill9@2`: the second time that point
is reached, the process kills itself.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

POINTS = frozenset(
    {
        "after_poll",
        "in_txn",
        "after_txn_before_commit",
        "after_send_before_delete",
        "after_http_before_record",
    }
)


class InjectedFault(Exception):
    """Raised by a fault point told to."""


def _parse(text: str) -> dict[str, tuple[str, int]]:
    planned = {}
    for part in filter(None, text.split(",")):
        point, _, rest = part.partition(":")
        action, _, nth = rest.partition("@")
        if point not in POINTS or action not in {"kill9", "raise"}:
            raise ValueError(f"FAULTS names an unknown point or action: {part}")
        planned[point] = (action, int(nth or 1))
    return planned


_PLANNED = _parse(os.environ.get("FAULTS", ""))
_reached: Counter[str] = Counter()


def fault(point: str) -> None:
    """Fail here if a test has asked for it."""
    if not _PLANNED or point not in _PLANNED:
        return
    _reached[point] += 1
    action, nth = _PLANNED[point]
    if _reached[point] != nth:
        return
    if action == "kill9":
        os.kill(os.getpid(), signal.SIGKILL)
    raise InjectedFault(point)
