"""A recurrence as people write it: हर मंगलवार शाम 6 बजे, every 2 weeks, first Sunday of the month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from services.events.domain.timing.days import Day, NthWeekday, OneOf, dates_of, read_day
from services.events.domain.timing.phrases import trim
from services.events.domain.timing.reader import read_time
from services.events.domain.timing.reading import Reading
from services.events.domain.timing.recurrence import LAST, MAX_COUNT, MAX_INTERVAL, Frequency, Recurrence
from services.events.domain.timing.tokens import Token, Tokens, tokenise
from services.events.domain.timing.words import Role, Unit, sense_of
from services.events.domain.timing.zones import wall_at

_FORTNIGHT: Final = 2
_WEEK: Final = 7
_ALWAYS_THERE: Final = 4
"""Every month has a fourth of each weekday, and some have no fifth: that is the last."""
_DAYS_IN_A_MONTH: Final = 30
_UP_TO: Final = frozenset({"तक", "tak"})
_TO: Final = frozenset({"तक", "tak", "के", "ke", "लिए", "liye"})
_IN: Final = frozenset({"में", "me", "mein", "को", "ko", "on", "के", "ke", "का", "ka", "की", "ki", "at"})
_AND: Final = frozenset({"और", "aur", "and", "व", ",", "&"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """What was said of a recurrence, before it is known when it begins.

    Attributes:
        frequency: by week or by month.
        interval: every so many of them.
        weekdays: if they were said; else the weekday of the start counts.
        nth: of a weekday in the month; by month without it, that of the start.
        times: how many sessions.
        days: for how many days.
        until: the last date.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int | None = None
    times: int | None = None
    days: int | None = None
    until: dt.date | None = None

    @property
    def day(self) -> Day | None:
        """The day of its first session, if the pattern says it."""
        if self.nth is not None and self.weekdays:
            return NthWeekday(self.weekdays[0], self.nth)
        return OneOf(self.weekdays) if self.weekdays else None

    def starting_at(self, starts: dt.datetime) -> Recurrence:
        """Return the recurrence of a series that starts then.

        Raises:
            UnsupportedRule: no session repeats like this.
        """
        until = None
        if self.until:
            until = dt.datetime.combine(self.until, dt.time(23, 59, 59))
        elif self.days:
            # "for 8 weeks" is eight Tuesdays: the same weekday after them is outside.
            until = starts + dt.timedelta(days=self.days, seconds=-1)
        nth = self.nth
        if self.frequency is Frequency.MONTHLY and nth is None:
            week = (starts.day - 1) // _WEEK + 1
            nth = week if week <= _ALWAYS_THERE else LAST
        return Recurrence(
            self.frequency, self.weekdays or (starts.weekday(),), self.interval, nth, until, self.times
        )


@dataclass(frozen=True, slots=True)
class Repeats:
    """A series: its pattern, and its first session as far as it was said.

    `first` is settled like any reading, with the pattern's `day`; then `pattern.starting_at` it.
    """

    pattern: Pattern
    first: Reading


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A recurrence that sessions do not have, such as daily; `said` are its words."""

    said: str
    rest: str


RecurrenceReading: TypeAlias = Repeats | Unsupported | None


def read_recurrence(text: str, now: dt.datetime, zone: ZoneInfo) -> RecurrenceReading:
    """Read a series out of a text; None when it is about one session.

    Args:
        text: what somebody wrote.
        now: zone-aware.
        zone: of the writer.
    """
    tokens = tokenise(text)
    for at in range(len(tokens)):
        found = _pattern(tokens, at)
        if found is None:
            continue
        pattern, after = found
        if pattern is None:
            rest, said = _without(text, tokens, [(at, after)])
            return Unsupported(said, rest)
        today = wall_at(now, zone.key).date()
        pattern, end = _ending(tokens, pattern, (at, after), today)
        rest, _ = _without(text, tokens, [(at, after), *([end] if end else [])])
        return Repeats(pattern, read_time(rest, now, zone, pattern.day))
    return None


def _pattern(tokens: Tokens, at: int) -> tuple[Pattern | None, int] | None:
    """Read a recurrence that begins at a token; a pattern of None is one that sessions do not have."""
    roles = tokens[at].sense.roles
    if Role.EVERY in roles:
        return _every(tokens, at + 1)
    # "Daily SEO tips" and "weekly report" are titles; alone, these words need a day beside them.
    interval = 1 if Role.WEEKLY in roles else _FORTNIGHT if Role.FORTNIGHTLY in roles else None
    if interval:
        weekdays, after = _weekdays(tokens, _skip(tokens, at + 1))
        return (Pattern(Frequency.WEEKLY, interval, weekdays), after) if weekdays else None
    if Role.MONTHLY in roles or Role.MONTH in roles:
        return _nth(tokens, _skip(tokens, at + 1))
    days = _from_to(tokens, at)
    if days:
        return Pattern(Frequency.WEEKLY, weekdays=days[0]), days[1]
    plural = _plural(tokens[at])
    if plural is not None:
        return Pattern(Frequency.WEEKLY, weekdays=(plural,)), at + 1
    found = _nth(tokens, at)
    return found if found and _has_month(tokens, found[1]) else None


def _every(tokens: Tokens, at: int) -> tuple[Pattern | None, int] | None:  # noqa: PLR0911 - a table of cases
    token = tokens[at]
    nth = _nth(tokens, at)
    number = token.number if token.number is not None else token.sense.number
    is_other = Role.OTHER in token.sense.roles or (token.sense.ordinal == _FORTNIGHT)
    if nth and (not is_other or _has_month(tokens, nth[1])):
        return nth
    interval = _FORTNIGHT if is_other else number if number is not None else 1
    begin = at + 1 if is_other or number is not None else at
    sense = tokens[begin].sense
    if not 1 <= interval <= MAX_INTERVAL:
        return None, begin + 1
    if sense.unit is Unit.WEEK:
        weekdays, after = _weekdays(tokens, _skip(tokens, begin + 1))
        return Pattern(Frequency.WEEKLY, interval, weekdays), after if weekdays else begin + 1
    if Role.MONTH in sense.roles:
        found = _nth(tokens, _skip(tokens, begin + 1))
        if found and found[0]:
            return replace(found[0], interval=interval), found[1]
        return Pattern(Frequency.MONTHLY, interval), begin + 1
    if sense.unit is Unit.DAY or Role.DAILY in sense.roles:
        return None, begin + 1
    weekdays, after = _weekdays(tokens, begin)
    return (Pattern(Frequency.WEEKLY, interval, weekdays), after) if weekdays else None


def _nth(tokens: Tokens, at: int) -> tuple[Pattern, int] | None:
    """Read `पहले रविवार`, `last Friday of the month`."""
    begin = at + 1 if tokens[at].text == "the" else at
    sense = tokens[begin].sense
    after = begin + 1
    ordinal = LAST if Role.LAST in sense.roles else sense.ordinal
    if ordinal is None and tokens[begin].number in range(1, 6) and Role.ORDINAL in tokens[after].sense.roles:
        ordinal, after = tokens[begin].number, after + 1
    weekday = tokens[after].sense.weekday
    if ordinal is None or weekday is None:
        return None
    after += 1
    if _has_month(tokens, after):
        while Role.MONTH not in tokens[after].sense.roles:
            after += 1
        after += 1
    return Pattern(Frequency.MONTHLY, 1, (weekday,), ordinal), after


def _has_month(tokens: Tokens, at: int) -> bool:
    """Whether `of the month` or `of every month` is just before or follows."""
    if Role.MONTH in tokens[at - 1].sense.roles:
        return True
    words = [tokens[index] for index in range(at, at + 3)]
    return words[0].text in {"of", "in", "every", "each", "हर", "har"} and any(
        Role.MONTH in word.sense.roles for word in words[1:]
    )


def _weekdays(tokens: Tokens, at: int) -> tuple[tuple[int, ...], int]:
    found: set[int] = set()
    after = at
    while True:
        weekday = tokens[at].sense.weekday
        if weekday is None:
            weekday = _plural(tokens[at])
        if weekday is None:
            return tuple(sorted(found)), after
        found.add(weekday)
        after = at + 1
        at = after + 1 if tokens[after].text in _AND else after


def _from_to(tokens: Tokens, at: int) -> tuple[tuple[int, ...], int] | None:
    """Read `Mon-Fri` and `सोम से शुक्र`."""
    first, between, last = tokens[at].sense.weekday, tokens[at + 1], tokens[at + 2].sense.weekday
    if first is None or last is None or between.text not in {"-", "–", "to", "से", "se"}:
        return None
    days = {(first + ahead) % _WEEK for ahead in range((last - first) % _WEEK + 1)}
    after = at + 4 if tokens[at + 3].text in _UP_TO else at + 3
    return tuple(sorted(days)), after


def _plural(token: Token) -> int | None:
    """Tuesdays: every one of them."""
    sense = sense_of(token.text.removesuffix("s")) if token.text.endswith("days") else token.sense
    return sense.weekday if token.text.endswith("days") else None


def _skip(tokens: Tokens, at: int) -> int:
    return at + 1 if tokens[at].text in _IN else at


def _ending(
    tokens: Tokens, pattern: Pattern, place: tuple[int, int], today: dt.date
) -> tuple[Pattern, tuple[int, int] | None]:
    """Read how long a series goes on: for 8 weeks, 8 बार, 31 दिसंबर तक; return the place of the words too."""
    for at in (*range(place[0]), *range(place[1], len(tokens))):
        ended = _until(tokens, pattern, at, today) or _for(tokens, pattern, at)
        if ended:
            return ended
    return pattern, None


def _until(
    tokens: Tokens, pattern: Pattern, at: int, today: dt.date
) -> tuple[Pattern, tuple[int, int]] | None:
    is_led = tokens[at].text in {"until", "till"}
    found = read_day(tokens, at + 1 if is_led else at)
    if found is None or not (is_led or tokens[found[1]].text in {"तक", "tak"}):
        return None
    dates = dates_of(found[0], today).candidates
    after = found[1] if is_led else found[1] + 1
    return (replace(pattern, until=dates[0]), (at, after)) if dates else None


def _for(tokens: Tokens, pattern: Pattern, at: int) -> tuple[Pattern, tuple[int, int]] | None:
    is_led = tokens[at].text == "for"
    begin = at + 1 if is_led else at
    token = tokens[begin]
    number = token.number if token.number is not None else token.sense.number
    unit = tokens[begin + 1]
    if number is None or not 1 <= number <= MAX_COUNT:
        return None
    after = begin + 2
    if Role.TIMES in unit.sense.roles:
        return replace(pattern, times=number), (at, after)
    is_marked = is_led or tokens[after].text in _TO
    by_month = _DAYS_IN_A_MONTH if Role.MONTH in unit.sense.roles else 0
    days = _WEEK if unit.sense.unit is Unit.WEEK else by_month
    if not is_marked or not days:
        return None
    while tokens[after].text in _TO:
        after += 1
    if days == _DAYS_IN_A_MONTH and pattern.frequency is Frequency.MONTHLY:
        return replace(pattern, times=-(-number // pattern.interval)), (at, after)
    return replace(pattern, days=number * days), (at, after)


def _without(text: str, tokens: Tokens, spans: list[tuple[int, int]]) -> tuple[str, str]:
    """Return a text without some of its tokens, and their words."""
    pieces: list[str] = []
    said: list[str] = []
    begin = 0
    for first, after in sorted(spans):
        last = after
        while tokens[last].text in {"को", "ko"}:
            last += 1
        start = max(begin, tokens[first].start)
        pieces.append(text[begin:start])
        end = max(start, tokens[last - 1].end)
        said.append(text[start:end])
        begin = end
    pieces.append(text[begin:])
    return " ".join(piece for piece in map(trim, pieces) if piece), " ".join(said)
