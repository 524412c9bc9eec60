"""Publishes what was to be published later: once, through restarts, and not at all when it is too late."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Sequence

from shared.contracts.envelope import LATE
from shared.log.record import NewRecord
from shared.observability.logs import get_logger
from shared.observability.metrics import TIMER_LATE_SECONDS, TIMERS_FIRED
from shared.patience import Abandoned, Patience
from shared.store.client import Database, translated
from shared.store.lease import Lease
from shared.store.timers import Timer
from shared.store.unit_of_work import Session
from shared.stream.runtime import Runtime

log = get_logger(__name__)

PAGE = 200
SWEEP_SECONDS = 1.0
"""How often the timers are looked at without being told: another process may have set one."""


class Timekeeper:
    """Fires the timers of a service.

    Firing is one transaction that takes the timer away and puts its record into the outbox: a timer that
    two processes fire at once is fired by one of them. The lease only spares them that race.
    """

    def __init__(self, runtime: Runtime, database: Database) -> None:
        self._runtime = runtime
        self._lease = Lease(database["_leases"], "timers", runtime.clock)
        self._check = runtime.health.check(f"timers {runtime.service}")
        self._patience = Patience(f"{runtime.service}.timers", self._check)
        self._stopping = False

    @property
    def name(self) -> str:
        """`timers <service>`."""
        return self._check.name

    def stop(self) -> None:
        """Fire nothing more."""
        self._stopping = True
        self._patience.give_up()
        self._runtime.timers.changed.set()

    async def run(self) -> None:
        """Fire what comes due until stopped."""
        with contextlib.suppress(Abandoned):
            while not self._stopping:
                self._check.beat()
                self._runtime.timers.changed.clear()
                seconds = await self._patience.insist(self._fire_all)
                self._check.ok()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._runtime.timers.changed.wait(), seconds)
        await self._lease.let_go()

    async def _fire_all(self) -> float:
        """Fire what is due, and return after how many seconds to look again."""
        async with translated():
            active = await self._lease.hold()
        if not active:
            return SWEEP_SECONDS
        while not self._stopping:
            self._check.beat()
            due = await self._runtime.timers.next_due()
            left = SWEEP_SECONDS if due is None else (due - self._runtime.clock.now()).total_seconds()
            if left > 0:
                return min(SWEEP_SECONDS, left)
            await self.fire()
        return 0.0

    async def fire(self) -> int:
        """Fire up to `PAGE` timers that are due; return how many were, those that came too late included.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        now = self._runtime.clock.now()

        async def work(session: Session) -> list[Timer]:
            due = await self._runtime.timers.due(session, now, PAGE)
            if due:
                await self._runtime.timers.remove(session, [timer.name for timer in due])
                fired = [_fired(timer, now) for timer in due if now <= timer.expires]
                await self._runtime.outbox.add(session, fired)
            return due

        due = await self._runtime.unit_of_work.run(work)
        self._tell(due, now)
        return len(due)

    def _tell(self, due: Sequence[Timer], now: dt.datetime) -> None:
        service = self._runtime.service
        if due:
            self._runtime.outbox.filled.set()
        for timer in due:
            late = now - timer.due
            if now > timer.expires:
                TIMERS_FIRED.labels(service, "expired").inc()
                correlation_id = timer.record.headers.get("ce_correlationid", b"").decode()
                log.warning("timers.expired", service=service, correlation_id=correlation_id)
                continue
            TIMERS_FIRED.labels(service, "late" if late > LATE else "on_time").inc()
            TIMER_LATE_SECONDS.labels(service).observe(late.total_seconds())


def _fired(timer: Timer, now: dt.datetime) -> NewRecord:
    record = timer.record
    headers = {**record.headers, "ce_time": now.isoformat().encode()}
    return NewRecord(record.topic, record.key, record.value, headers)
