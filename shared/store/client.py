"""The one way to a MongoDB database: majority writes, bounded waits, our error types."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TypeAlias

from bson.codec_options import CodecOptions
from bson.errors import BSONError
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
)
from pymongo.read_concern import ReadConcern

from shared.errors import ChaupalError, Conflict, PermanentError, StoreUnavailable

SELECTION_SECONDS = 2
"""How long an operation looks for a primary. Short, because a webhook must be answered within seconds."""

OPERATION_SECONDS = 20
"""Above the 15 seconds within which the database itself ends the transaction of a dead process: it looks for
those older than 10 seconds every 5."""

DUPLICATE = 11000

# A document that breaks a rule of the store: trying it again changes nothing.
_BAD_VALUE = frozenset({2, 9, 14, 22, 51, 52, 10334, 17280, 17419})

Document: TypeAlias = dict[str, object]
Mongo: TypeAlias = AsyncMongoClient[Document]
Database: TypeAlias = AsyncDatabase[Document]


def connect(url: str, *, application: str) -> Mongo:
    """Return a client for the replica set at `url`; it connects when first used."""
    return AsyncMongoClient(
        url,
        appname=application,
        tz_aware=True,
        uuidRepresentation="standard",
        serverSelectionTimeoutMS=SELECTION_SECONDS * 1000,
        connectTimeoutMS=SELECTION_SECONDS * 1000,
        waitQueueTimeoutMS=OPERATION_SECONDS * 1000,
        socketTimeoutMS=OPERATION_SECONDS * 1000,
        maxPoolSize=64,
    )


def database(client: Mongo, name: str) -> Database:
    """Return the database `name`; its writes are acknowledged by a majority, journal included."""
    return client.get_database(
        name,
        codec_options=CodecOptions(tz_aware=True),
        write_concern=WriteConcern("majority", j=True),
        read_concern=ReadConcern("majority"),
    )


async def ping(client: Mongo) -> None:
    """Return if a primary answers.

    Raises:
        StoreUnavailable: it does not.
    """
    async with translated():
        await client.admin.command("ping")


@contextlib.asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turn the driver's errors into ours, so that nobody above the store guesses from exception types."""
    try:
        yield
    except (PyMongoError, BSONError, OverflowError) as error:
        raise translate(error) from error


def translate(error: Exception) -> ChaupalError:
    """Return what `error` means to us.

    What is not known to be the fault of a document counts as the environment's: pausing loses nothing,
    dead-lettering a healthy topic does.
    """
    if isinstance(error, DuplicateKeyError) or (isinstance(error, BulkWriteError) and _met_duplicate(error)):
        return Conflict("Somebody else has written this document first.")
    if isinstance(error, (DocumentTooLarge, BSONError, OverflowError)):
        return PermanentError(f"The store cannot hold this document: {type(error).__name__}.")
    if isinstance(error, (ConnectionFailure, WaitQueueTimeoutError, ExecutionTimeout)):
        return StoreUnavailable(f"The database does not answer: {type(error).__name__}.")
    if isinstance(error, OperationFailure) and error.code in _BAD_VALUE:
        return PermanentError(f"The store refuses this document: code {error.code}.")
    code = getattr(error, "code", None)
    return StoreUnavailable(f"The database refuses work: {type(error).__name__}, code {code}.")


def _met_duplicate(error: BulkWriteError) -> bool:
    return any(each.get("code") == DUPLICATE for each in error.details.get("writeErrors", ()))
