"""States as documents: frozen dataclasses in and out of a collection, with no mapping written by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

from bson.codec_options import TypeRegistry
from pydantic import TypeAdapter
from pymongo import DeleteOne, ReplaceOne
from pymongo.asynchronous.collection import AsyncCollection

from shared.store.client import Document, translated
from shared.store.unit_of_work import Session

StateT = TypeVar("StateT")


class Entries(Generic[StateT]):
    """States of one kind that exist or do not, one document each under its key.

    The shape of a document is that of the dataclass: a new field needs a default, and documents from before
    it read as that. A state that a decision sets to None is removed.
    """

    def __init__(
        self,
        collection: AsyncCollection[Document],
        model: type[StateT],
        also: Callable[[StateT], Document] = lambda _: {},
        *,
        sparse: bool = False,
    ) -> None:
        """Keep states in `collection`.

        Args:
            collection: where.
            model: the dataclass they are of.
            also: further fields of a document, for its indexes: when it is to go, what it is found by.
            sparse: whether what is as it is by default is left out, for states of very many parts.
        """
        self.collection = collection.with_options(
            collection.codec_options.with_options(type_registry=TypeRegistry(fallback_encoder=_storable))
        )
        self._adapter = TypeAdapter(model)
        self._also = also
        self._sparse = sparse

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, StateT | None]:
        """Return the state of every key, None where nothing is stored."""
        if not keys:
            return {}
        cursor = self.collection.find({"_id": {"$in": list(keys)}}, session=session)
        found = {str(each["_id"]): self.read(each) async for each in cursor}
        return {key: found.get(key) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, StateT | None]) -> None:
        """Store `changed`."""
        writes: list[ReplaceOne[Document] | DeleteOne] = [
            DeleteOne({"_id": key})
            if state is None
            else ReplaceOne({"_id": key}, self.write(key, state), upsert=True)
            for key, state in changed.items()
        ]
        if writes:
            await self.collection.bulk_write(writes, ordered=False, session=session)

    async def find(self, key: str) -> StateT | None:
        """Return the state that is stored under `key`, None where there is none.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            document = await self.collection.find_one({"_id": key})
        return self.read(document) if document else None

    def read(self, document: Mapping[str, object]) -> StateT:
        """Return the state in `document`."""
        return self._adapter.validate_python(document)

    def write(self, key: str, state: StateT) -> Document:
        """Return the document that stands for `state`."""
        fields: Document = self._adapter.dump_python(state, exclude_defaults=self._sparse)
        return fields | self._also(state) | {"_id": key}


class Documents(Generic[StateT]):
    """States of one kind that every key has: an initial one where nothing is stored.

    Otherwise they are kept as `Entries` are.
    """

    def __init__(
        self,
        collection: AsyncCollection[Document],
        model: type[StateT],
        initial: Callable[[str], StateT],
        also: Callable[[StateT], Document] = lambda _: {},
        *,
        sparse: bool = False,
    ) -> None:
        """Keep states of `model` in `collection`; `initial` makes the one of a key that is new."""
        self.entries = Entries(collection, model, also, sparse=sparse)
        self._initial = initial

    @property
    def collection(self) -> AsyncCollection[Document]:
        """Where they are kept."""
        return self.entries.collection

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, StateT]:
        """Return the state of every key."""
        found = await self.entries.load(session, keys)
        return {
            key: self._initial(key) if (state := found[key]) is None else state for key in dict.fromkeys(keys)
        }

    async def save(self, session: Session, changed: Mapping[str, StateT]) -> None:
        """Store `changed`."""
        await self.entries.save(session, changed)

    async def find(self, key: str) -> StateT | None:
        """Return the state that is stored under `key`, None where there is none.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await self.entries.find(key)

    def read(self, document: Mapping[str, object]) -> StateT:
        """Return the state in `document`."""
        return self.entries.read(document)


def _storable(value: object) -> object:
    """Return sets, which BSON does not know, as lists in order; whatever else it does not know it refuses."""
    return sorted(value) if isinstance(value, (set, frozenset)) else value
