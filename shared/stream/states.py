"""The states a batch touches, each loaded once and saved once however many records touch it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.envelope import Envelope
from shared.decision import Decision
from shared.store.unit_of_work import Session
from shared.stream.item import Item
from shared.stream.subscription import Bundle, Handler, Part, States

_ONLY = "state"
"""The name of the only part of what is no bundle."""


class NotLoaded(Exception):
    """A record touches a state that nobody could know of when the batch was loaded.

    An earlier record of the batch has decided that it does. What is before it must be stored first.
    """


@dataclass(slots=True)
class _Touched:
    """What one subject touches, as far as that is known."""

    parts: Sequence[tuple[str, Part]]
    subject: Any
    so_far: dict[str, Any] = field(default_factory=dict)
    keys: Collection[str] = ()


class LoadedStates:
    """States as they are in the store, and as the decisions of a batch have changed them."""

    def __init__(self) -> None:
        self._stores: dict[int, States[Any]] = {}
        self._loaded: dict[int, dict[str, Any]] = {}
        self._changed: dict[int, dict[str, Any]] = {}

    @classmethod
    async def load(cls, session: Session, items: Sequence[Item]) -> LoadedStates:
        """Return the states that `items` touch."""
        touched = [
            (item.handler.states, item.handler.key(item.envelope.data))
            for item in items
            if item.handler is not None and item.envelope is not None
        ]
        return await cls.touched_by(session, touched)

    @classmethod
    async def touched_by(
        cls, session: Session, touched: Iterable[tuple[States[Any] | Bundle[Any], Any]]
    ) -> LoadedStates:
        """Return the states that pairs of a bundle and its subject touch.

        Later parts of a bundle may depend on earlier ones, so it takes as many rounds as a bundle has parts,
        each with one query for every store in it.
        """
        self = cls()
        open_ = [_Touched(tuple(_parts(states).items()), subject) for states, subject in touched]
        for depth in range(max((len(each.parts) for each in open_), default=0)):
            deep = [each for each in open_ if depth < len(each.parts)]
            wanted: dict[int, dict[str, None]] = {}
            for each in deep:
                _, part = each.parts[depth]
                each.keys = part.keys(each.subject, each.so_far)
                self._stores[id(part.states)] = part.states
                wanted.setdefault(id(part.states), {}).update(dict.fromkeys(each.keys))
            for store, keys in wanted.items():
                loaded = self._loaded.setdefault(store, {})
                if missing := [key for key in keys if key not in loaded]:
                    loaded.update(await self._stores[store].load(session, missing))
            for each in deep:
                name, part = each.parts[depth]
                each.so_far[name] = self._view(part, each.keys)
        return self

    def decide(self, handler: Handler[Any, Any], envelope: Envelope[Any], now: dt.datetime) -> Decision[Any]:
        """Return what `handler` decides on the states as they are by now.

        Raises:
            NotLoaded: by now it touches others than when they were loaded.
        """
        return handler.decide(self.of(handler.states, handler.key(envelope.data)), envelope, now)

    def of(self, states: States[Any] | Bundle[Any], subject: Any) -> Any:
        """Return what `subject` touches, as it is by now.

        Raises:
            NotLoaded: by now that is something else than when it was loaded.
        """
        values = {name: value for name, _, _, value in self._touched(states, subject)}
        return states.make(**values) if isinstance(states, Bundle) else values[_ONLY]

    def keep(self, states: States[Any] | Bundle[Any], subject: Any, state: Any) -> None:
        """Hand `state` on to the next decision about the same."""
        # Looked at to the end before anything changes: later keys depend on earlier states.
        for name, part, keys, value in list(self._touched(states, subject)):
            new = getattr(state, name) if isinstance(states, Bundle) else state
            if new is value:
                continue
            store = id(part.states)
            if part.many:
                changed = {key: each for key, each in new.items() if each is not value.get(key)}
            else:
                (key,) = keys
                changed = {key: new}
            self._loaded[store].update(changed)
            self._changed.setdefault(store, {}).update(changed)

    async def save(self, session: Session) -> None:
        """Store what has changed."""
        for store, changed in self._changed.items():
            await self._stores[store].save(session, changed)

    def _touched(
        self,
        states: States[Any] | Bundle[Any],
        subject: Any,
    ) -> Iterator[tuple[str, Part, Collection[str], Any]]:
        so_far: dict[str, Any] = {}
        for name, part in _parts(states).items():
            keys = part.keys(subject, so_far)
            so_far[name] = self._view(part, keys)
            yield name, part, keys, so_far[name]

    def _view(self, part: Part, keys: Collection[str]) -> Any:
        loaded = self._loaded.get(id(part.states), {})
        try:
            if part.many:
                return {key: loaded[key] for key in keys}
            return next((loaded[key] for key in keys), None)
        except KeyError as error:
            raise NotLoaded from error


def _parts(states: States[Any] | Bundle[Any]) -> Mapping[str, Part]:
    if isinstance(states, Bundle):
        return states.parts
    return {_ONLY: Part(states, lambda subject, _: (subject,))}
