"""Guards every request passes before a handler sees it."""

from __future__ import annotations

import random
import re
import time
from functools import cache

import prometheus_client
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import TooLarge
from shared.http.problems import problem
from shared.observability.logs import get_logger
from shared.observability.metrics import HTTP_REQUESTS, HTTP_SECONDS

log = get_logger(__name__)

MAX_LENGTH_DIGITS = 18
UNEXPECTED = "Something went wrong on our side; it has been recorded."

_REQUEST_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


class BodyTooLarge(TooLarge, HTTPException):
    """The body turned out too large while it was read; FastAPI lets an `HTTPException` through unchanged."""

    def __init__(self, sentence: str) -> None:
        HTTPException.__init__(self, self.status, sentence)
        self.sentence = sentence


class BodyLimit:
    """Refuses a body over `limit` bytes with 413, whatever its Content-Length claims."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = [value for name, value in scope["headers"] if name == b"content-length"]
        if not all(map(self._acceptable, declared)):
            await problem(413, TooLarge.code, self._sentence)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise BodyTooLarge(self._sentence)
            return message

        await self._app(scope, counted, send)

    def _acceptable(self, length: bytes) -> bool:
        return len(length) <= MAX_LENGTH_DIGITS and length.isdigit() and int(length) <= self._limit

    @property
    def _sentence(self) -> str:
        return f"The body is larger than {self._limit} bytes."


HUNG_UP = 499
"""What nginx calls a request whose client left before its answer."""


class Observed:
    """Gives a request an id, binds it to its log lines and measures it by route template."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A mounted application keeps the id that the one around it chose.
        request_id = scope.setdefault("chaupal.request_id", _request_id(scope))
        status = 0
        started = time.perf_counter()

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [each for each in message["headers"] if each[0] != b"x-request-id"]
                message["headers"] = [*headers, (b"x-request-id", request_id.encode())]
            await send(message)

        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, with_id)
        except ClientDisconnect:
            # Whoever asked has hung up: nobody is there to be answered, and nothing is broken.
            status = status or HUNG_UP
        except Exception:
            # Caught here rather than by the server, so that the answer has its id and is counted.
            log.exception("http.unexpected", app=self._name, route=_route(scope))
            if status:
                raise
            await problem(500, "internal", UNEXPECTED)(scope, receive, with_id)
        finally:
            structlog.contextvars.reset_contextvars(**bound)
            requests, seconds = _series(self._name, _route(scope), _method(scope), status or 500)
            requests.inc()
            seconds.observe(time.perf_counter() - started)


@cache
def _series(
    app: str, route: str, method: str, status: int
) -> tuple[prometheus_client.Counter, prometheus_client.Histogram]:
    """Return where a request is counted and where its time goes; bounded as the labels are."""
    return HTTP_REQUESTS.labels(app, route, method, status), HTTP_SECONDS.labels(app, route)


def _route(scope: Scope) -> str:
    """Return the template, not the path: a path holds ids and would make a label without bound."""
    route = scope.get("route")
    return str(getattr(route, "path_format", getattr(route, "path", "unmatched")))


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    text: str = given.decode("latin-1")
    if _REQUEST_ID.fullmatch(text):
        return text
    # It tells requests apart and guards nothing: not worth a question to the kernel.
    return f"{random.getrandbits(128):032x}"
