"""Lengths and waits: 90 min, डेढ़ घंटे का, 2 घंटे बाद, in 3 days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from services.events.domain.timing.days import MAX_AHEAD, Offset
from services.events.domain.timing.tokens import Tokens
from services.events.domain.timing.words import Role, Unit

MAX_LENGTH: Final = dt.timedelta(hours=24)
"""A session is over on the day it begins, or in the night that follows."""
_MOST: Final = 1000
_FALSE_ENDS: Final = frozenset({"में", "मे", "me", "mein", "mai", "ago", "पहले", "pehle", "pahle"})
"""With these, an amount is a promise ("2 घंटे में SEO") or in the past."""
_FRACTIONS: Final = {"5": 2, "50": 2, "25": 1, "75": 3}
"""What is written after the decimal point, in quarters."""
_OWNS: Final = frozenset({"का", "की", "के", "ka", "ki", "ke", "long"})


@dataclass(frozen=True, slots=True)
class Length:
    """How long something takes; a weak one counts only beside other words of the time."""

    minutes: int
    is_strong: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """So many minutes from now."""

    minutes: int


def read_wait(tokens: Tokens, at: int) -> tuple[Wait | Offset, int] | None:
    """Read `2 घंटे बाद`, `आज से 3 दिन बाद`, `2 hours from now`; days and weeks are whole days from today."""
    is_led = not {Role.IN, Role.AFTER}.isdisjoint(tokens[at].sense.roles)
    is_from_today = tokens[at].sense.days == 0 and tokens[at + 1].text in {"से", "se"}
    found = _amount(tokens, at + 2 if is_from_today else at + 1 if is_led else at)
    if found is None:
        return None
    minutes, unit, after = found
    if not is_led:
        if Role.OF in tokens[after].sense.roles:
            after += 1
        if Role.AFTER in tokens[after].sense.roles:
            after += 1
        elif (tokens[after].text, tokens[after + 1].text) == ("from", "now"):
            after += 2
        else:
            return None
    if not 1 <= minutes <= MAX_AHEAD // dt.timedelta(minutes=1):
        return None
    return (Offset(minutes // Unit.DAY.value) if unit in {Unit.DAY, Unit.WEEK} else Wait(minutes)), after


def read_length(tokens: Tokens, at: int) -> tuple[Length, int] | None:
    """Read `1 घंटा`, `90 min`, `for 2 hours`, `1h30`."""
    is_led = tokens[at].text == "for"
    found = _amount(tokens, at + 1 if is_led else at)
    if found is None:
        return None
    minutes, unit, after = found
    if unit not in {Unit.MINUTE, Unit.HOUR} or tokens[after].text in _FALSE_ENDS:
        return None
    if not dt.timedelta(0) < dt.timedelta(minutes=minutes) <= MAX_LENGTH:
        return None
    return Length(minutes, is_led or tokens[after].text in _OWNS), after


def _amount(tokens: Tokens, at: int) -> tuple[int, Unit, int] | None:
    """Read a number with its unit, and minutes after hours; return minutes, the unit and the place after."""
    found = _number(tokens, at)
    if found is None:
        return None
    quarters, after = found
    unit = tokens[after].sense.unit
    if unit is None or (tokens[after].text == "h" and not tokens[after].is_glued):
        return None
    minutes = quarters * unit.value // 4
    after += 1
    more = tokens[after].number
    if unit is Unit.HOUR and more is not None and more < Unit.HOUR.value:
        has_unit = tokens[after + 1].sense.unit is Unit.MINUTE or (
            tokens[after + 1].text == "m" and tokens[after + 1].is_glued
        )
        if has_unit or tokens[after].is_glued:
            return minutes + more, unit, after + 1 + has_unit
    return minutes, unit, after


def _number(tokens: Tokens, at: int) -> tuple[int, int] | None:
    """Read a number in quarters, because सवा and पौने are quarters; return it with the place after."""
    token = tokens[at]
    sense = token.sense
    if sense.quarter is not None:
        following = tokens[at + 1]
        whole = following.number if following.number is not None else following.sense.number
        # सवा घंटा and पौने घंटे are about one.
        quarters = (1 if whole is None else whole) * 4 + sense.quarter // 15
        return (quarters, at + (1 if whole is None else 2)) if quarters < _MOST * 4 else None
    if sense.halves is not None:
        return sense.halves * 2, at + 1
    if Role.HALF in sense.roles or token.text in {"a", "an"}:
        is_half_an = Role.HALF in sense.roles and tokens[at + 1].text in {"a", "an"}
        return 2 if Role.HALF in sense.roles else 4, at + (2 if is_half_an else 1)
    if token.number is not None:
        fraction = _FRACTIONS.get(tokens[at + 2].text) if tokens.follows(at + 1, ".") else None
        quarters = token.number * 4 + (fraction or 0)
        return (quarters, at + (3 if fraction else 1)) if token.number < _MOST else None
    return (sense.number * 4, at + 1) if sense.number is not None else None
