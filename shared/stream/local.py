"""The log of a small installation: one process, records in MongoDB, nothing lost by `kill -9`."""

from __future__ import annotations

from shared.store.log import MongoLogStorage
from shared.stream.embedded import EmbeddedLog
from shared.stream.tail import Tail


def local_log(storage: MongoLogStorage) -> EmbeddedLog:
    """Return a log on `storage`."""
    return EmbeddedLog("local", Tail(storage))
