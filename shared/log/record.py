"""A record of the log, before it is written and after it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_RECORD_BYTES = 1_000_000
"""Largest record on any log: Kafka's default limit of 1 MiB, less the room that its framing takes."""


SET_ASIDE = "x-dlq-"
"""Begins the headers that say why a record was set aside: short, and written by nobody but us."""

OURS = (SET_ASIDE, "x-retry-", "x-not-before")
"""Begin the headers that we write on a record: why it was set aside, and when to try it again."""


class Partition(NamedTuple):
    """One ordered part of a topic.

    A tuple, because every record is looked up by it several times over: its hash is the interpreter's own.
    """

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to append; records of one topic with the same key stay in order."""

    topic: str
    key: bytes
    value: bytes
    headers: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The bytes that count towards the limit, headers included.

        What is ours does not count, or the largest record that may be written could be neither set aside
        nor tried again.
        """
        size = len(self.key) + len(self.value)
        for name, value in self.headers.items():
            if not name.startswith(OURS):
                size += len(name) + len(value)
        return size


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands in the log."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: Mapping[str, bytes]

    @property
    def source(self) -> Partition:
        """The partition it stands in."""
        return Partition(self.topic, self.partition)

    @property
    def next_offset(self) -> int:
        """What to commit once this record is done."""
        return self.offset + 1
