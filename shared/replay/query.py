"""Which letters somebody means: by id or by what they say, since when, and in which state."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shared.errors import Invalid
from shared.replay.letter import Letter, State, is_letter_id

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
SHOWN = 20
"""How many values a summary lists of each kind; what is beyond is added up."""

OTHERS = "(others)"
NONE = "(none)"

_AGO = re.compile(r"([0-9]{1,6})([smhdw])")


@dataclass(frozen=True, slots=True)
class Query:
    """A selection of letters; what is empty does not restrict."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    reasons: frozenset[str] = frozenset()
    consumers: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    again: bool = False
    """Take those that were replayed too, and those that were dropped where they are named by id."""
    any_state: bool = False
    """Take every letter whatever was done about it: for looking, not for acting."""

    def __post_init__(self) -> None:
        if not all(map(is_letter_id, self.ids)):
            raise Invalid("The id of a letter is written <partition>-<offset> or outbox-<row>.")
        if self.since and self.until and self.since >= self.until:
            raise Invalid("The time to begin at lies behind the time to end at.")

    @property
    def everything(self) -> bool:
        """Whether it restricts nothing."""
        return not (self.since or self.until or self.reasons or self.consumers or self.types or self.ids)

    def takes(self, letter: Letter) -> bool:
        """Return whether `letter` is meant."""
        return self.matches(letter) and self.allows(letter)

    def matches(self, letter: Letter) -> bool:
        """Return whether `letter` is meant, whatever was done about it."""
        return (
            (not self.ids or letter.id in self.ids)
            and (not self.reasons or letter.reason in self.reasons)
            and (not self.consumers or letter.consumer in self.consumers)
            and (not self.types or letter.type in self.types)
            and self._in_time(letter.at)
        )

    def allows(self, letter: Letter) -> bool:
        """Return whether what was done about `letter` leaves it to be taken."""
        match letter.state:
            case State.OPEN:
                return True
            case State.REPLAYED:
                return self.again or self.any_state
            case State.DROPPED:
                return self.any_state or (self.again and letter.id in self.ids)

    def _in_time(self, at: dt.datetime | None) -> bool:
        if at is None:
            # It does not say when; only who asks for no time can mean it.
            return self.since is None and self.until is None
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


@dataclass(slots=True)
class Summary:
    """How many letters there are, by what they say; bounded, however hostile their headers are."""

    total: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    consumers: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)

    def add(self, letter: Letter) -> None:
        """Count `letter`."""
        self.total += 1
        for counter, value in (
            (self.reasons, letter.reason),
            (self.consumers, letter.consumer),
            (self.types, letter.type),
        ):
            name = value or NONE
            counter[name if name in counter or len(counter) < SHOWN else OTHERS] += 1

    @classmethod
    def of(cls, letters: Iterable[Letter]) -> Summary:
        """Return the summary of `letters`."""
        summary = cls()
        for letter in letters:
            summary.add(letter)
        return summary


def instant(text: str, now: dt.datetime) -> dt.datetime:
    """Return the time that `text` names: `2h` for two hours ago (s, m, h, d, w), or ISO 8601, by default UTC.

    Raises:
        Invalid: it names none.
    """
    try:
        if ago := _AGO.fullmatch(text):
            return now - dt.timedelta(**{UNITS[ago[2]]: int(ago[1])})
        at = dt.datetime.fromisoformat(text)
        return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise Invalid("A time is written like 2h, 30m or 3d, or as 2026-11-05T06:30, in UTC.") from None


MAX_RATE = 1000.0
LONGEST = dt.timedelta(days=7)
"""How far ahead a slow replay may reach: well within what the replay topic keeps."""


def stagger(start: dt.datetime, rate: float | None, count: int) -> Iterator[dt.datetime]:
    """Yield before when each of `count` letters is not handled, so that `rate` of them are in a second.

    Raises:
        Invalid: at this rate the last would wait for too long.
    """
    if rate is not None and not 0 < rate <= MAX_RATE:
        raise Invalid(f"A rate lies above 0 and is at most {MAX_RATE:.0f} a second.")
    if rate is not None and count / rate > LONGEST.total_seconds():
        raise Invalid(f"At this rate the last letter would wait for more than {LONGEST.days} days.")
    return (start + dt.timedelta(seconds=number / rate if rate else 0) for number in range(count))
