"""What a strategy can be measured by: each metric, how it is counted, and from which facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.feedback.domain.effects.samples import Kind
from services.feedback.domain.effects.strategy import Good, Metric


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric, and how its values are written."""

    metric: Metric
    percent: bool
    """Whether it is a part of one."""
    of_sessions: bool
    """Whether each observation is a session, so that a strategy can be measured by so many of them."""


def _measured(
    name: str, kind: Kind, good: Good = Good.UP, *, percent: bool = False, of_sessions: bool = False
) -> Measured:
    return Measured(Metric(name, kind, good), percent, of_sessions)


ATTENDANCE_RATIO: Final = _measured("attendance_ratio", Kind.RATIO, percent=True, of_sessions=True)
"""Who was there, of those who had a seat when a session ended."""
SESSION_ATTENDANCE: Final = _measured("session_attendance", Kind.MEAN, of_sessions=True)
"""Who was there, a session."""
SESSION_RATING: Final = _measured("session_rating", Kind.MEAN, of_sessions=True)
"""How those who were there rate a session, from 1 to 5."""
ACTIVE_MEMBERS: Final = _measured("active_members", Kind.COUNT)
"""Who has written something in a group, a day."""
THANKS: Final = _measured("thanks", Kind.COUNT)
"""Thanks that earned somebody points, a day."""
OVERTURNED: Final = _measured("overturned_ratio", Kind.RATIO, Good.DOWN, percent=True)
"""Cases that turned out to be mistakes, of those that were opened, by the day on which either happened."""

METRICS: Final[Mapping[str, Measured]] = {
    each.metric.name: each
    for each in (
        ATTENDANCE_RATIO,
        SESSION_ATTENDANCE,
        SESSION_RATING,
        ACTIVE_MEMBERS,
        THANKS,
        OVERTURNED,
    )
}
"""By name."""
