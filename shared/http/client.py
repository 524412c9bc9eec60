"""The one door to other HTTP servers: bounded in time and size, with our error types."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx2
import orjson

from shared.errors import TransientError

MAX_RESPONSE_BYTES = 1024 * 1024
"""Answers are small JSON; a larger one is a fault or an attack and is not buffered."""


KEPT_ALIVE = 20
"""Idle connections kept: the pool looks at each of them for every request."""


class NotSent(TransientError):
    """The request never left: trying again cannot double its effect."""

    code = "not_sent"


class OutcomeUnknown(TransientError):
    """The request may have had its effect although no answer came."""

    code = "outcome_unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON, or None where it is not JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None


class HttpClient:
    """A pooled client that never follows redirects: a redirect could lead to an address nobody checked."""

    def __init__(self, *, timeout_seconds: float = 10.0, connections: int = 64) -> None:
        self._total_seconds = 2 * timeout_seconds
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(timeout_seconds, connect=min(3.0, timeout_seconds)),
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=KEPT_ALIVE),
            follow_redirects=False,
            trust_env=False,
        )

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `content` as JSON and return the answer, whatever its status.

        Raises:
            NotSent: no connection could be made.
            OutcomeUnknown: the connection broke, or the time was up, after it may have been sent.
        """
        everything = {"content-type": "application/json", **headers}
        try:
            # The client's own limits are per read: a server that drips bytes would hold us for ever.
            async with (
                asyncio.timeout(self._total_seconds),
                self._client.stream("POST", url, content=content, headers=everything) as response,
            ):
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_RESPONSE_BYTES:
                        raise OutcomeUnknown("The answer was too large to read.")
                return Answer(response.status_code, dict(response.headers), bytes(body))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise NotSent(f"No connection: {type(error).__name__}.") from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise OutcomeUnknown(f"No complete answer: {type(error).__name__}.") from error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()
