"""Records that are tried again later: what they carry, and whose turn it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shared.contracts.topics import Topic
from shared.errors import Undecodable
from shared.log.record import OURS, SET_ASIDE, NewRecord, Partition, Record

NOT_BEFORE = "x-not-before"
PREFIX = "x-retry-"
REPLAYED = "replay"
"""Reason of a record that somebody asked to be handled again."""


@dataclass(frozen=True, slots=True)
class Retried:
    """What a record says that comes back to a consumer."""

    consumer: str
    attempts: int
    """How often it has rested in a tier, counted anew by a replay."""
    not_before: dt.datetime
    reason: str
    topic: str
    partition: int
    offset: int
    """Where it first stood."""


def original_headers(headers: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the headers that a record had before we wrote ours beside them."""
    return {name: value for name, value in headers.items() if not name.startswith(OURS)}


def retry_record(
    record: Record, *, topic: Topic, consumer: str, attempts: int, not_before: dt.datetime, reason: str
) -> NewRecord:
    """Return the record that brings `record` back to `consumer` on `topic`, not before `not_before`."""
    origin = _origin(record)
    ours = {
        NOT_BEFORE: not_before.isoformat(),
        f"{PREFIX}consumer": consumer,
        f"{PREFIX}attempts": str(attempts),
        f"{PREFIX}reason": reason,
        **origin,
    }
    headers = original_headers(record.headers) | {name: text.encode() for name, text in ours.items()}
    return NewRecord(topic.name, record.key, record.value, headers)


def retried(record: Record) -> Retried:
    """Return what the headers of `record` say about its return.

    Raises:
        Undecodable: it does not say so.
    """
    try:
        texts = {name: value.decode() for name, value in record.headers.items() if name.startswith(OURS)}
        not_before = dt.datetime.fromisoformat(texts[NOT_BEFORE])
        if not_before.tzinfo is None:
            raise Undecodable("The record does not say in which zone it is to be tried again.")
        return Retried(
            consumer=texts[f"{PREFIX}consumer"],
            attempts=int(texts[f"{PREFIX}attempts"]),
            not_before=not_before,
            reason=texts[f"{PREFIX}reason"],
            topic=texts[f"{PREFIX}topic"],
            partition=int(texts[f"{PREFIX}partition"]),
            offset=int(texts[f"{PREFIX}offset"]),
        )
    except (KeyError, ValueError, OverflowError) as error:
        raise Undecodable("The record does not say who is to try it again, and when.") from error


def split_due(
    records: Sequence[Record], again: Collection[str], now: dt.datetime
) -> tuple[list[Record], dict[Partition, tuple[int, float]]]:
    """Return the records whose time has come, and from which offset each other partition rests how long.

    Args:
        records: as they were read, in order within each partition.
        again: the topics whose records rest.
        now: the time.
    """
    ready: list[Record] = []
    resting: dict[Partition, tuple[int, float]] = {}
    for record in records:
        if record.topic in again:
            if record.source in resting:
                continue
            if (seconds := _seconds_left(record, now)) > 0:
                resting[record.source] = (record.offset, seconds)
                continue
        ready.append(record)
    return ready, resting


def _seconds_left(record: Record, now: dt.datetime) -> float:
    try:
        return (retried(record).not_before - now).total_seconds()
    except Undecodable:
        # It is set aside at once: nothing is gained by letting it rest.
        return 0.0


def _origin(record: Record) -> dict[str, str]:
    """Return where `record` first stood: it may have rested before, or have been set aside."""
    for prefix in (PREFIX, SET_ASIDE):
        found = {part: record.headers.get(f"{prefix}{part}") for part in ("topic", "partition", "offset")}
        if all(found.values()):
            return {
                f"{PREFIX}{part}": (text or b"").decode("utf-8", "replace") for part, text in found.items()
            }
    here = {"topic": record.topic, "partition": str(record.partition), "offset": str(record.offset)}
    return {f"{PREFIX}{part}": text for part, text in here.items()}
