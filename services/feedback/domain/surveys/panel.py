"""Who is asked: those who were asked longest ago, so that nobody is asked too often."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.ids import deterministic_id

REST: Final = dt.timedelta(days=30)
"""How long a member is left alone after a survey of any kind was sent to them, or answered by them."""


@dataclass(frozen=True, slots=True)
class Panelist:
    """A member who may be asked."""

    member_id: str
    asked_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Panel:
    """The members of a scope, of whom it is known when they were asked last."""

    scope: str
    members: tuple[Panelist, ...] = ()


def chosen(panel: Panel, survey: str, most: int, now: dt.datetime) -> tuple[str, ...]:
    """Return whom to ask: up to `most` of those who have rested, first who was never asked or longest ago.

    Among those who have rested alike it is a draw, another one for each survey.
    """
    rested = (each for each in panel.members if each.asked_at is None or now - each.asked_at >= REST)
    return _drawn(rested, survey)[:most]


def _drawn(members: Iterable[Panelist], survey: str) -> tuple[str, ...]:
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    ranked = sorted(
        (_day(each.asked_at or never), deterministic_id("draw", survey, each.member_id), each.member_id)
        for each in members
    )
    return tuple(member for _, _, member in ranked)


def _day(at: dt.datetime) -> dt.date:
    return at.date()
