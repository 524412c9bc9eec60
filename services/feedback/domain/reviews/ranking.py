"""In which order to look at what is due: the least useful first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from statistics import median

from services.feedback.domain.reviews.item import Item


def due(items: Iterable[Item], on: dt.date) -> tuple[Item, ...]:
    """Return what is due on a day or was before, what is less useful than half of all that was rated first.

    Behind it comes what nobody has rated: it may be of no use to anybody. Of equals, what has waited longest.

    Args:
        items: of one community, those included that are not due: the median is of all of them.
        on: the day.
    """
    here = [each for each in items if not each.retired]
    rated = [each.usefulness for each in here if each.usefulness is not None]
    middle = median(rated) if rated else 0.0

    def rank(item: Item) -> tuple[int, float, str, int]:
        useful = item.usefulness
        if useful is None:
            return 1, 0.0, item.due_on, item.number
        return (0 if useful < middle else 2), useful, item.due_on, item.number

    return tuple(sorted((each for each in here if each.due_on <= on.isoformat()), key=rank))
