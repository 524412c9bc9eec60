"""What a consumer tells operators: counts, lines in the log, lag, and that it has halted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence

from shared.log.backend import Consumer
from shared.log.record import Partition
from shared.observability.health import Health
from shared.observability.logs import get_logger
from shared.observability.metrics import (
    DEAD_LETTERS,
    DECISIONS,
    LOG_LAG,
    PARTITIONS_HALTED,
    RECORDS_HANDLED,
    RETRIES,
)
from shared.stream.item import Result, What

log = get_logger(__name__)

LAG_SECONDS = 5.0


class Report:
    """The voice of one consumer."""

    def __init__(self, consumer: str, health: Health) -> None:
        self._consumer = consumer
        self._check = health.check(f"dead letters of {consumer}")
        self._check.ok()
        self._halted: frozenset[Partition] = frozenset()
        self._reported = 0.0

    def skipped(self, count: int) -> None:
        """Count records that do not concern this consumer."""
        RECORDS_HANDLED.labels(self._consumer, "skipped").inc(count)

    def counted(self, what: What) -> None:
        """Count what became of one record."""
        RECORDS_HANDLED.labels(self._consumer, str(what)).inc()

    def results(self, results: Sequence[Result]) -> None:
        """Tell what became of records, once that is durable."""
        consumer = self._consumer
        for what, count in Counter(result.what for result in results).items():
            RECORDS_HANDLED.labels(consumer, str(what)).inc(count)
        for (what, reason), count in Counter(
            (result.what, result.reason) for result in results if result.reason
        ).items():
            if what is What.SET_ASIDE:
                self.set_aside(str(reason), count)
            else:
                self.rests(str(reason), count)
        for note, count in Counter(result.note for result in results if result.note).items():
            DECISIONS.labels(consumer, note).inc(count)
        for result in results:
            if result.note and result.item.envelope:
                correlation_id = result.item.envelope.correlation_id
                log.info(
                    "consumer.decided", consumer=consumer, note=result.note, correlation_id=correlation_id
                )

    def set_aside(self, reason: str, count: int = 1) -> None:
        """Tell that records became dead letters."""
        DEAD_LETTERS.labels(self._consumer, reason).inc(count)
        log.error("consumer.dead_lettered", consumer=self._consumer, reason=reason, count=count)

    def rests(self, tier: str, count: int = 1) -> None:
        """Tell that records will be tried again later."""
        RETRIES.labels(self._consumer, tier).inc(count)
        log.warning("consumer.retried_later", consumer=self._consumer, tier=tier, count=count)

    def halted(self, partitions: Collection[Partition]) -> None:
        """Tell that so many records were set aside that `partitions` are not read on."""
        if new := frozenset(partitions) - self._halted:
            self._halted |= new
            PARTITIONS_HALTED.labels(self._consumer).set(len(self._halted))
            self._check.failing("halted: too many dead letters")
            for partition in new:
                log.critical(
                    "consumer.halted",
                    consumer=self._consumer,
                    topic=partition.topic,
                    partition=partition.number,
                )

    async def lag(self, consumer: Consumer) -> None:
        """Measure, every few seconds, how far the consumer is behind."""
        now = asyncio.get_running_loop().time()
        if now - self._reported >= LAG_SECONDS:
            self._reported = now
            for topic, records in (await consumer.lag()).items():
                LOG_LAG.labels(self._consumer, topic).set(records)
