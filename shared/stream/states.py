"""The states a batch touches, each loaded once and saved once however many records touch it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from shared.contracts.envelope import Envelope
from shared.decision import Decision
from shared.store.unit_of_work import Session
from shared.stream.item import Item
from shared.stream.subscription import Handler, States


class LoadedStates:
    """States as they are in the store, and as the decisions of a batch have changed them."""

    def __init__(self) -> None:
        self._loaded: dict[int, dict[str, Any]] = {}
        self._changed: dict[int, dict[str, Any]] = {}
        self._stores: dict[int, States[Any]] = {}

    @classmethod
    async def load(cls, session: Session, items: Sequence[Item]) -> LoadedStates:
        """Return the states that `items` touch."""
        self = cls()
        keys: dict[int, set[str]] = {}
        for item in items:
            if item.handler is not None and item.envelope is not None:
                self._stores[id(item.handler.states)] = item.handler.states
                keys.setdefault(id(item.handler.states), set()).add(item.handler.key(item.envelope.data))
        for store, wanted in keys.items():
            self._loaded[store] = dict(await self._stores[store].load(session, wanted))
        return self

    def decide(self, handler: Handler[Any, Any], envelope: Envelope[Any], now: dt.datetime) -> Decision[Any]:
        """Return what `handler` decides on the state as it is by now."""
        state = self._loaded[id(handler.states)][handler.key(envelope.data)]
        return handler.decide(state, envelope, now)

    def keep(self, handler: Handler[Any, Any], envelope: Envelope[Any], decision: Decision[Any]) -> None:
        """Hand the state of `decision` on to the next one."""
        store, key = id(handler.states), handler.key(envelope.data)
        if decision.state is not self._loaded[store][key]:
            self._loaded[store][key] = decision.state
            self._changed.setdefault(store, {})[key] = decision.state

    async def save(self, session: Session) -> None:
        """Store what has changed."""
        for store, changed in self._changed.items():
            await self._stores[store].save(session, changed)
