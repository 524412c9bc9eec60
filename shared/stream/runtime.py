"""What all loops of one service share."""

from __future__ import annotations

from dataclasses import dataclass

from shared.clock import Clock
from shared.log.backend import Backend
from shared.observability.health import Health
from shared.store.client import Database, Mongo
from shared.store.mailboxes import Inbox, Outbox
from shared.store.parking import Parking
from shared.store.timers import Timers
from shared.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Runtime:
    """The log, the store and the senses of one service."""

    service: str
    backend: Backend
    unit_of_work: UnitOfWork
    inbox: Inbox
    outbox: Outbox
    parking: Parking
    timers: Timers
    clock: Clock
    health: Health

    @classmethod
    def of(
        cls,
        service: str,
        *,
        backend: Backend,
        mongo: Mongo,
        database: Database,
        clock: Clock,
        health: Health,
    ) -> Runtime:
        """Return the runtime of `service`, whose collections are in `database`."""
        return cls(
            service,
            backend,
            UnitOfWork(mongo),
            Inbox(database, clock),
            Outbox(database, clock),
            Parking(database, clock),
            Timers(database),
            clock,
            health,
        )
