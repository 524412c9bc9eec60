"""As much of the database driver as the runtime uses, over documents in memory.

The collaborators of the runtime are the real ones; only what they talk to is not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, Self, cast

from pymongo import ASCENDING, DeleteOne, InsertOne, ReplaceOne, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, ConnectionFailure, DuplicateKeyError

from tests.simulation.query import changed, matches, ordered
from tests.simulation.store import DUPLICATE, Document, Store, Transaction

Operation = Callable[[], Any]
Filter = Mapping[str, Any]


class Line(Protocol):
    """The way to the database: it takes time, and may break before or after the work is done."""

    async def call(self, what: str, work: Operation, waits: Callable[[], bool] | None = None) -> Any:
        """Return what `work` returns, not before `waits` says no more."""
        ...


class Straight:
    """A line on which nothing goes wrong."""

    async def call(self, what: str, work: Operation, waits: Callable[[], bool] | None = None) -> Any:
        await asyncio.sleep(0)
        while waits is not None and waits():  # noqa: ASYNC110 - a lock of a database sets no event
            await asyncio.sleep(0.001)
        return work()


class Session:
    def __init__(self, store: Store, line: Line) -> None:
        self._store = store
        self._line = line
        self._began = False
        self.transaction: Transaction | None = None
        self.in_transaction = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.in_transaction:
            await self.abort_transaction()

    async def start_transaction(self, **_: object) -> None:
        self.transaction, self.in_transaction, self._began = None, True, False

    def current(self) -> Transaction:
        """Return the transaction in the database; it begins with the first thing done in it."""
        if self.transaction is None:
            self.transaction = self._store.begin()
        return self.transaction

    async def commit_transaction(self) -> None:
        transaction = self.transaction
        self.in_transaction = True
        try:
            if transaction is not None:
                await self._line.call("commit", lambda: self._store.commit(transaction))
        except ConnectionFailure as error:
            error._remove_error_label("TransientTransactionError")
            error._add_error_label("UnknownTransactionCommitResult")
            raise
        finally:
            self.in_transaction = False

    async def abort_transaction(self) -> None:
        transaction, self.in_transaction = self.transaction, False
        if transaction is not None:
            # As the driver does: if the database is away, it ends the transaction by itself.
            with contextlib.suppress(ConnectionFailure):
                await self._line.call("abort", lambda: self._store.abort(transaction))


class Cursor:
    def __init__(self, read: Callable[[], Awaitable[list[Document]]]) -> None:
        self._read = read
        self._sort: list[tuple[str, int]] = []
        self._limit: int | None = None

    def sort(self, key: str | Sequence[tuple[str, int]], direction: int = ASCENDING) -> Cursor:
        self._sort = [(key, direction)] if isinstance(key, str) else list(key)
        return self

    def limit(self, limit: int) -> Cursor:
        self._limit = limit or None
        return self

    async def to_list(self, length: int | None = None) -> list[Document]:
        found = ordered(await self._read(), self._sort)
        return found[: self._limit][:length]

    async def __aiter__(self) -> AsyncIterator[Document]:
        for document in await self.to_list():
            yield document


class Collection:
    def __init__(self, name: str, store: Store, line: Line) -> None:
        self.name = name
        self._store = store
        self._line = line

    def with_options(self, **_: object) -> Collection:
        return self

    def find(
        self,
        query: Filter | None = None,
        projection: object = None,
        *,
        session: Session | None = None,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
    ) -> Cursor:
        async def read() -> list[Document]:
            return await self._call(
                _about("find", query), session, lambda transaction: self._find(query, transaction)
            )

        return Cursor(read).sort(sort).limit(limit)

    async def find_one(
        self,
        query: Filter | None = None,
        projection: object = None,
        **options: Any,
    ) -> Document | None:
        found = await self.find(query, projection, limit=1, **options).to_list()
        return found[0] if found else None

    async def count_documents(self, query: Filter, *, session: Session | None = None) -> int:
        return len(await self.find(query, session=session).to_list())

    async def insert_one(self, document: Document, *, session: Session | None = None) -> None:
        await self._write("insert", session, [InsertOne(document)])

    async def insert_many(
        self, documents: Iterable[Document], *, ordered: bool = True, session: Session | None = None
    ) -> None:
        await self._bulk("insert", session, [InsertOne(each) for each in documents])

    async def bulk_write(
        self, requests: Sequence[Any], *, ordered: bool = True, session: Session | None = None
    ) -> None:
        await self._bulk("bulk", session, requests)

    async def update_one(
        self,
        query: Filter,
        update: Filter,
        *,
        upsert: bool = False,
        session: Session | None = None,
    ) -> None:
        await self._write("update", session, [UpdateOne(query, update, upsert=upsert)])

    async def update_many(
        self,
        query: Filter,
        update: Filter,
        *,
        session: Session | None = None,
    ) -> None:
        def work(transaction: Transaction | None) -> None:
            for document in self._find(query, transaction):
                after = changed(document, query, update)
                self._store.put(self.name, str(document["_id"]), after, transaction)

        await self._call(_about("update", query), session, work, lambda: self._locked(query))

    async def replace_one(
        self,
        query: Filter,
        replacement: Document,
        *,
        upsert: bool = False,
        session: Session | None = None,
    ) -> None:
        await self._write("replace", session, [ReplaceOne(query, replacement, upsert=upsert)])

    async def delete_one(self, query: Filter, *, session: Session | None = None) -> None:
        await self._write("delete", session, [DeleteOne(query)])

    async def delete_many(self, query: Filter, *, session: Session | None = None) -> None:
        def work(transaction: Transaction | None) -> None:
            for document in self._find(query, transaction):
                self._store.put(self.name, str(document["_id"]), None, transaction)

        await self._call(_about("delete", query), session, work, lambda: self._locked(query))

    async def find_one_and_update(
        self,
        query: Filter,
        update: Filter,
        *,
        upsert: bool = False,
        return_document: bool = ReturnDocument.BEFORE,
        session: Session | None = None,
    ) -> Document | None:
        def work(transaction: Transaction | None) -> Document | None:
            before = next(iter(self._find(query, transaction)), None)
            key = self._apply(UpdateOne(query, update, upsert=upsert), transaction)
            if key is None or return_document == ReturnDocument.BEFORE:
                return before
            return self._store.get(self.name, key, transaction)

        return await self._call(_about("find and update", query), session, work, lambda: self._locked(query))

    async def _write(self, what: str, session: Session | None, requests: Sequence[Any]) -> None:
        def work(transaction: Transaction | None) -> None:
            for each in requests:
                self._apply(each, transaction)

        told = f"{what} {_told([_target(each).get('_id') for each in requests])}"
        await self._call(told, session, work, lambda: any(self._locked(_target(each)) for each in requests))

    async def _bulk(self, what: str, session: Session | None, requests: Sequence[Any]) -> None:
        try:
            await self._write(what, session, requests)
        except DuplicateKeyError as error:
            raise BulkWriteError({"writeErrors": [{"code": DUPLICATE}]}) from error

    async def _call(
        self,
        what: str,
        session: Session | None,
        work: Callable[[Transaction | None], Any],
        locked: Callable[[], bool] | None = None,
    ) -> Any:
        in_one = session is not None and session.in_transaction
        try:
            return await self._line.call(
                f"{self.name}: {what}",
                lambda: work(session.current() if session is not None and in_one else None),
                None if in_one else locked,
            )
        except ConnectionFailure as error:
            if in_one:
                error._add_error_label("TransientTransactionError")
            raise

    def _find(self, query: Filter | None, transaction: Transaction | None) -> list[Document]:
        wanted = (query or {}).get("_id")
        if isinstance(wanted, str):
            keys = [wanted]
        elif isinstance(wanted, Mapping) and set(wanted) == {"$in"}:
            keys = sorted(set(wanted["$in"]))
        else:
            everything = self._store.all(self.name, transaction)
            return [each for each in everything if matches(each, query or {})]
        found = (self._store.get(self.name, key, transaction) for key in keys)
        return [each for each in found if each is not None and matches(each, query or {})]

    def _locked(self, query: Filter) -> bool:
        key = query.get("_id")
        keys = [key] if isinstance(key, str) else [str(each["_id"]) for each in self._find(query, None)]
        return any(self._store.locked(self.name, each) for each in keys)

    def _apply(self, request: Any, transaction: Transaction | None) -> str | None:
        """Do one write; return the `_id` of what it wrote."""
        if isinstance(request, InsertOne):
            document: Document = dict(request._doc)
            self._store.insert(self.name, document, transaction)
            return str(document["_id"])
        found = next(iter(self._find(request._filter, transaction)), None)
        if isinstance(request, DeleteOne):
            after = None
        elif found is None and not request._upsert:
            return None
        elif isinstance(request, ReplaceOne):
            after = {"_id": request._filter["_id"], **request._doc}
        else:
            assert isinstance(request, UpdateOne)
            after = changed(found, request._filter, cast("Filter", request._doc))
        if found is not None:
            self._store.put(self.name, str(found["_id"]), after, transaction)
            return str(found["_id"])
        if after is not None:
            self._store.insert(self.name, after, transaction)
            return str(after["_id"])
        return None


def _target(request: Any) -> Filter:
    return {"_id": request._doc["_id"]} if isinstance(request, InsertOne) else request._filter


def _about(what: str, query: Filter | None) -> str:
    """Return what is done to which documents."""
    key = (query or {}).get("_id", "")
    keys = key["$in"] if isinstance(key, Mapping) and "$in" in key else [key]
    return f"{what} {_told(sorted(keys, key=str))}"


def _told(keys: Iterable[object]) -> str:
    told = [str(each) for each in keys]
    return " ".join(told[:8]) + (f" and {len(told) - 8} more" if len(told) > 8 else "")


class Database:
    def __init__(self, store: Store, line: Line) -> None:
        self.store = store
        self._line = line

    def __getitem__(self, name: str) -> Collection:
        return Collection(name, self.store, self._line)


class Client:
    def __init__(self, store: Store, line: Line) -> None:
        self._store = store
        self._line = line

    def start_session(self) -> Session:
        return Session(self._store, self._line)
