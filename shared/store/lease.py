"""One holder at a time, across processes and crashes."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import time
import uuid

from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.clock import Clock
from shared.store.client import Document


class Lease:
    """A document that names its holder until it expires.

    Its epoch rises with every change of holder, so that what an earlier holder left behind can be told apart.
    """

    def __init__(
        self, collection: AsyncCollection[Document], name: str, clock: Clock, seconds: float = 6.0
    ) -> None:
        self._leases = collection
        self._name = name
        self._clock = clock
        self._seconds = seconds
        self._token = uuid.uuid4().hex
        self._until = 0.0
        self._renew_at = 0.0
        self.epoch = 0

    @property
    def held(self) -> bool:
        """Whether this process is sure to hold the lease; it stops being sure before another can take it."""
        return time.monotonic() < self._until

    async def hold(self) -> bool:
        """Take or renew the lease; cheap while it is fresh. Return whether it is held.

        Raises:
            PyMongoError: the database does not answer.
        """
        if self.held and time.monotonic() < self._renew_at:
            return True
        started = time.monotonic()
        now = self._clock.now()
        expires = now + dt.timedelta(seconds=self._seconds)
        mine = {"token": self._token, "host": socket.gethostname(), "pid": os.getpid(), "expires": expires}
        renewed = await self._leases.find_one_and_update(
            {"_id": self._name, "token": self._token}, {"$set": mine}, return_document=ReturnDocument.AFTER
        )
        taken = renewed or await self._take(mine, now)
        if taken is None:
            self._until = 0.0
            return False
        self.epoch = int(str(taken["epoch"]))
        self._until = started + self._seconds * 0.75
        self._renew_at = started + self._seconds * 0.25
        return True

    async def release(self) -> None:
        """Let the next holder in at once."""
        self._until = 0.0
        await self._leases.update_one(
            {"_id": self._name, "token": self._token}, {"$set": {"expires": self._clock.now()}}
        )

    async def let_go(self) -> None:
        """Release the lease as the last act of its holder; where the database is away, it ends by itself."""
        with contextlib.suppress(PyMongoError):
            await self.release()

    async def _take(self, mine: Document, now: dt.datetime) -> Document | None:
        current = await self._leases.find_one({"_id": self._name})
        free: Document = {"_id": self._name, "expires": {"$lte": now}}
        if current is not None and _dead(current):
            free = {"_id": self._name, "token": current["token"]}
        try:
            return await self._leases.find_one_and_update(
                free, {"$set": mine, "$inc": {"epoch": 1}}, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            return None


def _dead(holder: Document) -> bool:
    """Whether the holder was a process of this machine that no longer runs, after a `kill -9` for example."""
    if holder.get("host") != socket.gethostname():
        return False
    try:
        os.kill(int(str(holder["pid"])), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
