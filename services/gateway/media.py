"""Files of members, handed through from their provider: bounded in size, time and number, and never kept."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from services.gateway.channels.files import FileGone, FileRefused, Files
from services.gateway.domain.known import Known
from shared.errors import NotFound, ProviderUnavailable, Rejected, TransientError
from shared.http.client import Incoming, OutcomeUnknown
from shared.observability.logs import get_logger
from shared.observability.metrics import MEDIA_FETCHED

log = get_logger(__name__)

AT_ONCE = 8
"""Files on their way at one time: each holds a connection and some chunks."""

SECONDS = 300.0
"""How long one file may take, whoever is slow, the provider or the one who asked."""

MAX_DIGITS = 18


class MediaBusy(Rejected):
    """So many files are on their way that another has to wait."""

    code = "media_busy"
    status = 429


class MediaTooLarge(Rejected):
    """The file is larger than we hand through."""

    code = "media_too_large"
    status = 502


class MediaBroken(TransientError):
    """The file broke off, or is not the one that was announced; what came of it is not to be used."""

    code: ClassVar[str] = "media_broken"

    def __init__(self, outcome: str) -> None:
        super().__init__(f"The file did not arrive whole: {outcome}.")
        self.outcome = outcome


class Index(Protocol):
    """Where messages are found."""

    async def find(self, message_id: str) -> Known | None:
        """Return the message with this id."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where the files of an account come from."""

    channel: str
    files: Files


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost."""

    max_bytes: int
    deadline: float
    """By the clock of the event loop."""


class Download:
    """A file on its way. Whoever holds it closes it, read or not."""

    def __init__(self, known: Known, channel: str, incoming: Incoming, limits: Limits) -> None:
        self._known = known
        self._channel = channel
        self._incoming = incoming
        self._limits = limits
        self._outcome = "left"
        self.release = contextlib.AsyncExitStack()
        """What is given back at the end."""

    @property
    def length(self) -> int | None:
        """In bytes, where the provider says so."""
        declared = self._incoming.headers.get("content-length", "")
        right = declared.isascii() and declared.isdigit() and len(declared) <= MAX_DIGITS
        return int(declared) if right else None

    @property
    def mime_type(self) -> str | None:
        """What the provider declared when the message came, without parameters."""
        return self._known.media.mime_type if self._known.media else None

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the file.

        The last piece is given out only when all of it is known to be right: until then whoever reads it has
        an incomplete file, and can tell.

        Raises:
            MediaBroken: it broke off, took too long, is too large or is not what was announced.
        """
        try:
            async with contextlib.aclosing(self._checked()) as pieces:
                async for piece in pieces:
                    yield piece
            self._outcome = "served"
        except MediaBroken as error:
            self._outcome = error.outcome
            log.warning("gateway.media_broken", message_id=self._known.message_id, outcome=error.outcome)
            raise

    async def aclose(self) -> None:
        """Let the provider's connection go."""
        MEDIA_FETCHED.labels(self._channel, self._outcome).inc()
        await self.release.aclose()

    async def _checked(self) -> AsyncGenerator[bytes]:
        digest, size, held = hashlib.sha256(), 0, b""
        async with contextlib.aclosing(self._incoming.chunks()) as pieces:
            while (piece := await self._next(pieces)) is not None:
                size += len(piece)
                if size > self._limits.max_bytes:
                    raise MediaBroken("too_large")
                digest.update(piece)
                if held:
                    yield held
                held = piece
        if self.length is not None and size != self.length:
            raise MediaBroken("broken")
        announced = self._known.media.sha256 if self._known.media else None
        if announced is not None and not hmac.compare_digest(announced, digest.digest()):
            raise MediaBroken("mismatch")
        yield held

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        try:
            async with asyncio.timeout_at(self._limits.deadline):
                return await anext(pieces, None)
        except OutcomeUnknown as error:
            raise MediaBroken("broken") from error
        except TimeoutError as error:
            raise MediaBroken("too_slow") from error


class Media:
    """Finds the file of a message and opens it."""

    def __init__(
        self,
        index: Index,
        sources: Mapping[str, Source],
        *,
        max_bytes: int,
        at_once: int = AT_ONCE,
        seconds: float = SECONDS,
    ) -> None:
        self._index = index
        self._sources = sources
        self._max_bytes = max_bytes
        self._free = at_once
        self._seconds = seconds

    async def open(self, message_id: str) -> Download:
        """Return the file of a message, on its way.

        Raises:
            NotFound: there is no such message, or it has no file.
            FileGone: the provider does not have it any more.
            FileRefused: it lies where nothing is fetched.
            MediaBusy: too many others are on their way.
            MediaTooLarge: it is too large.
            ProviderUnavailable: the provider does not answer.
            StoreUnavailable: the database does not answer.
        """
        known = await self._index.find(message_id)
        source = self._sources.get(known.account) if known else None
        if known is None or known.media is None or source is None:
            raise NotFound("No file is known of a message with this id.")
        try:
            return await self._open(known, source)
        except (FileGone, FileRefused, MediaBusy, MediaTooLarge, ProviderUnavailable) as error:
            outcome = "unavailable" if isinstance(error, ProviderUnavailable) else error.code[len("media_") :]
            MEDIA_FETCHED.labels(source.channel, outcome).inc()
            log.warning("gateway.media_refused", message_id=message_id, code=error.code)
            raise

    async def _open(self, known: Known, source: Source) -> Download:
        if self._free <= 0:
            raise MediaBusy("Too many files are on their way; ask again in a moment.")
        deadline = asyncio.get_running_loop().time() + self._seconds
        async with contextlib.AsyncExitStack() as stack:
            self._free -= 1
            stack.callback(self._give_back)
            try:
                async with asyncio.timeout_at(deadline):
                    incoming = await source.files.open(known)
            except TimeoutError as error:
                raise ProviderUnavailable("The provider took too long to hand out a file.") from error
            stack.push_async_callback(incoming.aclose)
            if incoming.headers.get("content-encoding", "identity") != "identity":
                raise FileRefused("The provider packed the file although it was asked not to.")
            download = Download(known, source.channel, incoming, Limits(self._max_bytes, deadline))
            if download.length is not None and download.length > self._max_bytes:
                raise MediaTooLarge(f"The file is larger than {self._max_bytes} bytes.")
            download.release = stack.pop_all()
        return download

    def _give_back(self) -> None:
        self._free += 1
