"""For how many weeks in a row somebody has been of use: gently, for a life has other weeks too."""

from __future__ import annotations

from collections.abc import Mapping

from services.rewards.domain.periods import monday, month_of, week_after


def streak(points: Mapping[str, int], this_week: str) -> int:
    """Return for how many weeks a streak has gone on, by a member's points in each week.

    The week that is not over yet counts where it has points, and breaks nothing where it has none. One week
    without points in each month is forgiven; it does not count, and ends no streak. It follows from the
    points alone: what is given back after a mistake restores it.
    """
    if not any(each > 0 for each in points.values()):
        return 0
    first = min(week for week, each in points.items() if each > 0)
    weeks, forgiven = int(points.get(this_week, 0) > 0), set[str]()
    week = week_after(this_week, -1)
    while week >= first:
        if points.get(week, 0) > 0:
            weeks += 1
        elif (month := month_of(monday(week).isoformat())) not in forgiven:
            forgiven.add(month)
        else:
            break
        week = week_after(week, -1)
    return weeks
