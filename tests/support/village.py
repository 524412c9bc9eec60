"""A service in memory: its whole table of handlers, states in dictionaries, and a clock that is set by hand.

What a decision emits comes back to the handlers as it would from the log, its timers fire when the clock
passes them, and all that is said is kept in order.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar

from shared.contracts.base import EventModel
from shared.contracts.envelope import Cause, Envelope, decode
from shared.contracts.gateway import MessageSend
from shared.decision import Decision
from shared.log.record import NewRecord
from shared.replies import Speaker
from shared.store.timers import Timer
from shared.store.unit_of_work import Session
from shared.stream.desk import Request
from shared.stream.rows import rows_of, timers_of
from shared.stream.states import LoadedStates
from shared.stream.subscription import Subscription

StateT = TypeVar("StateT")
EventT = TypeVar("EventT", bound=EventModel)
NO_SESSION: Any = None


class InMemory(Generic[StateT]):
    """States in a dictionary."""

    def __init__(self, initial: Callable[[str], StateT]) -> None:
        self.kept: dict[str, StateT] = {}
        self._initial = initial

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, StateT]:
        """Return the state of every key."""
        del session
        return {key: self.kept[key] if key in self.kept else self._initial(key) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, StateT]) -> None:
        """Keep `changed`; what is None is gone."""
        del session
        self.kept.update({key: state for key, state in changed.items() if state is not None})
        for key, state in changed.items():
            if state is None:
                self.kept.pop(key, None)


class Village:
    """A running service without a broker, a database or a real clock."""

    def __init__(self, subscription: Subscription, speaker: Speaker, now: dt.datetime) -> None:
        self.now = now
        self.said: list[MessageSend] = []
        self.facts: list[EventModel] = []
        self.notes: list[str] = []
        self.ids: list[str] = []
        """Of everything that was published, in order: what is published twice has the same id."""
        self.timers: dict[str, Timer] = {}
        self._subscription = subscription
        self._speaker = speaker
        self._waiting: deque[Envelope[Any]] = deque()

    async def happens(self, *events: Envelope[Any]) -> None:
        """Hand events to the service, and all that follows from them at once."""
        self._waiting.extend(events)
        while self._waiting:
            await self._handle(self._waiting.popleft())

    async def passes(self, **span: float) -> None:
        """Let time pass; timers fire on the way, each at its own time."""
        await self.until(self.now + dt.timedelta(**span))

    async def until(self, then: dt.datetime) -> None:
        """Let time pass up to then."""
        while due := self._due(then):
            name, timer = due
            del self.timers[name]
            self.now = max(self.now, timer.due)
            # As the timekeeper does: an event happens when it is published, whenever it was due.
            await self.happens(replace(decoded(timer.record), time=self.now))
        self.now = max(self.now, then)

    async def sleeps_until(self, then: dt.datetime) -> None:
        """Let time pass while the service is down: what was due fires once it is up again."""
        self.now = then
        await self.until(then)

    async def asks(
        self, states: Any, subject: Any, decide: Callable[[Any, dt.datetime], Decision[Any]]
    ) -> Any:
        """Decide as a desk does at the request of a REST client, and return the new state."""
        loaded = await LoadedStates.touched_by(NO_SESSION, [(states, subject)])
        touched = loaded.touched(states, subject)
        decision = decide(touched.state, self.now)
        loaded.keep(touched, decision.state)
        await loaded.save(NO_SESSION)
        cause = Request(f"request-{len(self.ids)}", self.now)
        self._follow(decision, cause)
        await self.happens()
        return decision.state

    def heard(self, kind: type[EventT]) -> list[EventT]:
        """Return the facts of one type that were published, in order."""
        return [each for each in self.facts if isinstance(each, kind)]

    @property
    def last(self) -> str:
        """The text that was said last."""
        return self.said[-1].text

    def texts(self, *, privately: bool = False) -> list[str]:
        """Return what was said in chats, or to members alone."""
        return [each.text for each in self.said if (each.member_id is not None) is privately]

    async def _handle(self, event: Envelope[Any]) -> None:
        handler = self._subscription.handler_of(event.data)
        if handler is None:
            return
        subject = handler.key(event.data)
        loaded = await LoadedStates.touched_by(NO_SESSION, [(handler.states, subject)])
        touched = loaded.touched(handler.states, subject)
        decision = handler.decide(touched.state, event, self.now)
        loaded.keep(touched, decision.state)
        await loaded.save(NO_SESSION)
        self._follow(decision, event)

    def _follow(self, decision: Decision[Any], cause: Cause) -> None:
        if decision.note:
            self.notes.append(decision.note)
        rows = rows_of(decision, cause, self._subscription.consumer, self._speaker, self.now)
        for name, timer in timers_of(decision, cause, self._subscription.consumer).items():
            self.timers.pop(name, None)
            if timer is not None:
                self.timers[name] = timer
        for envelope in map(decoded, rows):
            self.ids.append(envelope.id)
            if isinstance(envelope.data, MessageSend):
                self.said.append(envelope.data)
            else:
                self.facts.append(envelope.data)
                self._waiting.append(envelope)

    def _due(self, then: dt.datetime) -> tuple[str, Timer] | None:
        due = [(name, each) for name, each in self.timers.items() if each.due <= then]
        return min(due, key=lambda each: (each[1].due, each[0]), default=None)


def decoded(record: NewRecord) -> Envelope[Any]:
    """Return the event in a record, as a consumer reads it."""
    return decode(record.value, record.headers)
