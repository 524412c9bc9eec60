"""When something happened, however a provider or one of its engines writes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

SECONDS_BELOW = 10**11
"""A unix time this large is in milliseconds, or finer: as seconds it would lie beyond the year 5000."""

_FINER = 3
"""Milliseconds, microseconds and nanoseconds."""

_LONGEST_TEXT = 64


def instant(value: object) -> dt.datetime | None:
    """Return the instant that `value` stands for, None where it stands for none.

    Args:
        value: a unix time in seconds or finer, as a number or its text; the two halves of one, as engines
            write 64 bits; or a time in words of ISO 8601, in UTC unless it says otherwise.
    """
    if not isinstance(value, (int, float, str)):
        value = _joined(value)
    if value is None or isinstance(value, bool):
        return None
    try:
        return _of_unix(float(value))
    except ValueError:
        return _of_words(value) if isinstance(value, str) else None
    except (OverflowError, OSError):
        return None


def _of_unix(seconds: float) -> dt.datetime | None:
    for _ in range(_FINER):
        if seconds < SECONDS_BELOW:
            break
        seconds /= 1000
    # A time below what a clock tells apart rounds to the epoch itself, which stands for "not set".
    at = dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds > 0 else None
    return at if at and at.timestamp() > 0 else None


def _of_words(text: str) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(text) if len(text) <= _LONGEST_TEXT else None
        at = at and (at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC))
    except (ValueError, OverflowError):
        return None
    # Before the epoch nobody has sent anything: an unset time is written as the year 1.
    return at if at and at.timestamp() > 0 else None


def _joined(halves: object) -> int | None:
    if not isinstance(halves, Mapping):
        return None
    low, high = halves.get("low"), halves.get("high", 0)
    if type(low) is not int or type(high) is not int:
        return None
    return ((high & 0xFFFFFFFF) << 32) | (low & 0xFFFFFFFF)
