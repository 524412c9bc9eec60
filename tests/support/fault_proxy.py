"""A TCP proxy that makes the way to a server slow, narrow, broken or dead."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Self

from deploy.local.process import LOOPBACK, free_port

CHUNK = 64 * 1024
SLICES_PER_SECOND = 20


WAITING = 64
"""Chunks that may be late at once in one direction."""


class Talk:
    """What is said on one connection, and may be changed on its way."""

    def asked(self, chunk: bytes) -> bytes:
        """Return what the server gets of what the client has sent."""
        return chunk

    def answered(self, chunk: bytes) -> bytes:
        """Return what the client gets of what the server has sent."""
        return chunk


class FaultProxy:
    """Passes bytes between clients and a server on loopback, and does to them what it is told.

    `delay` and `bytes_per_second` may be changed at any time and hold for what comes from then on.
    """

    def __init__(self, target_port: int, *, port: int = 0) -> None:
        self.port = port or free_port()
        self.delay = 0.0
        """Seconds by which everything is late, in each direction: half of what a round trip gains."""
        self.bytes_per_second: float | None = None
        """How much gets through, in each direction of each connection; None for all there is."""
        self.accepted = 0
        """Connections there have been."""
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._ways: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    @property
    def address(self) -> str:
        """Where clients are to connect."""
        return f"{LOOPBACK}:{self.port}"

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.down()
        for way in list(self._ways):
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def accept(self) -> None:
        """Let clients connect, at first or again."""
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, LOOPBACK, self.port, limit=CHUNK)

    async def refuse(self) -> None:
        """Refuse new connections; those there are go on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def cut(self) -> None:
        """Break every connection there is, as a reset does; new ones are possible."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def down(self) -> None:
        """Be as a machine on which nothing listens."""
        await self.refuse()
        self.cut()

    def half_open(self) -> None:
        """Let nothing through any more while every connection seems to be there."""
        self._flowing.clear()

    def flow(self) -> None:
        """Let through what waits, and what comes."""
        self._flowing.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target_port, limit=CHUNK)
        except OSError:
            writer.transport.abort()
            return
        talk = self._talk()
        ways = [
            asyncio.create_task(self._pass(reader, far_writer, talk.asked)),
            asyncio.create_task(self._pass(far_reader, writer, talk.answered)),
        ]
        self._ways.update(ways)
        self._writers |= {writer, far_writer}
        try:
            # Where one direction has ended nobody we know goes on with the other.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for each in (writer, far_writer):
                self._writers.discard(each)
                each.transport.abort()
            await asyncio.gather(*ways, return_exceptions=True)
            self._ways.difference_update(ways)

    def _talk(self) -> Talk:
        """Return what looks at the bytes of one connection."""
        return Talk()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, look: Callable[[bytes], bytes]
    ) -> None:
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WAITING)
        sending = asyncio.create_task(self._send(late, writer))
        try:
            with contextlib.suppress(ConnectionError):
                while chunk := await reader.read(CHUNK):
                    if through := look(chunk):
                        await late.put((time.monotonic() + self.delay, through))
            # What was said before the end still arrives.
            await late.put((0.0, b""))
            await sending
        finally:
            sending.cancel()

    async def _send(self, late: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while (item := await late.get())[1]:
                due, left = item
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                while left:
                    await self._flowing.wait()
                    size = len(left)
                    if self.bytes_per_second:
                        size = max(1, int(self.bytes_per_second / SLICES_PER_SECOND))
                        await asyncio.sleep(min(size, len(left)) / self.bytes_per_second)
                    writer.write(left[:size])
                    await writer.drain()
                    left = left[size:]
        # Nobody listens any more: whoever still speaks is to notice.
        writer.transport.abort()
