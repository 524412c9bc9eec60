"""Documents in memory with the isolation of MongoDB: snapshots, first writer wins, transactions that end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bson import decode, encode
from bson.codec_options import CodecOptions
from pymongo.errors import DocumentTooLarge, DuplicateKeyError, OperationFailure

Document = dict[str, Any]
Place = tuple[str, str]
"""Collection and `_id`."""

LIFETIME_SECONDS = 15.0
"""After which the database ends a transaction by itself."""

LARGEST = 16 * 1024 * 1024
DUPLICATE, WRITE_CONFLICT, NO_SUCH_TRANSACTION = 11000, 112, 251
_OPTIONS: CodecOptions[Document] = CodecOptions(tz_aware=True)


@dataclass(frozen=True)
class Change:
    """What a commit did to one document."""

    collection: str
    key: str
    before: Document | None
    after: Document | None


OnCommit = Callable[[list[Change]], None]


class Race(OperationFailure):
    """An operation of a transaction that must be run again from the start."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence, code)
        self._add_error_label("TransientTransactionError")


@dataclass
class Transaction:
    """What one transaction has read and written."""

    began: float
    snapshot: int | None = None
    written: dict[Place, bytes | None] = field(default_factory=dict)
    ended: bool = False
    committed: bool = False


class Store:
    """A database; its methods take effect at once, and it is up to the driver to take time over them."""

    def __init__(self, now: Callable[[], float], on_commit: OnCommit = lambda _: None) -> None:
        self._now = now
        self._on_commit = on_commit
        self._versions: dict[Place, list[tuple[int, bytes | None]]] = {}
        self._places: dict[str, dict[str, None]] = {}
        self._open: dict[Place, Transaction] = {}
        self._commits = 0

    def begin(self) -> Transaction:
        """Return a new transaction; its snapshot is taken by the first thing it does."""
        return Transaction(self._now())

    def all(self, collection: str, transaction: Transaction | None = None) -> Iterator[Document]:
        """Give the documents of `collection`, by `_id`."""
        self._check(transaction)
        for key in sorted(self._places.get(collection, ())):
            if (document := self.get(collection, key, transaction)) is not None:
                yield document

    def get(self, collection: str, key: str, transaction: Transaction | None = None) -> Document | None:
        """Return a document as `transaction` sees it, or as it is committed."""
        self._check(transaction)
        return _document(self._read((collection, key), transaction))

    def locked(self, collection: str, key: str) -> bool:
        """Whether an open transaction has written this document: who writes without one must wait for it."""
        holder = self._holder((collection, key))
        return holder is not None

    def insert(self, collection: str, document: Document, transaction: Transaction | None = None) -> None:
        """Add a document.

        Raises:
            DuplicateKeyError: there is one of this `_id`.
        """
        place = (collection, str(document["_id"]))
        self._check(transaction)
        if self._read(place, transaction) is not None:
            self.abort(transaction)
            raise DuplicateKeyError("E11000 duplicate key", DUPLICATE, {"code": DUPLICATE})
        self.put(collection, place[1], document, transaction)

    def put(
        self, collection: str, key: str, document: Document | None, transaction: Transaction | None = None
    ) -> None:
        """Write a document, or remove it."""
        self._check(transaction)
        place, value = (collection, key), None if document is None else _bytes(document)
        if transaction is None:
            assert not self.locked(*place), "whoever writes without a transaction waits first"
            self._keep({place: value})
            return
        holder = self._holder(place)
        changed = self._versions.get(place, [(0, None)])[-1][0]
        if (holder is not None and holder is not transaction) or changed > self._snapshot(transaction):
            self.abort(transaction)
            raise Race("Somebody else writes this document.", WRITE_CONFLICT)
        transaction.written[place] = value
        self._open[place] = transaction
        self._places.setdefault(collection, {})[key] = None

    def commit(self, transaction: Transaction) -> None:
        """Make what `transaction` wrote visible; again does nothing."""
        if transaction.committed:
            return
        self._check(transaction)
        self._end(transaction)
        transaction.committed = True
        self._keep(transaction.written)

    def abort(self, transaction: Transaction | None) -> None:
        """Forget what `transaction` wrote."""
        if transaction is not None and not transaction.ended:
            self._end(transaction)

    def _check(self, transaction: Transaction | None) -> None:
        if transaction is None:
            return
        if not transaction.ended and self._now() - transaction.began > LIFETIME_SECONDS:
            self.abort(transaction)
        if transaction.ended:
            raise Race("There is no such transaction.", NO_SUCH_TRANSACTION)

    def _end(self, transaction: Transaction) -> None:
        transaction.ended = True
        for place in transaction.written:
            del self._open[place]

    def _holder(self, place: Place) -> Transaction | None:
        holder = self._open.get(place)
        if holder is not None and self._now() - holder.began > LIFETIME_SECONDS:
            self.abort(holder)
            return None
        return holder

    def _snapshot(self, transaction: Transaction) -> int:
        if transaction.snapshot is None:
            transaction.snapshot = self._commits
        return transaction.snapshot

    def _read(self, place: Place, transaction: Transaction | None) -> bytes | None:
        versions = self._versions.get(place, ())
        if transaction is None:
            return versions[-1][1] if versions else None
        snapshot = self._snapshot(transaction)
        if place in transaction.written:
            return transaction.written[place]
        return next((value for at, value in reversed(versions) if at <= snapshot), None)

    def _keep(self, written: Mapping[Place, bytes | None]) -> None:
        self._commits += 1
        changes = []
        for (collection, key), value in written.items():
            versions = self._versions.setdefault((collection, key), [])
            before = versions[-1][1] if versions else None
            versions.append((self._commits, value))
            self._places.setdefault(collection, {})[key] = None
            changes.append(Change(collection, key, _document(before), _document(value)))
        self._on_commit(changes)


def _bytes(document: Document) -> bytes:
    value = encode(document)
    if len(value) > LARGEST:
        raise DocumentTooLarge("BSON document too large")
    return value


def _document(value: bytes | None) -> Document | None:
    return None if value is None else decode(value, _OPTIONS)
