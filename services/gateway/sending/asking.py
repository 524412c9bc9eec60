"""Takes messages that REST clients want sent: each key stands for one message, however often it comes."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from shared.asked import Asked
from shared.contracts.envelope import originate
from shared.contracts.gateway import MessageSend
from shared.errors import Conflict
from shared.observability.tracing import record_root, root_traceparent
from shared.store.unit_of_work import Session
from shared.stream.rows import to_record
from shared.stream.runtime import Runtime

SOURCE = "/chaupal/gateway.api"


class Requests(Protocol):
    """Where idempotency keys are kept."""

    async def load(self, session: Session, key: str) -> Asked | None:
        """Return what was asked for under `key`."""
        ...

    async def add(self, session: Session, key: str, asked: Asked, at: dt.datetime) -> None:
        """Keep what was asked for under `key`."""
        ...


class KeyTaken(Conflict):
    """The key of a request stands for another message."""


class Counter:
    """Where messages are handed in."""

    def __init__(self, runtime: Runtime, requests: Requests) -> None:
        self._runtime = runtime
        self._requests = requests

    async def take(self, key: str, asked: Asked, send: MessageSend) -> bool:
        """Hand in `send` unless it was handed in before under this key; return whether it was not.

        Raises:
            KeyTaken: something else was asked for under the same key.
            StoreUnavailable: the database does not answer.
        """
        now = self._runtime.clock.now()
        command = originate(send, event_id=asked.id, source=SOURCE, key=send.chat_id, time=now)
        command = command.at(root_traceparent(command.id))

        async def work(session: Session) -> bool:
            before = await self._requests.load(session, key)
            if before is not None:
                if before != asked:
                    raise KeyTaken("Another message was asked for under this Idempotency-Key.")
                return False
            await self._requests.add(session, key, asked, now)
            await self._runtime.outbox.add(session, [to_record(command)])
            return True

        try:
            new = await self._runtime.unit_of_work.run(work)
        except KeyTaken:
            raise
        except Conflict:
            # The same request came twice at once, and the other one was faster: now it can be seen.
            new = await self._runtime.unit_of_work.run(work)
        if new:
            self._runtime.outbox.filled.set()
            record_root("request", command.traceparent, now, self._runtime.clock.now(), desk="gateway.api")
        return new
