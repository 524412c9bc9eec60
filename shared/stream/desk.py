"""Takes decisions that a request asks for, in the same way as those that an event asks for."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared.decision import Decision
from shared.observability.logs import get_logger
from shared.observability.metrics import DECISIONS
from shared.observability.tracing import record_root, root_traceparent
from shared.replies import Speaker
from shared.store.unit_of_work import Session
from shared.stream.rows import rows_of, timers_of
from shared.stream.runtime import Runtime
from shared.stream.states import LoadedStates
from shared.stream.subscription import Bundle, States

log = get_logger(__name__)

StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the cause of what follows from it."""

    id: str
    time: dt.datetime
    traceparent: str | None = None

    @property
    def correlation_id(self) -> str:
        """The request itself: nothing came before it."""
        return self.id


class Desk(Generic[StateT]):
    """Decides on one kind of state, or a bundle of several, at the request of a REST client."""

    def __init__(
        self, name: str, states: States[StateT] | Bundle[StateT], runtime: Runtime, speaker: Speaker
    ) -> None:
        self._name = name
        self._states = states
        self._runtime = runtime
        self._speaker = speaker

    async def decide(
        self,
        key: Any,
        decide: Callable[[StateT, dt.datetime], Decision[StateT]],
    ) -> StateT:
        """Return the state of `key` after `decide`, once it is durable with all that follows from it.

        Raises:
            Rejected: whatever `decide` raises.
            StoreUnavailable: the database does not answer.
        """
        request_id = str(uuid.uuid4())
        request = Request(request_id, self._runtime.clock.now(), root_traceparent(request_id))

        async def work(session: Session) -> Decision[StateT]:
            loaded = await LoadedStates.touched_by(session, [(self._states, key)])
            touched = loaded.touched(self._states, key)
            decision = decide(touched.state, request.time)
            loaded.keep(touched, decision.state)
            await loaded.save(session)
            rows = rows_of(decision, request, self._name, self._speaker, request.time)
            await self._runtime.outbox.add(session, rows)
            await self._runtime.timers.apply(session, timers_of(decision, request, self._name))
            return decision

        decision = await self._runtime.unit_of_work.run(work)
        record_root("request", request.traceparent, request.time, self._runtime.clock.now(), desk=self._name)
        self._runtime.outbox.filled.set()
        self._runtime.timers.changed.set()
        if decision.note:
            DECISIONS.labels(self._name, decision.note).inc()
            log.info("desk.decided", desk=self._name, note=decision.note, correlation_id=request.id)
        return decision.state
