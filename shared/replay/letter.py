"""A dead letter as a person sees it: read from whatever headers it has, without trusting any of them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.log.record import SET_ASIDE, Record

MAX_TEXT = 256
"""Longest text that is read out of a header or a key: ours are short, and hostile ones are not."""

MAX_DIGITS = 9

OUTBOX = "outbox-"
"""Begins the id of what is no letter but a row of the outbox that the log has refused."""

UNKNOWN = "unknown"
"""The reason of a letter that does not name one."""

_PLACE = re.compile(r"([0-9]{1,5})-([0-9]{1,19})")
_ROW = re.compile(OUTBOX + r"[0-9]{1,20}-[0-9a-f]{1,16}")

# What joins the letters of Hindi: a text without it is another text.
_JOINERS = "\u200c\u200d"
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class State(StrEnum):
    """What has been done about a letter."""

    OPEN = "open"
    REPLAYED = "replayed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody did about a letter."""

    state: State
    at: dt.datetime
    by: str
    times: int
    """How often it was replayed."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the record stood when it could not be handled."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is known of one letter; every text in it is safe to print."""

    id: str
    """`<partition>-<offset>` on the dead letter topic, or `outbox-<row>`."""
    consumer: str | None
    reason: str
    error: str | None
    origin: Origin | None
    at: dt.datetime | None
    attempts: int
    version: str | None
    type: str | None
    event_id: str | None
    correlation_id: str | None
    key: str
    size: int
    mark: Mark | None = None

    @property
    def state(self) -> State:
        """What has been done about it."""
        return State.OPEN if self.mark is None else self.mark.state

    @property
    def refused(self) -> bool:
        """Whether it is a row of the outbox that the log has refused, and not a letter on the log."""
        return self.id.startswith(OUTBOX)


@dataclass(frozen=True, slots=True)
class Opened:
    """A letter with the record itself, which is as private as the topic it came from."""

    letter: Letter
    record: Record


def letter_of(record: Record, mark: Mark | None = None) -> Letter:
    """Return the letter that `record`, read from a dead letter topic, stands for.

    A header that is missing or unreadable leaves its field empty: such a letter must be seen all the more.
    """
    headers = record.headers
    return Letter(
        id=f"{record.partition}-{record.offset}",
        consumer=_text(headers, f"{SET_ASIDE}consumer"),
        reason=_text(headers, f"{SET_ASIDE}reason") or UNKNOWN,
        error=_text(headers, f"{SET_ASIDE}error"),
        origin=_origin(headers),
        at=_instant(headers, f"{SET_ASIDE}at"),
        attempts=_number(headers, f"{SET_ASIDE}attempts") or 1,
        version=_text(headers, f"{SET_ASIDE}version"),
        type=_text(headers, "ce_type"),
        event_id=_text(headers, "ce_id"),
        correlation_id=_text(headers, "ce_correlationid"),
        key=printable(record.key),
        size=size_of(record),
        mark=mark,
    )


def size_of(record: Record) -> int:
    """Return how many bytes `record` takes, headers included."""
    headers = sum(len(name.encode("utf-8", "replace")) + len(value) for name, value in record.headers.items())
    return len(record.key) + len(record.value) + headers


def is_letter_id(text: str) -> bool:
    """Return whether `text` can be the id of a letter or of a refused row."""
    return bool(_PLACE.fullmatch(text) or _ROW.fullmatch(text))


def order_of(letter_id: str) -> tuple[int, int, int, str]:
    """Return what letters are sorted by: as they stand on the topic, refused rows behind them."""
    place = _PLACE.fullmatch(letter_id)
    return (1, 0, 0, letter_id) if place is None else (0, int(place[1]), int(place[2]), "")


def printable(data: bytes, limit: int | None = MAX_TEXT) -> str:
    """Return `data` as text that a terminal shows and does not obey, cut at `limit` characters."""
    head = data if limit is None else data[: 4 * limit]
    shown = escaped(head.decode("utf-8", "backslashreplace"))
    cut = limit is not None and (len(shown) > limit or len(head) < len(data))
    return f"{shown[:limit]}…" if cut else shown


def escaped(text: str) -> str:
    """Return `text` with each character that steers a terminal or reverses a line replaced by its number."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if _harmless(each) else f"\\u{ord(each):04x}" for each in text)


def _harmless(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _UNSAFE


def _text(headers: Mapping[str, bytes], name: str) -> str | None:
    value = headers.get(name)
    return printable(value) if value else None


def _number(headers: Mapping[str, bytes], name: str, digits: int = MAX_DIGITS) -> int | None:
    value = headers.get(name, b"")
    # `isdigit` of bytes knows ASCII alone; the length first, for a number of thousands of digits is an error.
    return int(value) if len(value) <= digits and value.isdigit() else None


def _instant(headers: Mapping[str, bytes], name: str) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(headers[name].decode())
        return None if at.tzinfo is None else at.astimezone(dt.UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def _origin(headers: Mapping[str, bytes]) -> Origin | None:
    topic = _text(headers, f"{SET_ASIDE}topic")
    partition = _number(headers, f"{SET_ASIDE}partition")
    offset = _number(headers, f"{SET_ASIDE}offset", 19)
    if topic is None or partition is None or offset is None:
        return None
    return Origin(topic, partition, offset)
