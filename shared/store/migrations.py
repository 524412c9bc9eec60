"""Brings a service's database to the shape its code expects, at every start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pymongo import ASCENDING, IndexModel
from pymongo.errors import CollectionInvalid, OperationFailure

from shared.clock import Clock
from shared.observability.logs import get_logger
from shared.store.client import Database, translated
from shared.store.mailboxes import REMEMBERED

log = get_logger(__name__)

NAMESPACE_EXISTS = 48


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; it is recorded after it has run, so it must be safe to run again after a crash within."""

    name: str
    run: Callable[[Database], Awaitable[None]]


async def migrate(database: Database, clock: Clock, steps: Sequence[Migration] = ()) -> None:
    """Run, in order, those of `steps` that this database has not seen.

    Raises:
        StoreUnavailable: the database does not answer.
        Conflict: a unique index does not fit the documents.
    """
    async with translated():
        done = {str(each["_id"]) async for each in database["_migrations"].find()}
        for step in (*RUNTIME, *steps):
            if step.name in done:
                continue
            await step.run(database)
            await database["_migrations"].update_one(
                {"_id": step.name}, {"$set": {"at": clock.now()}}, upsert=True
            )
            log.info("store.migrated", database=database.name, step=step.name)


def collections(name: str, **by_collection: Sequence[IndexModel]) -> Migration:
    """Return a step that creates collections with their indexes.

    A collection is made before its first insert, which would otherwise make it inside a transaction, where
    two processes at once conflict.
    """

    async def run(database: Database) -> None:
        existing = set(await database.list_collection_names())
        for collection, wanted in by_collection.items():
            if collection not in existing:
                await _create(database, collection)
            if wanted:
                await database[collection].create_indexes(list(wanted))

    return Migration(name, run)


async def _create(database: Database, name: str) -> None:
    try:
        await database.create_collection(name)
    except CollectionInvalid:
        pass
    except OperationFailure as error:
        # Another process that starts beside this one was faster.
        if error.code != NAMESPACE_EXISTS:
            raise


RUNTIME = (
    collections(
        "0000_mailboxes",
        _inbox=[IndexModel("at", expireAfterSeconds=int(REMEMBERED.total_seconds()))],
        _outbox=[],
        _leases=[],
    ),
    collections(
        "0000_parking_and_timers",
        _parked=[IndexModel([("queue", ASCENDING), ("_id", ASCENDING)]), IndexModel("consumer", sparse=True)],
        _timers=[IndexModel("due")],
    ),
)
"""What the runtime keeps beside the state of every service."""
