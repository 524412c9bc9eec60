from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from services.simulator.domain.changes import Changes
from shared.errors import ChaupalError, StoreUnavailable
from shared.observability.logs import get_logger

log = get_logger(__name__)

RETRY_SECONDS = 0.5


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
        self._stopping = False

    async def keep(self, changes: Changes) -> None:
        """Return once `changes` are written; while the database is away, that is when it comes back."""
        # One caller that goes away must not take the others' future with it.
        await asyncio.shield(self.note(changes))

    def note(self, changes: Changes) -> asyncio.Future[None]:
        """Put `changes` into the next write and return a future for its end."""
        self._page.add(changes)
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
            # Not everybody waits for it, and an error that nobody asked for is in the log already.
            self._written.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._wake.set()
        return self._written

    async def run(self) -> None:
        """Write until stopped, and then what is left."""
        while not self._stopping or self._page:
            await self._wake.wait()
            self._wake.clear()
            page, written = self._page, self._written
            self._page, self._written = Changes(), None
            if written is not None:
                await self._settle(page, written)

    def stop(self) -> None:
        """Ask `run` to finish."""
        self._stopping = True
        self._wake.set()

    async def _settle(self, page: Changes, written: asyncio.Future[None]) -> None:
        try:
            await self._until_written(page)
        except ChaupalError as error:
            log.error("simulator.journal.lost", reason=error.code)  # noqa: TRY400 - a trace would hold the texts
            written.set_exception(error)
        else:
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
