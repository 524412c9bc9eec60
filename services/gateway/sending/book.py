"""What the sender has done, durably: without it a crash would send twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from services.gateway.domain.delivery import Delivery
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, follow
from shared.contracts.gateway import MessageSend
from shared.store.unit_of_work import Session
from shared.stream.rows import to_record
from shared.stream.runtime import Runtime

CONSUMER = "gateway.sender"


class Deliveries(Protocol):
    """Where deliveries are kept."""

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Delivery | None]:
        """Return the delivery of every send id."""
        ...

    async def save(self, session: Session, changed: Mapping[str, Delivery | None]) -> None:
        """Store `changed`."""
        ...

    async def add(self, delivery: Delivery) -> bool:
        """Store a delivery that is new; return False, and change nothing, where there is one already."""
        ...

    async def find(self, send_id: str) -> Delivery | None:
        """Return the delivery of a send id."""
        ...


class Unsaid(Protocol):
    """Where it is kept what may be said in a chat later."""

    async def keep(self, send_id: str, send: MessageSend) -> None:
        """Keep what may be said later; said again it changes nothing."""
        ...


class Book:
    """Keeps a delivery for each command, and says in the same breath what became of it."""

    def __init__(self, runtime: Runtime, deliveries: Deliveries, unsaid: Unsaid) -> None:
        self._runtime = runtime
        self._deliveries = deliveries
        self._unsaid = unsaid

    def now(self) -> dt.datetime:
        """Return the time."""
        return self._runtime.clock.now()

    async def begin(self, delivery: Delivery) -> bool:
        """Note a command that is new; return False, and change nothing, where it is known.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await self._deliveries.add(delivery)

    async def keep(self, command: Envelope[MessageSend]) -> None:
        """Keep what is to be said in the chat, should the member alone turn out not to have been reached.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        await self._unsaid.keep(command.id, command.data)

    async def find(self, command_id: str) -> Delivery | None:
        """Return what is noted of a command.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await self._deliveries.find(command_id)

    async def record(
        self,
        command: Envelope[EventModel],
        fresh: Delivery,
        change: Callable[[Delivery], Delivery],
        fact: EventModel | None = None,
    ) -> Delivery:
        """Apply `change` to what is noted, else to `fresh`; if it made one, add the fact that tells of it.

        Raises:
            StoreUnavailable: the database does not answer.
        """

        async def work(session: Session) -> Delivery:
            stored = (await self._deliveries.load(session, [command.id]))[command.id]
            after = change(stored or fresh)
            await self._deliveries.save(session, {command.id: after})
            if fact is not None and after is not stored:
                event = follow(
                    command, fact, consumer=CONSUMER, ordinal=0, key=fresh.chat_id, time=self.now()
                )
                await self._runtime.outbox.add(session, [to_record(event)])
            return after

        delivery = await self._runtime.unit_of_work.run(work)
        if fact is not None:
            self._runtime.outbox.filled.set()
        return delivery
