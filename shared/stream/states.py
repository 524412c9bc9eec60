"""The states a batch touches, each loaded once and saved once however many records touch it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.store.unit_of_work import Session
from shared.stream.item import Item
from shared.stream.subscription import Bundle, Part, States

_ONLY = ""
"""The name of the only part of what is no bundle."""


class NotLoaded(Exception):
    """A record touches a state that nobody could know of when the batch was loaded.

    An earlier record of the batch has decided that it does. What is before it must be stored first.
    """


@dataclass(slots=True)
class _Wanted:
    """What one subject touches, as far as that is known."""

    subject: Any
    so_far: dict[str, Any] = field(default_factory=dict)
    keys: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Touched:
    """What one subject touches, as it was before the decision on it."""

    state: Any
    """What to decide on: a bundle put together, or the only state."""
    views: Mapping[str, tuple[Part, Collection[str], Any]]
    """Of each part its keys, and what stands under them."""


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
        subjects: dict[int, list[_Wanted]] = {}
        bundles: dict[int, States[Any] | Bundle[Any]] = {}
        for states, subject in touched:
            bundles[id(states)] = states
            subjects.setdefault(id(states), []).append(_Wanted(subject))
        open_ = [(tuple(_parts(states).items()), subjects[name]) for name, states in bundles.items()]
        for depth in range(max((len(parts) for parts, _ in open_), default=0)):
            deep = [(*parts[depth], every) for parts, every in open_ if depth < len(parts)]
            wanted: dict[int, dict[str, None]] = {}
            for _, part, every in deep:
                self._stores[id(part.states)] = part.states
                for each in every:
                    each.keys = part.keys(each.subject, each.so_far)
                    if each.keys:
                        wanted.setdefault(id(part.states), {}).update(dict.fromkeys(each.keys))
            for store, keys in wanted.items():
                loaded = self._loaded.setdefault(store, {})
                if missing := [key for key in keys if key not in loaded]:
                    loaded.update(await self._stores[store].load(session, missing))
            for name, part, every in deep:
                for each in every:
                    each.so_far[name] = self._view(part, each.keys)
        return self

    def touched(self, states: States[Any] | Bundle[Any], subject: Any) -> Touched:
        """Return what `subject` touches, as it is by now.

        Raises:
            NotLoaded: by now that is something else than when it was loaded.
        """
        so_far: dict[str, Any] = {}
        views: dict[str, tuple[Part, Collection[str], Any]] = {}
        for name, part in _parts(states).items():
            keys = part.keys(subject, so_far)
            value = so_far[name] = self._view(part, keys)
            views[name] = (part, keys, value)
        return Touched(states.make(**so_far) if isinstance(states, Bundle) else so_far[_ONLY], views)

    def keep(self, touched: Touched, state: Any) -> None:
        """Hand `state`, decided on `touched`, on to the next decision about the same."""
        if state is touched.state:
            return
        for name, (part, keys, value) in touched.views.items():
            new = state if name == _ONLY else getattr(state, name)
            if new is value:
                continue
            store = id(part.states)
            if part.many:
                changed = {key: each for key, each in new.items() if each is not value.get(key)}
            else:
                (key,) = keys
                changed = {key: new}
            self._loaded.setdefault(store, {}).update(changed)
            self._changed.setdefault(store, {}).update(changed)

    async def save(self, session: Session) -> None:
        """Store what has changed."""
        for store, changed in self._changed.items():
            await self._stores[store].save(session, changed)

    def _view(self, part: Part, keys: Collection[str]) -> Any:
        if not keys:
            return {} if part.many else None
        loaded = self._loaded.get(id(part.states), {})
        try:
            if part.many:
                return {key: loaded[key] for key in keys}
            return loaded[next(iter(keys))]
        except KeyError as error:
            raise NotLoaded from error


def _parts(states: States[Any] | Bundle[Any]) -> Mapping[str, Part]:
    if isinstance(states, Bundle):
        return states.parts
    return {_ONLY: Part(states, lambda subject, _: (subject,))}
