"""Setting a record aside: untouched, with the reason beside it."""

from __future__ import annotations

import datetime as dt

from shared.contracts.topics import dead_letter_topic
from shared.errors import PermanentError, TransientError
from shared.log.record import SET_ASIDE, NewRecord, Record
from shared.stream.retry import Retried, original_headers
from shared.version import VERSION

DOMAIN_ERROR = "domain_error"
"""Reason of a record whose `decide` raised: a bug of ours, found by its record."""


def reason_of(error: BaseException) -> str:
    """Return the stable reason code of `error`."""
    return error.code if isinstance(error, (PermanentError, TransientError)) else DOMAIN_ERROR


def dead_letter(
    record: Record,
    service: str,
    consumer: str,
    error: BaseException,
    *,
    now: dt.datetime,
    about: Retried | None = None,
) -> NewRecord:
    """Return the record that sets `record` aside.

    Key, value and headers are the original's, so that a replay is the same record again. Of the error only
    its type and our own sentence are kept: a foreign message may quote a member's text.

    Args:
        record: as it was read.
        service: whose topic it goes to.
        consumer: who could not handle it.
        error: why.
        now: the time.
        about: what `record` says of its earlier attempts, where it had any.
    """
    sentence = error.sentence if isinstance(error, PermanentError) else "The handler raised."
    why = {
        "consumer": consumer,
        "reason": reason_of(error),
        "error": f"{type(error).__name__}: {sentence}",
        "topic": about.topic if about else record.topic,
        "partition": str(about.partition if about else record.partition),
        "offset": str(about.offset if about else record.offset),
        "attempts": str(1 + (about.attempts if about else 0)),
        "version": VERSION,
        "at": now.isoformat(),
    }
    # The store cannot hold a NUL in a name, and a record that cannot be set aside would stop everything.
    headers = {name.replace("\0", "\\0"): value for name, value in original_headers(record.headers).items()}
    headers |= {f"{SET_ASIDE}{name}": text.encode() for name, text in why.items()}
    return NewRecord(dead_letter_topic(service).name, record.key, record.value, headers)


def position_id(record: Record) -> str:
    """Return what the inbox remembers of a record that has no usable id of its own."""
    return f"{record.topic}/{record.partition}/{record.offset}"
