from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import httpx2
import pytest
import structlog
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.types import Message

from shared.clock import FixedClock
from shared.errors import (
    Conflict,
    DependencyAway,
    Forbidden,
    Invalid,
    LogUnavailable,
    NotFound,
    PreconditionFailed,
    ProviderUnavailable,
    Rejected,
    StoreUnavailable,
    TooLarge,
    Unauthenticated,
)
from shared.http.app import create_app, operations_app, requires
from shared.http.keys import Actor, KeyRing, new_key
from shared.http.server import HttpServer
from shared.observability.health import Health
from shared.observability.logs import configure
from shared.observability.metrics import REGISTRY

LIMIT = 2000
NOW = dt.datetime(2026, 11, 5, 6, 30, tzinfo=dt.UTC)
PRIVATE = "Asha Devi, +91 98765 43210: मुझे मदद चाहिए"
READER, READS = new_key("reader", frozenset({"things:read"}))
WRITER, WRITES = new_key("writer", frozenset({"things:read", "things:write"}))
FORMER, EXPIRED = new_key("former", frozenset({"things:write"}), NOW.date() - dt.timedelta(days=1))

REJECTIONS = [Invalid, NotFound, Conflict, PreconditionFailed, Unauthenticated, Forbidden, TooLarge]
AWAY = [DependencyAway, StoreUnavailable, LogUnavailable, ProviderUnavailable]


class Thing(BaseModel):
    name: str = Field(max_length=5)
    phone: int


def router() -> APIRouter:
    made = APIRouter()

    @made.post("/things")
    async def post_thing(thing: Thing) -> Thing:
        return thing

    @made.post("/raw")
    async def post_raw(request: Request) -> int:
        return len(await request.body())

    @made.get("/things/{thing_id}")
    async def get_thing(thing_id: int) -> int:
        return thing_id

    @made.get("/rejects/{which}")
    async def rejects(which: int) -> None:
        raise [*REJECTIONS, *AWAY][which]("It rained.")

    @made.get("/breaks")
    async def breaks() -> None:
        try:
            json.loads(PRIVATE)
        except ValueError as error:
            raise KeyError(PRIVATE) from error

    @made.get("/guarded", dependencies=[Depends(requires("things:read"))])
    async def guarded() -> str:
        return "seen"

    @made.put("/guarded")
    async def change(actor: Annotated[Actor, Depends(requires("things:write"))]) -> str:
        return actor.id

    return made


APP = create_app(
    "test",
    "Of the tests.",
    router(),
    keys=KeyRing(READS, WRITES, EXPIRED),
    clock=FixedClock(NOW),
    max_body_bytes=LIMIT,
)


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(APP, raise_app_exceptions=True)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


def problem(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["title"] == code
    assert body["type"] == f"urn:chaupal:problem:{code}"
    assert body["detail"]
    return body


class TestProblems:
    @pytest.mark.parametrize("kind", REJECTIONS, ids=lambda kind: kind.__name__)
    async def test_each_rejection_is_a_problem_document(self, client, kind: type[Rejected]):
        response = await client.get(f"/rejects/{REJECTIONS.index(kind)}")
        assert problem(response, kind.status, kind.code)["detail"] == "It rained."
        assert response.headers.get("www-authenticate") == ("Bearer" if kind is Unauthenticated else None)
        assert "retry-after" not in response.headers

    @pytest.mark.parametrize("kind", AWAY, ids=lambda kind: kind.__name__)
    async def test_x02_while_something_is_away_the_caller_is_told_when_to_come_again(
        self, client, kind: type[DependencyAway]
    ):
        response = await client.get(f"/rejects/{len(REJECTIONS) + AWAY.index(kind)}")
        problem(response, 503, kind.code)
        assert int(response.headers["retry-after"]) > 0

    async def test_what_does_not_exist_is_a_problem_document(self, client):
        problem(await client.get("/nothing"), 404, "not_found")
        response = await client.delete("/things")
        problem(response, 405, "method_not_allowed")
        assert response.headers["allow"] == "POST"

    @pytest.mark.parametrize("prefix", ["", "/mounted"])
    async def test_all_methods_of_a_path_are_named_and_not_those_of_one_route(self, prefix):
        outer = operations_app("process", Health(), {"mounted": APP}, LIMIT)
        transport = httpx2.ASGITransport(outer if prefix else APP)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.delete(f"{prefix}/guarded")
            problem(response, 405, "method_not_allowed")
            assert response.headers["allow"] == "GET, PUT"
            assert (await client.post(f"{prefix}/guarded")).headers["allow"] == "GET, PUT"
            assert (await client.put(f"{prefix}/things/7")).headers["allow"] == "GET"
            assert (await client.delete(f"{prefix}/openapi.json")).headers["allow"] == "GET, HEAD"

    async def test_fields_that_are_wrong_are_named_and_what_was_sent_is_not_repeated(self, client):
        response = await client.post("/things", json={"name": PRIVATE, "phone": PRIVATE})
        body = problem(response, 422, "invalid")
        assert [each["field"] for each in body["errors"]] == ["body.name", "body.phone"]
        assert "98765" not in response.text
        assert "Asha" not in response.text

    @pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 1500, b""])
    async def test_a_body_that_is_not_json_is_a_problem_document(self, client, body):
        response = await client.post("/things", content=body, headers={"content-type": "application/json"})
        assert response.status_code in {400, 422}
        problem(response, response.status_code, response.json()["title"])

    async def test_a_bug_of_ours_is_answered_without_details(self, client):
        response = await client.get("/breaks")
        body = problem(response, 500, "internal")
        assert set(body) == {"type", "title", "status", "detail"}
        assert "KeyError" not in response.text
        assert "Asha" not in response.text
        assert response.headers["x-request-id"]


@pytest.fixture(autouse=True)
def logged() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    stream = io.StringIO()
    configure("info", "json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


async def test_x05_a_bug_of_ours_is_logged_where_it_is_and_without_what_was_written(client, logged):
    await client.get("/breaks", headers={"x-request-id": "abcdefgh"})
    (line,) = [json.loads(each) for each in logged.getvalue().splitlines()]
    assert line["event"] == "http.unexpected"
    assert line["route"] == "/breaks"
    assert line["request_id"] == "abcdefgh"
    assert "in breaks" in line["exception"]
    assert "builtins.KeyError" in line["exception"]
    assert "JSONDecodeError" in line["exception"]
    assert "Asha" not in logged.getvalue()
    assert "98765" not in logged.getvalue()


class TestBodyLimit:
    @pytest.mark.parametrize("path", ["/raw", "/things"])
    @pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
    async def test_a_body_over_the_limit_is_refused(self, client, path, declared):
        async def chunks() -> AsyncIterator[bytes]:
            yield b" " * 1500
            yield b" " * 1500

        content = b" " * 3000 if declared else chunks()
        response = await client.post(path, content=content, headers={"content-type": "application/json"})
        problem(response, 413, "too_large")

    async def test_a_body_up_to_the_limit_is_read(self, client):
        assert (await client.post("/raw", content=b"x" * LIMIT)).json() == LIMIT

    @pytest.mark.parametrize(
        "length",
        ["-1", "1e3", "0x10", "1, 2", "", "٣", "9" * 5000, str(LIMIT + 1)],
        ids=lambda text: text[:6],
    )
    async def test_a_length_that_is_none_is_refused_before_anything_is_read(self, length):
        sent: list[Message] = []

        async def receive() -> Message:
            raise AssertionError("nothing may be read")

        async def send(message: Message) -> None:
            sent.append(message)

        scope = _scope("/raw", [(b"content-length", length.encode())])
        await APP(scope, receive, send)
        assert sent[0]["status"] == 413

    async def test_a_length_that_lies_does_not_help(self):
        sent: list[Message] = []
        chunks = iter([b"x" * 1500] * 100)
        read = 0

        async def receive() -> Message:
            nonlocal read
            read += 1
            return {"type": "http.request", "body": next(chunks), "more_body": True}

        async def send(message: Message) -> None:
            sent.append(message)

        await APP(_scope("/raw", [(b"content-length", b"10")]), receive, send)
        assert sent[0]["status"] == 413
        assert read == 2

    async def test_two_lengths_are_both_looked_at(self):
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        lengths = [(b"content-length", b"10"), (b"content-length", b"999999")]
        await APP(_scope("/raw", lengths), receive, send)
        assert sent[0]["status"] == 413


def _scope(path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }


class TestRequestIds:
    @pytest.mark.parametrize("given", ["abcdefgh", "A" * 64, "7a1e-4b_2"])
    async def test_an_id_that_a_proxy_gave_is_kept(self, client, given):
        response = await client.get("/things/1", headers={"x-request-id": given})
        assert response.headers["x-request-id"] == given

    @pytest.mark.parametrize("given", ["", "short", "A" * 65, "with space", "ключключ", 'in"jection', None])
    async def test_any_other_is_replaced(self, client, given):
        headers = {} if given is None else {"x-request-id": given.encode("utf-8")}
        response = await client.get("/things/1", headers=headers)
        made = response.headers["x-request-id"]
        assert made != given
        assert len(made) == 32
        assert (await client.get("/things/1")).headers["x-request-id"] != made

    async def test_a_mounted_application_answers_under_the_same_single_id(self):
        app = operations_app("internal", Health(), {"test": APP}, LIMIT)
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            for path in ("/test/things/1", "/test/nothing", "/test/breaks"):
                response = await client.get(path)
                assert len(response.headers.get_list("x-request-id")) == 1, path


class TestScopes:
    async def test_without_a_key_the_caller_is_asked_for_one(self, client):
        response = await client.get("/guarded")
        problem(response, 401, "unauthenticated")
        assert response.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize(
        "header",
        [
            f"Bearer {READER}x",
            f"Basic {READER}",
            "Bearer",
            f"Bearer {FORMER}",
            f"{READER}",
            "Bearer key_reader_",
        ],
    )
    async def test_a_wrong_key_is_refused(self, client, header):
        for method in ("GET", "PUT"):
            response = await client.request(method, "/guarded", headers={"authorization": header})
            problem(response, 401, "unauthenticated")
            assert "key_reader" not in response.text

    async def test_a_key_without_the_scope_is_refused_with_its_name(self, client):
        response = await client.put("/guarded", headers={"authorization": f"Bearer {READER}"})
        assert "things:write" in problem(response, 403, "forbidden")["detail"]

    async def test_a_key_with_the_scope_passes_and_says_whose_it_is(self, client):
        for key, method, answer in ((READER, "GET", "seen"), (WRITER, "PUT", "writer")):
            response = await client.request(method, "/guarded", headers={"authorization": f"Bearer {key}"})
            assert (response.status_code, response.json()) == (200, answer)
            assert response.headers["cache-control"] == "no-store"


class TestOperations:
    @pytest.fixture
    async def operations(self) -> AsyncIterator[tuple[httpx2.AsyncClient, Health]]:
        health = Health()
        app = operations_app("internal", health, {"test": APP}, LIMIT)
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client, health

    async def test_readiness_says_what_is_wrong(self, operations):
        client, health = operations
        health.check("log").failing("log_unavailable")
        response = await client.get("/readyz")
        assert response.status_code == 503
        assert response.json() == {"status": "failing", "problems": {"log": "log_unavailable"}}
        assert (await client.get("/livez")).status_code == 200
        health.check("log").ok()
        assert (await client.get("/readyz")).json() == {"status": "ok", "problems": {}}

    async def test_x05_metrics_count_routes_by_template_and_hold_nothing_of_a_path(self, operations):
        client, _ = operations
        number = "919876543210"
        for path in (f"/test/things/{number}", f"/test/{number}", f"/{number}", f"/test/things/{number}/x"):
            await client.get(path)
        await client.request(number, "/test/things/1")
        metrics = (await client.get("/metrics")).text
        assert number not in metrics
        assert 'app="test",method="GET",route="/things/{thing_id}",status="200"' in metrics
        assert 'app="test",method="GET",route="unmatched",status="404"' in metrics
        assert 'method="OTHER"' in metrics

    async def test_a_bug_of_ours_is_counted_as_such(self, operations):
        client, _ = operations
        labels = {"app": "test", "route": "/breaks", "method": "GET", "status": "500"}
        before = REGISTRY.get_sample_value("chaupal_http_requests_total", labels) or 0.0
        await client.get("/test/breaks")
        assert REGISTRY.get_sample_value("chaupal_http_requests_total", labels) == before + 1


async def test_over_a_socket_the_answers_are_the_same(logged):
    server = HttpServer(APP, "127.0.0.1", 0)
    serving = asyncio.create_task(server.serve())
    await server.started()
    try:
        async with httpx2.AsyncClient(base_url=server.url, trust_env=False) as client:
            problem(await client.get("/breaks"), 500, "internal")
            assert (await client.post("/raw", content=b"x" * 9)).json() == 9
            problem(await client.post("/raw", content=b"x" * (LIMIT + 1)), 413, "too_large")
            assert "server" not in (await client.get("/things/1")).headers
    finally:
        server.stop()
        await serving
    assert "Asha" not in logged.getvalue()


async def test_whoever_hangs_up_in_the_middle_of_a_body_is_no_error_of_ours() -> None:
    app = create_app("hangup", "x")

    @app.post("/body")
    async def body(request: Request) -> None:
        await request.body()

    labels = {"app": "hangup", "route": "/body", "method": "POST", "status": "499"}
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/body",
        "raw_path": b"/body",
        "query_string": b"",
        "headers": [(b"content-length", b"10")],
        "http_version": "1.1",
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    with structlog.testing.capture_logs() as logs:
        await app(scope, receive, send)
    assert not sent
    assert not [each for each in logs if each["event"] == "http.unexpected"]
    assert REGISTRY.get_sample_value("chaupal_http_requests_total", labels) == 1
