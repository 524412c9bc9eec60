"""Answers that go wrong on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import Response
from starlette.types import Receive, Scope, Send


class BrokenAnswer(Response):
    """An answer that ends before it is complete: the server then closes the connection.

    Args:
        until: what is waited for between the beginning of the answer and its end.
    """

    def __init__(self, until: Callable[[], Awaitable[object]] | None = None) -> None:
        super().__init__()
        self._until = until

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head of an answer and nothing else."""
        del scope, receive
        headers = [(b"content-type", b"application/json"), (b"content-length", b"512")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        if self._until is not None:
            await self._until()


class DrippingAnswer(Response):
    """A whole answer that takes its time for every byte."""

    def __init__(self, body: bytes, seconds: float) -> None:
        super().__init__(body, media_type="application/json")
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it byte by byte, until it is whole or nobody listens any more."""
        del scope
        head = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(head)
        whole = bytes(self.body)
        gone = asyncio.ensure_future(_gone(receive))
        try:
            for place in range(len(whole)):
                await asyncio.wait({gone}, timeout=self._seconds)
                if gone.done():
                    return
                more = place + 1 < len(whole)
                await send(
                    {"type": "http.response.body", "body": whole[place : place + 1], "more_body": more}
                )
        finally:
            gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
