"""One trace for the whole trip of a message: OpenTelemetry spans, sent to a collector where one is named.

The trace's id is that of the trip, so whoever knows a message knows its trace, and a webhook that is
delivered again tells of the same one. Spans hold ids and names of types, never what anybody wrote.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

from shared.ids import deterministic_id
from shared.observability.logs import get_logger
from shared.observability.metrics import SPANS

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import SpanContext

Place: TypeAlias = tuple[str, str]
"""A trace id and a span id."""

log = get_logger(__name__)

EXPORT_SECONDS = 5.0
"""How long one export may take, with all its attempts."""

FLUSH_SECONDS = 2.0
"""How long an orderly stop waits for the last spans: nobody should wait for a collector that is dead."""

_TRACEPARENT = re.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")
_TRACE_ID = re.compile("[0-9a-f]{16}(?!0{16})[0-9a-f]{16}")


def root_traceparent(trip: str) -> str:
    """Return the place of the first event of `trip`, its correlation id, in the trace of all that follows.

    A UUID's digits are a trace id as they are; anything else is given one.
    """
    trace_id = trip.replace("-", "")
    if not _TRACE_ID.fullmatch(trace_id):
        trace_id = deterministic_id("trace", trip).replace("-", "")
    return f"00-{trace_id}-{trace_id[16:]}-01"


def place_in_trace(traceparent: str | None) -> Place | None:
    """Return the trace id and the span id that `traceparent` names, None where it is none."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    return (found[1], found[2]) if found else None


def span(
    name: str, traceparent: str | None, **attributes: str | int
) -> AbstractContextManager[str | None, bool | None]:
    """Return a context for a piece of work, yielding the `traceparent` of what follows from it.

    Of an error that comes out of it the span holds the type. Without a collector, or where `traceparent` is
    none, there is no span and what was given is yielded.
    """
    if _tracer is None or (place := place_in_trace(traceparent)) is None:
        return nullcontext(traceparent)
    return _Work(_tracer, name, place, attributes)


def record_span(
    name: str, traceparent: str | None, start: dt.datetime, end: dt.datetime, **attributes: str | int
) -> None:
    """Tell of something below `traceparent` that is known only now that it is over."""
    if _tracer is not None and (place := place_in_trace(traceparent)) is not None:
        here = (place[0], _new_span_id())
        _tracer.tell(name, here, parent=place, start=_ns(start), end=_ns(end), attributes=attributes)


def record_root(
    name: str, traceparent: str | None, start: dt.datetime, end: dt.datetime, **attributes: str | int
) -> None:
    """Tell of what began a trip: the span that `traceparent`, made by `root_traceparent`, itself names."""
    if _tracer is not None and (place := place_in_trace(traceparent)) is not None:
        _tracer.tell(name, place, parent=None, start=_ns(start), end=_ns(end), attributes=attributes)


def tracing() -> bool:
    """Return whether anybody wants spans."""
    return _tracer is not None


def start_tracing(endpoint: str, service_name: str) -> None:
    """Send spans to the collector at `endpoint` from now on, by OTLP over HTTP.

    A collector that is away costs its spans and nothing else.
    """
    global _tracer  # noqa: PLW0603 - a span must cost next to nothing while there is no collector
    stop_tracing()
    _tracer = _Tracer(endpoint, service_name)
    log.info("tracing.started")


def stop_tracing() -> None:
    """Send what is left, for `FLUSH_SECONDS` at most."""
    global _tracer
    tracer, _tracer = _tracer, None
    if tracer is not None:
        tracer.close()


class _Work:
    __slots__ = ("_attributes", "_here", "_name", "_parent", "_start", "_tracer")

    def __init__(self, tracer: _Tracer, name: str, parent: Place, attributes: dict[str, str | int]) -> None:
        self._tracer = tracer
        self._name = name
        self._parent = parent
        self._here = (parent[0], _new_span_id())
        self._attributes = attributes
        self._start = 0

    def __enter__(self) -> str:
        self._start = time.time_ns()
        return f"00-{self._here[0]}-{self._here[1]}-01"

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._tracer.tell(
            self._name,
            self._here,
            parent=self._parent,
            start=self._start,
            end=time.time_ns(),
            attributes=self._attributes,
            failure=error_type.__qualname__ if error_type else None,
        )


class _Tracer:
    """Makes finished spans and hands them to a thread that exports them.

    There is no live span and no current one: a span is known by the `traceparent` of its records, and
    building it when it is over is all that OpenTelemetry is needed for.
    """

    def __init__(self, endpoint: str, service_name: str) -> None:
        # Protobuf, requests and what they bring take 13 MB: only for whoever wants spans.
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import ReadableSpan  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.trace import SpanContext, TraceFlags  # noqa: PLC0415
        from opentelemetry.trace.status import Status, StatusCode  # noqa: PLC0415

        # They would tell of a dead collector with every batch, and of addresses; ours say it once.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)
        logging.getLogger("urllib3").setLevel(logging.WARNING)
        self._span, self._context, self._sampled = ReadableSpan, SpanContext, TraceFlags(TraceFlags.SAMPLED)
        self._failed = Status(StatusCode.ERROR)
        self._fine = Status()
        self._resource = Resource({"service.name": service_name})
        self._queue = BatchSpanProcessor(_exporter(endpoint))

    def tell(
        self,
        name: str,
        place: Place,
        *,
        parent: Place | None,
        start: int,
        end: int,
        attributes: Mapping[str, str | int],
        failure: str | None = None,
    ) -> None:
        self._queue.on_end(
            self._span(
                name,
                self._at(place),
                parent=self._at(parent) if parent else None,
                resource=self._resource,
                attributes={**attributes, "error.type": failure} if failure else attributes,
                status=self._failed if failure else self._fine,
                start_time=start,
                end_time=end,
            )
        )
        SPANS.labels("recorded").inc()

    def _at(self, place: Place) -> SpanContext:
        trace_id, span_id = place
        return self._context(int(trace_id, 16), int(span_id, 16), False, self._sampled)

    def close(self) -> None:
        # In a thread of its own, for the library waits half a minute for an export that hangs.
        closing = threading.Thread(target=self._queue.shutdown, name="tracing-close", daemon=True)
        closing.start()
        closing.join(FLUSH_SECONDS)


_tracer: _Tracer | None = None


def _exporter(endpoint: str) -> SpanExporter:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import SpanExportResult  # noqa: PLC0415

    class Exporter(OTLPSpanExporter):
        """Counts what it sends, and says once that a collector has gone away or come back."""

        away = False

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            result = super().export(spans)
            lost = result is not SpanExportResult.SUCCESS
            SPANS.labels("lost" if lost else "exported").inc(len(spans))
            if lost is not self.away:
                self.away = lost
                log.warning("tracing.collector_away" if lost else "tracing.collector_back")
            return result

    return Exporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)


def _new_span_id() -> str:
    # Never all zeros, which would be no id.
    return f"{int.from_bytes(os.urandom(8)) or 1:016x}"


def _ns(at: dt.datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000
