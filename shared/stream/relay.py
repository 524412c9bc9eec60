"""Publishes what transactions have decided: at least once, in order, with ids that never change."""

from __future__ import annotations

import asyncio
import contextlib
import time

from shared.contracts.topics import dead_letter_topic
from shared.errors import PermanentError
from shared.faults import fault
from shared.observability.logs import get_logger
from shared.observability.metrics import DEAD_LETTERS, OUTBOX_PUBLISHED, OUTBOX_WAITING
from shared.observability.tracing import record_span
from shared.patience import Abandoned, Patience
from shared.store.client import Database, translated
from shared.store.lease import Lease
from shared.store.mailboxes import Waiting
from shared.stream.runtime import Runtime

log = get_logger(__name__)

PAGE = 500
SWEEP_SECONDS = 1.0
"""How often the outbox is looked at without being told: rows of a process that died have nobody to tell."""

OFFER_SECONDS = 10.0
"""How often dead letters that the log has refused are offered to it again."""


class Relay:
    """The one active publisher of a service; others wait for its lease to end."""

    def __init__(self, runtime: Runtime, database: Database) -> None:
        self._runtime = runtime
        self._lease = Lease(database["_leases"], "relay", runtime.clock)
        self._check = runtime.health.check(f"relay {runtime.service}")
        self._patience = Patience(f"{runtime.service}.relay", self._check)
        self._dead_letters = dead_letter_topic(runtime.service).name
        self._stopping = False
        self._offered = 0.0

    @property
    def name(self) -> str:
        """`relay <service>`."""
        return self._check.name

    def stop(self) -> None:
        """Publish what is there once more, then return."""
        self._stopping = True
        self._patience.give_up()
        self._runtime.outbox.filled.set()

    async def run(self) -> None:
        """Publish until stopped."""
        with contextlib.suppress(Abandoned):
            while not self._stopping:
                self._check.beat()
                await self._patience.insist(self.publish_all)
                self._check.ok()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._runtime.outbox.filled.wait(), SWEEP_SECONDS)
            await self._patience.insist(self.publish_all)
        await self._lease.let_go()

    async def publish_all(self) -> int:
        """Publish every waiting row, if this process is the active one; return how many that were.

        Raises:
            LogUnavailable: the log did not acknowledge; the rows stay.
            StoreUnavailable: the database does not answer.
        """
        published = 0
        self._runtime.outbox.filled.clear()
        while await self._active() and (rows := await self._runtime.outbox.next(PAGE)):
            OUTBOX_WAITING.labels(self._runtime.service).set(len(rows))
            if not self._lease.held:
                # Stopped for longer than the lease lasts: these rows may be somebody else's by now.
                continue
            await self._publish(rows)
            published += len(rows)
            if len(rows) < PAGE and not self._runtime.outbox.filled.is_set():
                break
        OUTBOX_WAITING.labels(self._runtime.service).set(0)
        return published

    async def _active(self) -> bool:
        async with translated():
            held = await self._lease.hold()
        if held and time.monotonic() - self._offered > OFFER_SECONDS:
            self._offered = time.monotonic()
            # While the log refuses dead letters consumers stand still; they go on as soon as it takes them.
            await self._runtime.outbox.offer_again(self._dead_letters)
        return held

    async def _publish(self, rows: list[Waiting]) -> None:
        try:
            await self._runtime.backend.append([row.record for row in rows])
        except PermanentError as error:
            await self._publish_singly(rows, error)
            return
        fault("after_send_before_delete")
        await self._runtime.outbox.delete([row.id for row in rows])
        now = self._runtime.clock.now()
        for row in rows:
            OUTBOX_PUBLISHED.labels(self._runtime.service, row.record.topic).inc()
            traceparent = row.record.headers.get("ce_traceparent", b"").decode("utf-8", "replace")
            record_span(f"{self._runtime.service}.outbox", traceparent, row.at, now)

    async def _publish_singly(self, rows: list[Waiting], error: PermanentError) -> None:
        """Find the row the log refuses; the others go out, and it stays for a person to look at."""
        if len(rows) > 1:
            for row in rows:
                await self._publish([row])
            return
        await self._runtime.outbox.refuse(rows[0].id, error.code)
        DEAD_LETTERS.labels(f"{self._runtime.service}.relay", error.code).inc()
        log.error("relay.refused", service=self._runtime.service, topic=rows[0].record.topic, code=error.code)
