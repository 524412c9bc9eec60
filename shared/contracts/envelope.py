"""Events on the wire: CloudEvents 1.0 in Kafka's binary mode, headers for routing and JSON for the data.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Generic, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from shared.contracts import actions, feedback, gateway, members, moderation, rewards, webinars
from shared.contracts.base import EventModel
from shared.errors import Undecodable, UnknownType, UnknownVersion
from shared.ids import deterministic_id

DataT = TypeVar("DataT", bound=EventModel)
DataT_co = TypeVar("DataT_co", bound=EventModel, covariant=True)

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
MAX_ID = 128
MAX_VERSION_DIGITS = 4
LATE = dt.timedelta(minutes=1)
"""A timer that fires within this is on time: nobody sets their watch by a reminder."""
SCHEMA_PREFIX = "urn:chaupal:"

REGISTRY: dict[tuple[str, int], type[EventModel]] = {
    (model.TYPE, model.VERSION): model
    for owner in (gateway, members, actions, moderation, webinars, rewards, feedback)
    for model in owner.EVENTS
}
"""Every version of every type that can be read."""

_TYPES = frozenset(name for name, _ in REGISTRY)
_NAMED: Mapping[tuple[bytes | None, ...], tuple[str, int]] = {
    (SPEC_VERSION.encode(), name.encode(), f"{SCHEMA_PREFIX}{name}:{version}".encode()): (name, version)
    for name, version in REGISTRY
}
"""What records say as we write it: every consumer looks at all records of its topics, at most in vain."""
_TIME = TypeAdapter(dt.datetime)
_SPEC_VERSION, _CONTENT_TYPE = SPEC_VERSION.encode(), CONTENT_TYPE.encode()


@dataclass(frozen=True, slots=True)
class Envelope(Generic[DataT_co]):
    """An event or command with what is needed to route, deduplicate and trace it."""

    id: str
    source: str
    time: dt.datetime
    correlation_id: str
    """The inbound message that started it all."""
    partition_key: str
    data: DataT_co
    causation_id: str | None = None
    """The event this one directly follows from."""
    traceparent: str | None = None
    due: dt.datetime | None = None
    """When it was to happen, where a timer made it happen."""

    @property
    def late(self) -> bool:
        """Whether a timer fired noticeably later than it was due, after an outage for example."""
        return self.due is not None and self.time - self.due > LATE

    def at(self, traceparent: str | None) -> Envelope[DataT_co]:
        """Return the same event at another place in its trace."""
        if traceparent == self.traceparent:
            return self
        # Written out because `dataclasses.replace` costs three times as much, and every event comes by here.
        return Envelope(
            self.id,
            self.source,
            self.time,
            self.correlation_id,
            self.partition_key,
            self.data,
            self.causation_id,
            traceparent,
            self.due,
        )

    @property
    def type(self) -> str:
        """The name of the data's type."""
        return self.data.TYPE


def originate(data: DataT, *, event_id: str, source: str, key: str, time: dt.datetime) -> Envelope[DataT]:
    """Return the envelope of an event nothing of ours has caused."""
    return Envelope(event_id, source, time, correlation_id=event_id, partition_key=key, data=data)


class Cause(Protocol):
    """What an event follows from: another event, or a request."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def correlation_id(self) -> str:
        """What started it all."""
        ...

    @property
    def time(self) -> dt.datetime:
        """When it happened."""
        ...

    @property
    def traceparent(self) -> str | None:
        """Its place in a trace."""
        ...


def follow(
    cause: Cause,
    data: DataT,
    *,
    consumer: str,
    ordinal: int,
    key: str,
    time: dt.datetime,
    event_id: str | None = None,
) -> Envelope[DataT]:
    """Return the envelope of the event number `ordinal` that `consumer` makes of `cause`.

    Its id depends on nothing else, so that handling the same cause again makes the same event again. An
    `event_id` of its own must be as deterministic: it is for what is to be found again by its id.
    """
    return Envelope(
        id=event_id or deterministic_id(cause.id, consumer, str(ordinal)),
        source=f"/chaupal/{consumer}",
        time=time,
        correlation_id=cause.correlation_id,
        partition_key=key,
        data=data,
        causation_id=cause.id,
        traceparent=cause.traceparent,
    )


def encode(envelope: Envelope[EventModel]) -> tuple[bytes, dict[str, bytes]]:
    """Return the value and the headers that stand for `envelope`."""
    data = envelope.data
    name, schema = _names(type(data))
    headers = {
        "ce_specversion": _SPEC_VERSION,
        "ce_id": envelope.id.encode(),
        "ce_source": envelope.source.encode(),
        "ce_type": name,
        "ce_time": envelope.time.isoformat().encode(),
        "ce_dataschema": schema,
        "ce_correlationid": envelope.correlation_id.encode(),
        "ce_partitionkey": envelope.partition_key.encode(),
        "content-type": _CONTENT_TYPE,
    }
    if envelope.causation_id:
        headers["ce_causationid"] = envelope.causation_id.encode()
    if envelope.traceparent:
        headers["ce_traceparent"] = envelope.traceparent.encode()
    if envelope.due:
        headers["ce_due"] = envelope.due.isoformat().encode()
    return data.model_dump_json(exclude_none=True).encode(), headers


@cache
def _names(model: type[EventModel]) -> tuple[bytes, bytes]:
    """Return the type and the schema of a model, which all its events name alike."""
    return model.TYPE.encode(), f"{SCHEMA_PREFIX}{model.TYPE}:{model.VERSION}".encode()


def peek(headers: Mapping[str, bytes]) -> tuple[str, int]:
    """Return the type and version a record names, without reading its data.

    Raises:
        Undecodable: a header is missing or not text.
        UnknownType: no version of the type is known.
        UnknownVersion: the type is known and this version of it is not.
    """
    known = _NAMED.get((headers.get("ce_specversion"), headers.get("ce_type"), headers.get("ce_dataschema")))
    return known or _read_name(headers)


def _read_name(headers: Mapping[str, bytes]) -> tuple[str, int]:
    if _text(headers, "ce_specversion") != SPEC_VERSION:
        raise Undecodable("The record is not a CloudEvent of version 1.0.")
    name = _text(headers, "ce_type")
    if name not in _TYPES:
        raise UnknownType("The record names a type that is not in the contracts.")
    version = _text(headers, "ce_dataschema").removeprefix(f"{SCHEMA_PREFIX}{name}:")
    # The length first: Python refuses to read a number of thousands of digits, and with the wrong error.
    number = len(version) <= MAX_VERSION_DIGITS and version.isascii() and version.isdigit()
    if not number or (name, int(version)) not in REGISTRY:
        raise UnknownVersion(f"The record names a version of {name} that is not in the contracts.")
    return name, int(version)


def decode(value: bytes, headers: Mapping[str, bytes]) -> Envelope[EventModel]:
    """Return the envelope that `value` and `headers` stand for.

    Raises:
        Undecodable: headers or data are missing or broken.
        UnknownType: no version of the type is known.
        UnknownVersion: the type is known and this version of it is not.
    """
    model = REGISTRY[peek(headers)]
    if len(identity := _text(headers, "ce_id")) > MAX_ID:
        raise Undecodable("The record's id is too long.")
    try:
        data = model.model_validate_json(value)
        time = _TIME.validate_python(_text(headers, "ce_time"))
        due = _TIME.validate_python(_text(headers, "ce_due")) if "ce_due" in headers else None
    except (ValidationError, RecursionError) as error:
        raise Undecodable(f"The data is not a valid {model.TYPE}.") from error
    if time.tzinfo is None or (due is not None and due.tzinfo is None):
        raise Undecodable("The record's time has no zone.")
    return Envelope(
        id=identity,
        source=_text(headers, "ce_source"),
        time=time,
        correlation_id=_text(headers, "ce_correlationid"),
        partition_key=_text(headers, "ce_partitionkey"),
        data=data,
        causation_id=_optional(headers, "ce_causationid"),
        traceparent=_optional(headers, "ce_traceparent"),
        due=due,
    )


def _optional(headers: Mapping[str, bytes], name: str) -> str | None:
    return _text(headers, name) if name in headers else None


def _text(headers: Mapping[str, bytes], name: str) -> str:
    try:
        text = headers[name].decode()
    except KeyError:
        raise Undecodable(f"The header {name} is missing.") from None
    except UnicodeDecodeError:
        raise Undecodable(f"The header {name} is not UTF-8.") from None
    if not text:
        raise Undecodable(f"The header {name} is empty.")
    return text
