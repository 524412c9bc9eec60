"""What a service listens to: its table of contents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope
from shared.contracts.topics import again_topics, topic_of
from shared.decision import Decision
from shared.store.unit_of_work import Session

DataT = TypeVar("DataT", bound=EventModel)
StateT = TypeVar("StateT")


class States(Protocol[StateT]):
    """Where a service keeps the state that its decisions are made on."""

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, StateT]:
        """Return the state of every key, the initial one where nothing is stored."""
        ...

    async def save(self, session: Session, changed: Mapping[str, StateT]) -> None:
        """Store `changed`."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of state in a bundle."""

    states: States[Any]
    keys: Callable[[Any, Mapping[str, Any]], Collection[str]]
    """Which of them a subject touches, given the parts before this one by their names."""
    many: bool = False
    """Whether the part is a mapping by key, to which a decision may add, and not one state or None."""


@dataclass(frozen=True, slots=True)
class Bundle(Generic[StateT]):
    """States of several kinds that one decision is made on, kept in one transaction."""

    make: Callable[..., StateT]
    """Puts a bundle's parts together: a frozen dataclass with a field of each part's name."""
    parts: Mapping[str, Part]


@dataclass(frozen=True, slots=True)
class Handler(Generic[DataT, StateT]):
    """One line of the table: for this event, load what it touches and decide."""

    event: type[DataT]
    key: Callable[[DataT], Any]
    """The key of the state, or what a bundle's parts take their keys from."""
    states: States[StateT] | Bundle[StateT]
    decide: Callable[[StateT, Envelope[DataT], dt.datetime], Decision[StateT]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """The table of one consumer."""

    consumer: str
    """Names the group, the inbox entries and the metrics; it must never change."""
    service: str
    handlers: tuple[Handler[Any, Any], ...]
    ordered: bool = True
    """Whether records of one key wait for one of them that is tried again later."""
    linger_seconds: float = 0.0
    """How long to gather records after a batch that was not full, where a moment later is soon enough."""

    @property
    def topics(self) -> frozenset[str]:
        """The topics on which its events travel."""
        return frozenset(topic_of(handler.event).name for handler in self.handlers)

    @property
    def again(self) -> frozenset[str]:
        """The topics on which its records come back to it."""
        return frozenset(topic.name for topic in again_topics(self.service))

    def handler_of(self, event: EventModel) -> Handler[Any, Any] | None:
        """Return the handler of `event`, None where this consumer does not care."""
        return next((each for each in self.handlers if each.event is type(event)), None)
