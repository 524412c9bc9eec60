"""Writing what may be there already."""

from __future__ import annotations

from pymongo.errors import BulkWriteError

from shared.errors import Conflict
from shared.store.client import DUPLICATE, translate


def only_duplicates(error: Conflict) -> None:
    """Raise what else has gone wrong where some of many documents are kept already."""
    cause = error.__cause__
    if isinstance(cause, BulkWriteError):
        others = [each for each in cause.details["writeErrors"] if each["code"] != DUPLICATE]
        if others or cause.details["writeConcernErrors"]:
            raise translate(BulkWriteError({**cause.details, "writeErrors": others})) from cause
