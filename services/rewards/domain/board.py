"""A board as it is read: who has the most points of a period, and who is on none is on none here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.rewards.domain.periods import ALL, day_of, month_of, season_of, week_of

SHOWN: Final = 10
"""Lines of a board in a chat."""

COUNTED: Final = 1000
"""Places are counted as far as that; behind it nobody needs to know which."""

NEWCOMERS: Final = "newcomers"
"""The board of those who have come in the last weeks, by all their points."""

NEW_FOR: Final = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody's place on a board."""

    member_id: str
    points: int
    place: int
    """From 1; who has as many points has the same."""


@dataclass(frozen=True, slots=True)
class Board:
    """The first lines of a board."""

    key: str
    """See `board_key`."""
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member stands on a board."""

    key: str
    """The board's, and the member behind it."""
    points: int = 0
    place: int | None = None
    """None where they have no points; `COUNTED` + 1 where so many are before them."""


def board_key(scope: str, period: str) -> str:
    """Return by what a board is read."""
    return f"{scope}|{period}"


_PERIODS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("सप्ताह", "हफ़्ता", "हफ्ता", "saptah", "hafta", "week"), "week"),
    **dict.fromkeys(("महीना", "माह", "mahina", "month"), "month"),
    **dict.fromkeys(("सीज़न", "सीजन", "तिमाही", "season", "timahi", "quarter"), "season"),
    **dict.fromkeys(("कुल", "सब", "kul", "all", "total"), ALL),
    **dict.fromkeys(("नए", "नये", "naye", "new", "newcomers"), NEWCOMERS),
}


def period_named(word: str, at: dt.datetime, zone: str) -> tuple[str, str]:
    """Return which kind of period a word means, a week where it means none, and which one is just now."""
    kind, day = _PERIODS.get(word.casefold(), "week"), day_of(at, zone)
    names = {"week": week_of(day), "month": month_of(day), "season": season_of(day)}
    return kind, names.get(kind, kind)
