"""One transaction: everything in it happens, or nothing does."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import ConnectionFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.errors import StoreUnavailable
from shared.store.client import Mongo, translated

Session = AsyncClientSession
ResultT = TypeVar("ResultT")

ATTEMPTS = 8
"""Retries of a transaction that lost a race; past that the store is treated as unavailable."""

COMMIT_SECONDS = 3.0
"""How long to ask whether a commit happened; a caller may be waiting for an answer."""


class UnitOfWork:
    """Runs work in a snapshot transaction and runs it again when it lost a race with another writer."""

    def __init__(self, client: Mongo) -> None:
        self._client = client

    async def run(self, work: Callable[[Session], Awaitable[ResultT]]) -> ResultT:
        """Return what `work` returned, once its writes are durable on a majority.

        Args:
            work: reads and writes with the session it is given. It runs again from the start after a write
                conflict, so it must not have effects outside the store.

        Raises:
            StoreUnavailable: the database is away, or the conflict does not end.
            PermanentError: a document cannot be stored.
        """
        async with translated(), self._client.start_session() as session:
            for attempt in range(ATTEMPTS):
                try:
                    return await self._attempt(session, work)
                except PyMongoError as error:
                    if session.in_transaction:
                        await session.abort_transaction()
                    # What is away is waited for by the caller, who can say so; only races are run again.
                    away = isinstance(error, ConnectionFailure)
                    if away or not error.has_error_label("TransientTransactionError"):
                        raise
                await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - jitter, not a secret
        raise StoreUnavailable("A transaction met conflicts until its attempts were used up.")

    async def _attempt(self, session: Session, work: Callable[[Session], Awaitable[ResultT]]) -> ResultT:
        await session.start_transaction(
            read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority", j=True)
        )
        try:
            result = await work(session)
        except PyMongoError:
            raise
        except BaseException:
            await session.abort_transaction()
            raise
        await self._commit(session)
        return result

    async def _commit(self, session: Session) -> None:
        deadline = time.monotonic() + COMMIT_SECONDS
        while True:
            try:
                await session.commit_transaction()
            except PyMongoError as error:
                # The commit may have happened; asking again is safe and tells.
                unknown = error.has_error_label("UnknownTransactionCommitResult")
                if not unknown or time.monotonic() > deadline:
                    raise
            else:
                return
