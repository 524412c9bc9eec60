"""The one door to other HTTP servers: bounded in time and size, with our error types."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import httpx2
import orjson

from shared.errors import TransientError
from shared.http.guard import AddressRefused, Guard, Target
from shared.version import VERSION

MAX_RESPONSE_BYTES = 1024 * 1024
"""Answers are small JSON; a larger one is a fault or an attack and is not buffered."""

AGENT = f"chaupal/{VERSION}"
"""Some stores of files turn away who does not say what they are."""

MAX_HOPS = 3
"""Redirects on the way to a file; a provider needs one at most."""

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


class Incoming:
    """An answer whose body is still on its way; whoever holds it reads it or not, and closes it."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; names are found whatever their case."""
        return self._response.headers

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it arrives, some 64 KiB at a time, and never unpacked: a bomb stays small.

        Raises:
            OutcomeUnknown: the connection broke before the end, or nothing came for too long.
        """
        try:
            async for chunk in self._response.aiter_raw():
                yield chunk
        except httpx2.HTTPError as error:
            raise OutcomeUnknown(f"No complete answer: {type(error).__name__}.") from error

    async def aclose(self) -> None:
        """Let the connection go."""
        await self._response.aclose()


class HttpClient:
    """A pooled client that never follows a redirect unseen: it could lead to an address nobody checked."""

    def __init__(self, *, timeout_seconds: float = 10.0, connections: int = 64) -> None:
        self._total_seconds = 2 * timeout_seconds
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(timeout_seconds, connect=min(3.0, timeout_seconds)),
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=KEPT_ALIVE),
            follow_redirects=False,
            trust_env=False,
        )

    async def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Ask for `url`; see `request`."""
        return await self.request("GET", url, content=None, headers=headers)

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `content` as JSON; see `request`."""
        return await self.request("POST", url, content=content, headers=headers)

    async def put(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Put `content` as JSON; see `request`."""
        return await self.request("PUT", url, content=content, headers=headers)

    async def delete(self, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Answer:
        """Delete what is at `url`; some providers want to be told in a body what exactly. See `request`."""
        return await self.request("DELETE", url, content=content, headers=headers)

    async def request(
        self, method: str, url: str, *, content: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """Make a request and return the answer, whatever its status.

        Args:
            method: such as `GET`.
            url: whom to ask for what.
            content: the body, as JSON unless `headers` say otherwise; None for none.
            headers: beside those every request has.

        Raises:
            NotSent: no connection could be made.
            OutcomeUnknown: the connection broke, or the time was up, after it may have been sent.
        """
        everything = headers if content is None else {"content-type": "application/json", **headers}
        try:
            # The client's own limits are per read: a server that drips bytes would hold us for ever.
            async with (
                asyncio.timeout(self._total_seconds),
                self._client.stream(method, url, content=content, headers=everything) as response,
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

    async def open(
        self, url: str, headers: Mapping[str, str], guard: Guard, *, hops: int = MAX_HOPS
    ) -> Incoming:
        """Ask for a file, at an address that somebody else gave us; the answer is read piece by piece.

        Each redirect is checked like the first address. The connection goes to the network address that was
        checked, whatever the name means a moment later.

        Args:
            url: whom to ask for what.
            headers: credentials and the like; they go to the origin of `url` and to no other.
            guard: says which addresses may be asked.
            hops: how many redirects are followed.

        Raises:
            AddressRefused: an address may not be asked, or there were too many redirects.
            NameUnknown: a host has no address now.
            NotSent: no connection could be made.
            OutcomeUnknown: no answer came.
        """
        target = await guard.check(url)
        first = target.origin
        for _ in range(hops + 1):
            incoming = await self._ask(target, headers if target.origin == first else {})
            location = incoming.headers.get("location")
            if not 300 <= incoming.status < 400 or location is None:  # noqa: PLR2004
                return incoming
            await incoming.aclose()
            target = await guard.check(_joined(target, location))
        raise AddressRefused("redirects")

    async def _ask(self, target: Target, headers: Mapping[str, str]) -> Incoming:
        # What is packed can grow without bound when it is unpacked, and its digest is that of the unpacked.
        headers = {"accept-encoding": "identity", "user-agent": AGENT, **headers}
        if not target.addresses:
            return await self._opened(httpx2.Request("GET", target.url, headers=headers))
        # Kept connections are found by network address: one that was opened, and proved itself, as this name
        # must not be taken for another name at the same address.
        headers |= {"host": target.origin.authority, "connection": "close"}
        name = {"sni_hostname": target.origin.host}
        *others, last = (
            httpx2.Request("GET", target.at(each), headers=headers, extensions=dict(name))
            for each in target.addresses
        )
        for request in others:
            with contextlib.suppress(NotSent):
                return await self._opened(request)
        return await self._opened(last)

    async def _opened(self, request: httpx2.Request) -> Incoming:
        request.extensions["timeout"] = self._client.timeout.as_dict()
        try:
            async with asyncio.timeout(self._total_seconds):
                return Incoming(await self._client.send(request, stream=True))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise NotSent(f"No connection: {type(error).__name__}.") from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise OutcomeUnknown(f"No answer: {type(error).__name__}.") from error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()


def _joined(target: Target, location: str) -> str:
    try:
        return urljoin(target.url, location)
    except ValueError as error:
        raise AddressRefused("form") from error
