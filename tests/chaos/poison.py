"""Every kind of record that nobody can handle, among others that are sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from shared.log.record import MAX_RECORD_BYTES, NewRecord, Record
from tests.chaos.load import Load
from tests.support.oracle import Input, Stamp

STAMP: Final = "x-chaos"
"""Names the input where a record does not say who it is."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A way to be bad, and the reason with which it must be set aside."""

    name: str
    reason: str
    value: bytes | None = None
    headers: Mapping[str, bytes | None] = field(default_factory=dict)

    def of(self, good: NewRecord) -> NewRecord:
        """Return `good` made bad."""
        headers = {name: each for name, each in {**good.headers, **self.headers}.items() if each is not None}
        return replace(good, value=good.value if self.value is None else self.value, headers=headers)


TABLE: Final = (
    Bad("not JSON", "undecodable", b"{"),
    Bad("not text", "undecodable", b"\xff\xfe\x00"),
    Bad("0 bytes", "undecodable", b""),
    Bad("nearly a megabyte of [", "undecodable", b"[" * (MAX_RECORD_BYTES - 2_000)),
    Bad("another schema", "undecodable", b'{"chat_id": 7}'),
    Bad("no id", "undecodable", headers={"ce_id": None}),
    Bad("no type", "undecodable", headers={"ce_type": None}),
    Bad(
        "no headers", "undecodable", headers=dict.fromkeys(("ce_specversion", "ce_type", "ce_id", "ce_time"))
    ),
    Bad("an unknown type", "unknown_type", headers={"ce_type": b"message.unheard_of"}),
    Bad(
        "an unknown version", "unknown_version", headers={"ce_dataschema": b"urn:chaupal:message.received:99"}
    ),
)


class PoisonLoad(Load):
    """A load whose poison is bad in each of these ways in turn; with none, `decide` raises for it."""

    def __init__(self, seed: int, count: int, table: Sequence[Bad], **options: Any) -> None:
        super().__init__(seed, count, **options)
        poisoned = [each.stamp for each in self.inputs if each.poison]
        self._table = table
        self._turns = {stamp: turn for turn, stamp in enumerate(poisoned)}
        self._by_id = {self.event_id(each).encode(): each.stamp for each in self.inputs}

    def record(self, each: Input, place: int) -> NewRecord:
        """Return the record of one input."""
        if not each.poison:
            return super().record(each, place)
        if not self._table:
            # The third part of them, whose text is no number, is what `Load` makes of place 0.
            return super().record(each, 0)
        good = super().record(replace(each, poison=False), place)
        good = replace(good, headers={**good.headers, STAMP: good.headers["ce_id"]})
        return self.kind(each.stamp).of(good)

    def kind(self, stamp: Stamp) -> Bad:
        """Return in which way an input is bad."""
        return self._table[self._turns[stamp] % len(self._table)]

    def stamp(self, record: Record) -> Stamp | None:
        """Return which input a record carries, however little it says itself."""
        return self._by_id.get(record.headers.get(STAMP, b"")) or super().stamp(record)
