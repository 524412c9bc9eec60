"""The log of a small installation: one process, records in MongoDB, nothing lost by `kill -9`."""

from __future__ import annotations

from shared.log.embedded import EmbeddedLog
from shared.log.tail import Tail
from shared.store.log import MongoLogStorage


def local_log(storage: MongoLogStorage) -> EmbeddedLog:
    """Return a log on `storage`."""
    return EmbeddedLog("local", Tail(storage))
