"""Records that wait behind another one of their key, so that a retry does not put them out of order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from pymongo import ASCENDING, ReturnDocument

from shared.clock import Clock
from shared.log.record import Record
from shared.store.client import Database, Document, translated
from shared.store.unit_of_work import Session


@dataclass(frozen=True, slots=True)
class Parked:
    """A record in the queue of its key."""

    id: str
    record: Record


class Parking:
    """For each key whose first record rests in a retry tier: which one that is, and who waits behind it.

    Every change touches the key's one document. Whoever adds to a queue in the moment in which somebody else
    finds it empty and gives it up meets a write conflict, and looks again; so nobody is left behind in it.
    """

    COLLECTION = "_parked"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._collection = database[self.COLLECTION]
        self._clock = clock

    async def keys(self, consumer: str) -> frozenset[bytes]:
        """Return all keys of `consumer` that are held up.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            found = await self._collection.find({"consumer": consumer}, {"key": 1}).to_list()
        return frozenset(bytes(each["key"]) for each in found if isinstance(each["key"], bytes))

    async def heads(self, session: Session, consumer: str, keys: Collection[bytes]) -> Mapping[bytes, str]:
        """Return, for those of `keys` that are held up, the id of the event that rests."""
        ids = {_queue(consumer, key): key for key in keys}
        found = self._collection.find({"_id": {"$in": list(ids)}}, {"head": 1}, session=session)
        return {ids[str(each["_id"])]: str(each["head"]) async for each in found}

    async def hold_up(
        self, session: Session, consumer: str, key: bytes, head: str, instead_of: str | None = None
    ) -> None:
        """Let whoever comes later with `key` wait until the event `head` is settled.

        Where they wait for another event already, that stays so unless it is `instead_of`: a process that
        was stopped and wakes up may speak of a past that others have settled.
        """
        queue = _queue(consumer, key)
        if instead_of is not None:
            await self._collection.update_one(
                {"_id": queue, "head": instead_of}, {"$set": {"head": head}}, session=session
            )
        new: Document = {
            "head": head,
            "consumer": consumer,
            "key": key,
            "added": 0,
            "at": self._clock.now(),
        }
        await self._collection.update_one({"_id": queue}, {"$setOnInsert": new}, upsert=True, session=session)

    async def add(self, session: Session, consumer: str, records: Sequence[Record]) -> bool:
        """Put `records` at the end of the queues of their keys.

        Returns False, having changed nothing, where a queue is gone: then they need not wait.
        """
        documents: list[Document] = []
        by_key = sorted(records, key=lambda record: record.key)
        for key, group in groupby(by_key, key=lambda record: record.key):
            waiting = list(group)
            queue = await self._collection.find_one_and_update(
                {"_id": _queue(consumer, key)},
                {"$inc": {"added": len(waiting)}},
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            if queue is None:
                return False
            first = int(str(queue["added"])) - len(waiting)
            documents += [
                self._document(str(queue["_id"]), first + n, record) for n, record in enumerate(waiting)
            ]
        if documents:
            await self._collection.insert_many(documents, ordered=False, session=session)
        return True

    async def waiting(self, session: Session, consumer: str, key: bytes, limit: int) -> list[Parked]:
        """Return the first records of a queue, in order."""
        query: Document = {"queue": _queue(consumer, key)}
        found = self._collection.find(query, session=session).sort("_id", ASCENDING).limit(limit)
        return [Parked(str(each["_id"]), _to_record(each)) async for each in found]

    async def remove(self, session: Session, ids: Collection[str]) -> None:
        """Forget records whose turn has come."""
        if ids:
            await self._collection.delete_many({"_id": {"$in": list(ids)}}, session=session)

    async def give_up(self, session: Session, consumer: str, key: bytes) -> None:
        """Let records of `key` pass again."""
        await self._collection.delete_one({"_id": _queue(consumer, key)}, session=session)

    def _document(self, queue: str, number: int, record: Record) -> Document:
        return {
            "_id": f"{queue}|{number:012d}",
            "queue": queue,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "record_key": record.key,
            "value": record.value,
            "headers": dict(record.headers),
            "at": self._clock.now(),
        }


def _queue(consumer: str, key: bytes) -> str:
    # Latin-1 reads any bytes, and no two of them alike.
    return f"{consumer}|{key.decode('latin-1')}"


def _to_record(document: Document) -> Record:
    key, value, headers = document["record_key"], document["value"], document["headers"]
    assert isinstance(key, bytes) and isinstance(value, bytes) and isinstance(headers, dict)  # noqa: S101, PT018 - what `_document` wrote
    partition, offset = int(str(document["partition"])), int(str(document["offset"]))
    return Record(str(document["topic"]), partition, offset, key, value, headers)
