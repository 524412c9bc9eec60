from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from services.simulator.domain.changes import Changes
from shared.errors import ChaupalError, StoreUnavailable
from shared.observability.logs import get_logger

log = get_logger(__name__)

RETRY_SECONDS = 0.5

SOON_SECONDS = 0.05
"""How long news that nobody waits for may stay unwritten, so that it does not make others wait."""


class Journal:
    """Writes down what happens: whatever arrives while one write is under way goes out together in the next.

    Nothing is announced before it is written, so that a crash never takes back what others have seen.
    """

    name = "simulator.journal"

    def __init__(self, write: Callable[[Changes], Awaitable[None]]) -> None:
        self._write = write
        self._page = Changes()
        self._written: asyncio.Future[None] | None = None
        self._wake = asyncio.Event()
        self._soon: asyncio.TimerHandle | None = None
        self._stopping = False

    async def keep(self, changes: Changes) -> None:
        """Return once `changes` are written; while the database is away, that is when it comes back."""
        self._page.add(changes)
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
            # The callers may all have gone away by then, and the error is in the log already.
            self._written.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._wake.set()
        # One caller that goes away must not take the others' future with it.
        await asyncio.shield(self._written)

    def note(self, changes: Changes) -> None:
        """Write `changes` soon; a crash before that only makes WhatsApp repeat itself."""
        self._page.add(changes)
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SOON_SECONDS, self._wake.set)

    async def run(self) -> None:
        """Write until stopped, and then what is left."""
        while not self._stopping or self._page:
            await self._wake.wait()
            self._wake.clear()
            page, written = self._page, self._written
            self._page, self._written = Changes(), None
            if self._soon is not None:
                self._soon.cancel()
                self._soon = None
            await self._settle(page, written)

    def stop(self) -> None:
        """Ask `run` to finish."""
        self._stopping = True
        self._wake.set()

    async def _settle(self, page: Changes, written: asyncio.Future[None] | None) -> None:
        try:
            if page:
                await self._until_written(page)
        except ChaupalError as error:
            log.error("simulator.journal.lost", reason=error.code)  # noqa: TRY400 - a trace would hold the texts
            if written is not None:
                written.set_exception(error)
        else:
            if written is not None:
                written.set_result(None)

    async def _until_written(self, page: Changes) -> None:
        while True:
            try:
                return await self._write(page)
            except StoreUnavailable:
                if self._stopping:
                    raise
                log.warning("simulator.journal.waiting", seconds=RETRY_SECONDS)
                await asyncio.sleep(RETRY_SECONDS)
