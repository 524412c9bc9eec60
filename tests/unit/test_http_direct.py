from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest
from fastapi import APIRouter, Request, Response
from starlette.types import Message

from shared.http.app import health_router
from shared.http.direct import DirectRoute, public_app
from shared.observability.health import Health
from shared.observability.metrics import REGISTRY

LIMIT = 1000
NAME = "public-test"

hooks = APIRouter(prefix="/hooks", route_class=DirectRoute)


@hooks.post("/{account}")
async def take(account: str, request: Request) -> Response:
    body = await request.body()
    if body == b"break":
        raise KeyError("Asha")
    return Response(f"{account} {len(body)}")


APP = public_app(NAME, hooks, health_router(Health()), max_body_bytes=LIMIT)


async def ask(method: str, path: str, body: bytes = b"") -> httpx2.Response:
    transport = httpx2.ASGITransport(app=APP, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://public") as client:
        return await client.request(method, path, content=body)


async def test_direct_routes_and_all_others_answer_at_one_address():
    assert (await ask("POST", "/hooks/main", b"123")).text == "main 3"
    assert (await ask("GET", "/livez")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/hooks/a/b", 404, "not_found"),
        ("POST", "/hooks", 404, "not_found"),
        ("GET", "/hookshop/main", 404, "not_found"),
        ("GET", "/hooks/main", 405, "method_not_allowed"),
        ("POST", "/livez", 405, "method_not_allowed"),
        ("GET", "/docs", 404, "not_found"),
        ("GET", "/openapi.json", 404, "not_found"),
    ],
)
async def test_what_is_not_there_is_the_same_problem_on_both_sides(method, path, status, code):
    answer = await ask(method, path)
    assert (answer.status_code, answer.json()["title"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"]


async def test_a_body_that_is_too_large_is_refused_on_a_direct_route():
    answer = await ask("POST", "/hooks/main", b"x" * (LIMIT + 1))
    assert (answer.status_code, answer.json()["title"]) == (413, "too_large")


async def test_whoever_hangs_up_in_the_middle_of_a_body_is_counted_as_such_and_gets_no_answer():
    labels = {"app": NAME, "route": "/hooks/{account}", "method": "POST", "status": "499"}
    before = REGISTRY.get_sample_value("chaupal_http_requests_total", labels) or 0.0
    said: Iterator[Message] = iter(
        [{"type": "http.request", "body": b"12", "more_body": True}, {"type": "http.disconnect"}]
    )
    sent: list[Message] = []

    async def receive() -> Message:
        return next(said)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/hooks/main", "headers": [], "query_string": b""}
    await APP(scope, receive, send)
    assert sent == []
    assert REGISTRY.get_sample_value("chaupal_http_requests_total", labels) == before + 1


async def test_an_unforeseen_error_says_nothing_and_is_counted_by_its_template():
    labels = {"app": NAME, "route": "/hooks/{account}", "method": "POST", "status": "500"}
    before = REGISTRY.get_sample_value("chaupal_http_requests_total", labels) or 0.0
    answer = await ask("POST", "/hooks/main", b"break")
    assert (answer.status_code, answer.json()["title"]) == (500, "internal")
    assert "Asha" not in answer.text
    assert REGISTRY.get_sample_value("chaupal_http_requests_total", labels) == before + 1
