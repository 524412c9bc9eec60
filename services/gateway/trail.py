"""Collects the stations of every message from the headers of all that is on the log; no body is ever read."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from services.gateway.domain.hop import Detour, Hop
from shared.contracts.topics import TOPICS
from shared.log.backend import Consumer
from shared.log.record import Record
from shared.observability.metrics import LOG_LAG, RECORDS_HANDLED
from shared.observability.tracing import place_in_trace
from shared.patience import Abandoned, Patience
from shared.stream.runtime import Runtime

CONSUMER = "gateway.trail"
BATCH = 500
POLL_SECONDS = 0.5
LAG_SECONDS = 5.0

LINGER_SECONDS = 1.0
"""Rest after a batch that was not full: one write a second costs the others nothing, one per record would."""

TRAVELLED = tuple(topic.name for topic in TOPICS if not (topic.private and topic.types))
"""Where messages pass: all topics but private ones. Dead letters and retries, which have no types of their
own, are private for what they may hold, and of that nothing is read here."""

_WORD = re.compile(rb"[A-Za-z0-9_.:/+-]{1,128}")
"""Ids, types, names of programs, times. A sentence or a name in another script is none."""


class Hops(Protocol):
    """Where hops are kept."""

    async def add(self, hops: Sequence[Hop]) -> None:
        """Keep `hops`; those that are kept already stay as they are."""
        ...


class Trail:
    """Reads what everybody says, and keeps who said it when."""

    def __init__(self, runtime: Runtime, hops: Hops, linger_seconds: float = LINGER_SECONDS) -> None:
        self._runtime = runtime
        self._hops = hops
        self._linger = linger_seconds
        self._check = runtime.health.check(f"consumer {CONSUMER}")
        self._patience = Patience(CONSUMER, self._check)
        self._stopping = False
        self._reported = 0.0

    @property
    def name(self) -> str:
        """`consumer gateway.trail`."""
        return self._check.name

    @property
    def consumer(self) -> str:
        """The name of its group."""
        return CONSUMER

    @property
    def topics(self) -> Collection[str]:
        """What it reads."""
        return TRAVELLED

    def stop(self) -> None:
        """Keep the batch in flight, commit, leave the group."""
        self._stopping = True
        self._patience.give_up()

    async def run(self) -> None:
        """Collect until stopped."""
        with contextlib.suppress(Abandoned):
            consumer = await self._patience.insist(
                lambda: self._runtime.backend.subscribe(CONSUMER, TRAVELLED)
            )
            try:
                self._check.ok()
                while not self._stopping:
                    self._check.beat()
                    await self._round(consumer)
            finally:
                await consumer.close()

    async def _round(self, consumer: Consumer) -> None:
        records = await self._patience.insist(lambda: consumer.poll(BATCH, POLL_SECONDS))
        await self._report_lag(consumer)
        if not records:
            return
        found = [hop_of(record, self._runtime.clock.now()) for record in records]
        hops = [hop for hop in found if hop is not None]
        # A rebalance may take the partitions meanwhile. Their new owner then adds the same hops to no effect.
        await self._patience.insist(lambda: self._hops.add(hops), between=consumer.idle)
        next_offsets = {record.source: record.next_offset for record in records}
        await self._patience.insist(lambda: consumer.commit(next_offsets), between=consumer.idle)
        RECORDS_HANDLED.labels(CONSUMER, "applied").inc(len(hops))
        RECORDS_HANDLED.labels(CONSUMER, "skipped").inc(len(records) - len(hops))
        if len(records) < BATCH:
            await self._patience.rest(self._linger)

    async def _report_lag(self, consumer: Consumer) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._reported >= LAG_SECONDS:
            self._reported = now
            for topic, records in (await consumer.lag()).items():
                LOG_LAG.labels(CONSUMER, topic).set(records)


def hop_of(record: Record, now: dt.datetime) -> Hop | None:
    """Return what the headers of `record` tell, None where they are not those of an event of ours.

    Args:
        record: as it was read; its key and value are not looked at.
        now: when it was read, for what carries no time of its own.
    """
    headers = record.headers
    trip, event_id = _word(headers, "ce_correlationid"), _word(headers, "ce_id")
    type_, source = _word(headers, "ce_type"), _word(headers, "ce_source")
    set_aside, retried = _detour(headers, "x-dlq-"), _detour(headers, "x-retry-")
    when = "x-dlq-at" if set_aside else "x-not-before" if retried else "ce_time"
    at = _time(headers, when) or (now if set_aside or retried else None)
    if trip is None or event_id is None or type_ is None or source is None or at is None:
        return None
    return Hop(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        correlation_id=trip,
        event_id=event_id,
        type=type_,
        source=source,
        at=at,
        causation_id=_word(headers, "ce_causationid"),
        span=(place_in_trace(_word(headers, "ce_traceparent")) or (None, None))[1],
        set_aside=set_aside,
        retried=None if set_aside else retried,
    )


def _detour(headers: Mapping[str, bytes], prefix: str) -> Detour | None:
    consumer, attempts = _word(headers, f"{prefix}consumer"), _word(headers, f"{prefix}attempts")
    if consumer is None:
        return None
    number = int(attempts) if attempts and attempts.isdigit() and len(attempts) <= 4 else None  # noqa: PLR2004
    return Detour(consumer, _word(headers, f"{prefix}reason"), number)


def _time(headers: Mapping[str, bytes], name: str) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(_word(headers, name) or "")
        return at.astimezone(dt.UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _word(headers: Mapping[str, bytes], name: str) -> str | None:
    value = headers.get(name)
    return value.decode("ascii") if value is not None and _WORD.fullmatch(value) else None
