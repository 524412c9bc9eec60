from __future__ import annotations

import datetime as dt
import io
import logging
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import structlog
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from deploy.local.process import free_port
from shared.observability import tracing
from shared.observability.logs import configure
from shared.observability.metrics import REGISTRY
from shared.observability.tracing import (
    place_in_trace,
    record_root,
    record_span,
    root_traceparent,
    span,
    start_tracing,
    stop_tracing,
)

TRIP = "5f0a3c52-6f0e-5c1d-9d53-1b8a2f6f7c10"
ROOT = "00-5f0a3c526f0e5c1d9d531b8a2f6f7c10-9d531b8a2f6f7c10-01"
THEN = dt.datetime(2026, 11, 5, 6, 30, 0, 123456, tzinfo=dt.UTC)
LATER = THEN + dt.timedelta(milliseconds=250)


class Collector(ThreadingHTTPServer):
    """Takes spans, as slowly as it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, ExportTraceServiceRequest]] = []
        self.answering = threading.Event()
        self.answering.set()
        self.asked = threading.Event()
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def spans(self) -> dict[str, Any]:
        return {
            each.name: each
            for _, request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for each in scope.spans
        }


class Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.set()
        self.server.answering.wait(30)
        self.server.requests.append((self.path, ExportTraceServiceRequest.FromString(body)))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.answering.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _off_again() -> Iterator[None]:
    yield
    stop_tracing()


def exported(outcome: str) -> float:
    return REGISTRY.get_sample_value("chaupal_spans_total", {"outcome": outcome}) or 0.0


def text_of(each: Any) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in each.attributes}


# --- Where a trace begins ---


def test_the_digits_of_a_trip_are_its_trace():
    assert root_traceparent(TRIP) == ROOT
    assert place_in_trace(ROOT) == ("5f0a3c526f0e5c1d9d531b8a2f6f7c10", "9d531b8a2f6f7c10")


@pytest.mark.parametrize(
    "trip",
    [
        "",
        "reply-1",
        "c_0123456789abcdef0123",
        "नमस्ते",
        "\ud800",
        "x" * 5000,
        "0" * 32,
        str(uuid.UUID(int=1 << 64)),
    ],
    ids=ascii,
)
def test_a_trip_of_any_name_has_one_trace_that_can_be_read(trip):
    place = place_in_trace(root_traceparent(trip))
    assert place is not None
    assert set(place[1]) != {"0"}
    assert root_traceparent(trip) == root_traceparent(trip)


def test_trips_have_traces_of_their_own():
    assert len({root_traceparent(str(uuid.uuid4())) for _ in range(100)} | {root_traceparent("a")}) == 101


@pytest.mark.parametrize(
    "given",
    [
        *(None, "", "00", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", ROOT.upper(), f"{ROOT}\n", f" {ROOT}"),
        *("00-" + "1" * 32 + "-" + "0" * 16 + "-01", "01" + ROOT[2:], "x" * 100_000, ROOT + "-extra"),
    ],
    ids=lambda each: ascii(each)[:30],
)
def test_what_is_no_traceparent_is_passed_on_and_makes_no_span(given, collector):
    assert place_in_trace(given) is None
    start_tracing(collector.url, "test")
    with span("work", given) as follows:
        assert follows is given
    record_span("known_afterwards", given, THEN, LATER)
    record_root("beginning", given, THEN, LATER)
    stop_tracing()
    assert not collector.requests


# --- Without a collector ---


def test_without_a_collector_what_follows_stands_where_its_cause_stood():
    with span("work", ROOT, consumer="c") as follows:
        assert follows == ROOT
    with span("work", None) as follows:
        assert follows is None
    record_span("known_afterwards", ROOT, THEN, LATER)
    record_root("beginning", ROOT, THEN, LATER)


def test_without_a_collector_errors_pass_as_they_are():
    with pytest.raises(KeyError, match="x"), span("work", ROOT):
        raise KeyError("x")


def test_stopping_what_was_not_started_is_nothing():
    stop_tracing()


# --- With one ---


def test_a_trip_becomes_one_tree_of_spans(collector):
    start_tracing(f"{collector.url}/", "chaupal-test")
    record_root("webhook", ROOT, THEN, LATER, event_type="message.received")
    with span("handle", ROOT, consumer="moderation.rules", attempt=2) as below:
        assert below is not None
        assert place_in_trace(below) != place_in_trace(ROOT)
    record_span("outbox", below, THEN, LATER)
    stop_tracing()
    assert {path for path, _ in collector.requests} == {"/v1/traces"}
    resource = collector.requests[0][1].resource_spans[0].resource
    assert text_of(resource) == {"service.name": "chaupal-test"}
    webhook, handle, outbox = (collector.spans[name] for name in ("webhook", "handle", "outbox"))
    assert {each.trace_id.hex() for each in (webhook, handle, outbox)} == {TRIP.replace("-", "")}
    assert webhook.span_id.hex() == "9d531b8a2f6f7c10"
    assert webhook.parent_span_id == b""
    assert handle.parent_span_id == webhook.span_id
    assert outbox.parent_span_id == handle.span_id
    assert webhook.end_time_unix_nano - webhook.start_time_unix_nano == 250_000_000
    assert text_of(webhook) == {"event_type": "message.received"}
    assert handle.end_time_unix_nano >= handle.start_time_unix_nano > 0
    assert handle.status.code == Status.STATUS_CODE_UNSET


def test_of_an_error_its_type_is_told_and_nothing_it_says(collector):
    start_tracing(collector.url, "test")
    with pytest.raises(ValueError, match="secret"), span("handle", ROOT):
        raise ValueError("secret मेरा राज़")
    stop_tracing()
    handle = collector.spans["handle"]
    assert handle.status.code == Status.STATUS_CODE_ERROR
    assert text_of(handle) == {"error.type": "ValueError"}
    assert not handle.events
    assert b"secret" not in collector.requests[0][1].SerializeToString()


def test_what_is_exported_is_counted(collector):
    before = exported("recorded"), exported("exported")
    start_tracing(collector.url, "test")
    for _ in range(3):
        record_span("outbox", ROOT, THEN, LATER)
    stop_tracing()
    assert (exported("recorded") - before[0], exported("exported") - before[1]) == (3, 3)


def test_starting_again_goes_on_with_the_new_collector(collector):
    start_tracing(f"http://127.0.0.1:{free_port()}", "test")
    start_tracing(collector.url, "test")
    record_span("outbox", ROOT, THEN, LATER)
    stop_tracing()
    assert "outbox" in collector.spans


# --- With one that does not do its part ---


@pytest.fixture
def log_output() -> Iterator[io.StringIO]:
    handlers, level, before = logging.root.handlers[:], logging.root.level, structlog.get_config()
    stream = io.StringIO()
    configure("debug", "json", stream)
    yield stream
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def test_a_collector_that_refuses_costs_its_spans_and_is_told_of_once(collector, log_output, monkeypatch):
    collector.status = 400
    before = exported("lost")
    start_tracing(collector.url, "test")
    tracer = tracing._tracer
    assert tracer is not None
    for _ in range(5):
        record_span("outbox", ROOT, THEN, LATER)
        tracer._queue.force_flush()
    assert exported("lost") - before == 5
    collector.status = 200
    record_span("outbox", ROOT, THEN, LATER)
    tracer._queue.force_flush()
    stop_tracing()
    lines = [line for line in log_output.getvalue().splitlines() if "tracing.started" not in line]
    assert ["tracing.collector_away" in lines[0], "tracing.collector_back" in lines[1]] == [True, True]
    assert len(lines) == 2


@pytest.mark.parametrize("hangs", [True, False], ids=["it hangs", "nobody listens"])
def test_a_dead_collector_slows_neither_the_work_nor_the_end(hangs, collector, monkeypatch):
    monkeypatch.setattr(tracing, "FLUSH_SECONDS", 0.05)
    collector.answering.clear()
    start_tracing(collector.url if hangs else f"http://127.0.0.1:{free_port()}", "test")
    began = time.monotonic()
    for _ in range(5000):
        with span("handle", ROOT):
            pass
    if hangs:
        assert collector.asked.wait(10), "nothing was sent"
    stop_tracing()
    assert time.monotonic() - began < 5
    collector.answering.set()


def test_what_the_library_itself_logs_stays_out_of_our_log(log_output):
    start_tracing(f"http://127.0.0.1:{free_port()}", "test")
    logging.getLogger("opentelemetry.sdk._shared_internal").error("Queue full, dropping Span.")
    stop_tracing()
    assert "Queue full" not in log_output.getvalue()
